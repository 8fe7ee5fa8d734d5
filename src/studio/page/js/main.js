// main.js -- the page: choices, requests, and what is shown.

import * as api from './api.js';
import { Axes, axisOf } from './axes.js';
import { Inputs, titleOf } from './inputs.js';
import { canSteer, canSteerMasks, choices, hasAxes, hasSize, hasStrength, hasTime, isDream, isVideo, isVideoFile, isLearned as isLearnedKind, isSetRole, isSheet, isVae, maskNames, tabOf, tabs } from './kinds.js';
import { Latent } from './latent.js';
import { isNetworkFile, Models } from './models.js';
import { commandLine, differences, renamed } from './recipes.js';
import { Run } from './run.js';
import { plain, Settings } from './settings.js';
import { Strip } from './strip.js';
import { duration, make, setLanguage, t, usualLanguage } from './text.js';
import { Viewer } from './viewer.js';

const $ = (id) => document.getElementById(id);
const store = {
  get: (key, usual) => { try { return JSON.parse(localStorage.getItem('reverie.' + key)) ?? usual; } catch { return usual; } },
  set: (key, value) => { try { localStorage.setItem('reverie.' + key, JSON.stringify(value)); } catch { /* no storage */ } },
};

const isLearned = (kind) => isLearnedKind(kind, state.values[kind]);
const SHEET_COLUMNS = 4; // sheets of learned styles have no axes
const LARGEST = 4096; // px, of "Again, larger"
const MOST_INPUTS = 64; // largest number in a recipe, which is untrusted
/** Kind of the job that a recipe describes, from its command, such as "explore style". */
const kindOf = ({ command, settings: given }, type) => (type === 'video' ? `${command}-video`
  : command.startsWith('vae') ? 'vae-picture'
  : given?.learned || given?.with ? (command === 'style' ? 'style-learned' : 'explore-learned') : command.replace(' ', '-').replace('explore-with', 'explore-learned'));
/** Whether this page can make the picture again. */
const isKnown = (recipe, type) => Boolean(recipe && state.tables[kindOf(recipe, type)] && tabOf(kindOf(recipe, type)));

// Settings of style transfer that style networks use as well.
const inOnePass = ['strength', 'keep-colors', 'threads'];

function tablesOf(kind) {
  if (!hasSize(kind)) return state.tables[kind].slice(0, -1); // the last table is for pictures
  if (!isLearned(kind)) return state.tables[kind];
  return state.tables[kind].map((table, k) => ({ ...table, presets: k > 0 ? table.presets : [],
    options: table.options.filter((o) => (k > 0 ? o.name !== 'network' : inOnePass.includes(o.name))) }));
}

/** Style names from "builtin:hokusai-wave:1,munch-scream". */
const namesOf = (text) => (text ?? '').split(',').filter(Boolean).map((item) => item.replace(/^builtin:/, '').replace(/:[\d.]+$/, ''));

const state = { kind: 'style', last: {}, values: {}, tables: {}, networks: [], jobs: [], open: null, away: false };

// ---- messages -------------------------------------------------------------------------------------------------------

const labels = { size: 'size', strength: 'strength', time: 'time', look: 'look', across: 'across-values', down: 'down-values' };

function problem(sentence, option) {
  clearProblem();
  const axis = hasAxes(state.kind) && ['across', 'down'].find((one) => axisOf(settings.value(one)).name === option);
  const places = axis ? [$(axis + '-values')]
    // an error may name several options: the first one on the page is marked
    : (option ?? '').split(',').map((name) => $(labels[name] ?? (name.startsWith('file-') ? name : 'set-' + name)));
  const at = places.find((place) => place && !place.disabled && !place.closest('[hidden]'));
  if (at) {
    if ($('more').contains(at)) $('more').open = true;
    at.setAttribute('aria-invalid', 'true');
    at.closest('.field, .setting, .slot').append(make('p', { class: 'problem', role: 'alert' }, sentence));
    at.focus();
    at.scrollIntoView({ block: 'center' });
    return;
  }
  $('problem').textContent = sentence;
  $('problem').hidden = false;
}

function clearProblem() {
  $('problem').hidden = true;
  for (const p of document.querySelectorAll('.field > .problem, .setting > .problem, .slot > [role=alert]')) p.remove();
  for (const e of document.querySelectorAll('[aria-invalid]')) e.removeAttribute('aria-invalid');
}

function notice(sentence, ...actions) {
  $('notice').hidden = !sentence;
  $('notice').replaceChildren(sentence ?? '', ...actions);
  state.away = false;
}

/** Shows or hides the message that the studio does not answer. */
function away(gone) {
  if (gone === state.away) return;
  notice(gone ? t('away') : null);
  state.away = gone;
}

/** Wraps a function: refusals of the studio are shown above the page. */
function safely(func) {
  return async (...args) => {
    try {
      await func(...args);
      away(false);
    } catch (refusal) {
      if (!(refusal instanceof api.Refusal)) throw refusal;
      if (refusal.status) notice(refusal.message);
      else away(true);
    }
  };
}

// ---- choices --------------------------------------------------------------------------------------------------------

const viewer = new Viewer($('viewer'));
const inputs = new Inputs($('inputs'), { changed: inputsChanged, problem, arrived, chooseStyle, wanted: showSlot,
  begins: () => secondsOf(values().from), masksChanged: (slot) => steerMasks(slot), follows: () => takesMasks() });
const settings = new Settings($('settings'), { changed: () => { showChanged(); keep(); }, touched: (name) => steer(name) });
const axes = new Axes($('axes'));
const models = new Models($('models'), { changed: setNetworks, most: () => inputs.most.video });
const latent = new Latent($('latent'), { problem, kept: safely(async (picture) => {
  $('said').textContent = t('latent-kept');
  await refreshPictures();
  strip.mark(picture.id);
}) });
const strip = new Strip($('strip'), $('strip-empty'), { open: safely(openPicture) });
const run = new Run($('run'), { viewer, steering, branched: safely(branched), rewound, shown: showJob,
  changed: safely(refreshJobs), done: safely(ended), problem, away,
  width: () => Math.min(2048, Math.round(Math.max($('viewer').clientWidth, 320) * Math.min(devicePixelRatio || 1, 2))) });

/** Also forgets the choice of networks that do not exist any more. */
function setNetworks(networks) {
  state.networks = networks;
  for (const given of Object.values(state.values)) if (given.network && !networks.some((n) => n.name === given.network)) delete given.network;
}

/** Seconds of "1:02.5"; 0 for other text. */
const secondsOf = (text) => (text ?? '').split(':').reduce((sum, part) => 60 * sum + Number(part), 0) || 0;

const values = () => state.values[state.kind];

function inputsChanged() {
  keep();
  if (state.kind === 'vae-picture') showStage();
}

function keep() {
  store.set('values', state.values);
  store.set('chosen', inputs.chosen);
  store.set('kind', state.kind);
  clearProblem();
}

const isExact = () => Boolean(values().height || values().width);

function showChanged() {
  const n = settings.names().length;
  $('changed').hidden = n === 0;
  $('changed').textContent = t('changed', { n });
  $('size').disabled = isExact();
}

/** Marks the tab and shows its panel. */
function markTab(name) {
  $('panel').hidden = name === 'models';
  $('models').hidden = name !== 'models';
  for (const tab of document.querySelectorAll('[role=tab]')) {
    const on = tab.dataset.tab === name;
    tab.setAttribute('aria-selected', on);
    tab.tabIndex = on ? 0 : -1;
    if (on) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' }); // a narrow screen does not show all tabs
    if (on && name !== 'models') $('panel').setAttribute('aria-labelledby', tab.id);
  }
}

function showTab(name) {
  if (!state.away) notice(null); // a notice may be from another tab
  $('panel').scrollTop = 0;
  if (name === 'models') {
    markTab(name);
    models.show();
  } else {
    showKind(state.last[name] ?? tabs[name][0]);
    keep();
  }
  showStage();
}

/** Shows a tab with that slot: the current one, if it has it. */
function showSlot(slot) {
  if (!inputs.slots().includes(slot)) showTab(slot === 'video' ? 'video' : 'style');
  else if ($('panel').hidden) showTab(tabOf(state.kind));
}

/** Shows the introduction of the current tab. */
const hello = () => viewer.hello($('panel').hidden ? 'models' : tabOf(state.kind));

/** Shows the map of the chosen model, or a picture, or the introduction. */
function showStage() {
  const model = state.kind === 'vae-picture' && !$('panel').hidden && !run.watched && !state.open && inputs.chosen.model[0];
  $('latent').hidden = !model;
  $('viewer').hidden = Boolean(model);
  if (model) latent.show(model);
  else if (!viewer.after) hello();
}

/** Shows the choice between the kinds of a tab. */
function showChoices(kind) {
  const of = choices[tabOf(kind)];
  $('of-field').hidden = !of;
  if (!of || $('of-field').querySelector(`[value=${kind}]:checked`)?.dataset.language === document.documentElement.lang) return;
  $('of-field').replaceChildren(make('legend', { class: 'visually-hidden' }, t('explore-what')),
    ...Object.entries(of).map(([value, key]) => make('label', {},
      make('input', { type: 'radio', name: 'of', value, checked: value === kind, 'data-language': document.documentElement.lang }),
      ' ', make('span', {}, t(key)))));
}

function showKind(kind) {
  state.kind = kind;
  state.last[tabOf(kind)] = kind;
  markTab(tabOf(kind));
  state.values[kind] ??= kind === 'explore-learned' ? { learned: 'all' } : {};
  inputs.show(kind, ['style-learned', 'style-video'].includes(kind) ? namesOf(values().learned) : []);
  settings.show(tablesOf(kind), state.networks, values(), { shown: kind === 'vae-train' ? ['size'] : [], steers: canSteer(kind) });
  showChoices(kind);
  $('about').hidden = !['learn', 'vae-train', 'vae-picture'].includes(kind);
  $('about').textContent = $('about').hidden ? '' : t('about-' + kind);
  $('axes').hidden = !hasAxes(kind);
  $('size-field').hidden = !hasSize(kind);
  $('time-field').hidden = !hasTime(kind);
  $('size-and-time').hidden = !hasSize(kind) && !hasTime(kind);
  if (hasAxes(kind)) axes.show(settings);
  showValues();
}

/** Selects a value; adds it if the page lacks it, because recipes may have other values. */
function setChoice(select, value, text) {
  if (![...select.options].some((o) => o.value === value)) select.append(make('option', { value }, text));
  select.value = value;
}

function showValues() {
  $('strength').value = settings.value('strength');
  $('strength-value').textContent = $('strength').value;
  $('strength-field').querySelector('.scale').lastChild.textContent = t(isDream(state.kind) ? 'strength-deep' : 'strength-high');
  const size = String(values().size ?? 512), time = values().time ?? '';
  setChoice($('size'), size, `${size} px`);
  setChoice($('time'), time, time);
  const look = settings.options.find((o) => o.name === 'look');
  $('look-field').hidden = !look || isSheet(state.kind);
  $('strength-field').hidden = !hasStrength(state.kind);
  $('size-label').textContent = t(isSheet(state.kind) ? 'size-picked' : 'size');
  if (look) $('look').replaceChildren(...look.choices.map((name) =>
    make('option', { value: name, selected: name === settings.value('look') }, name.replaceAll('-', ' '))));
  $('steer-hint').hidden = run.watched?.state !== 'running' || !canSteer(state.kind);
  $('go-text').textContent = t(isSheet(state.kind) ? 'go-sheet' : isDream(state.kind) ? 'go-dream' : isVideo(state.kind) ? 'go-video'
    : hasSize(state.kind) ? 'go' : 'go-' + state.kind);
  showChanged();
}

/** Chooses a learned style instead of paintings; null: returns to paintings. Size and strength stay. */
function chooseStyle(name) {
  if (state.kind === 'style-video') {
    if (name) values().learned = name;
    else delete values().learned;
    showKind(state.kind);
    keep();
    return;
  }
  const { size, strength } = values(), kind = name ? 'style-learned' : 'style';
  state.values[kind] = { ...state.values[kind], ...(size && { size }), ...(strength !== undefined && { strength }), ...(name && { learned: name }) };
  showKind(kind);
  keep();
}

/** The job to request. Height and width replace the size; sheets have neither. */
async function asked() {
  const { size = 512, ...others } = values();
  if (!hasSize(state.kind)) return { kind: state.kind, inputs: await inputs.ids(), settings: { ...named(), ...values() } };
  const ids = await inputs.ids();
  if (isSheet(state.kind)) {
    delete others.height;
    delete others.width;
  }
  if (state.kind === 'explore-learned' && others.learned === 'all' && inputs.styles.some((s) => s.painter)) { // with the user's own styles
    const names = inputs.styles.map((s) => s.name);
    others.learned = names.join(',');
    ids.painter = inputs.styleNetsOf(names);
  }
  return { kind: state.kind, inputs: ids,
    settings: isExact() || isSheet(state.kind) ? others : { size, ...others } };
}

/** Settings that name a new style after its painting, unless the user names it. Several paintings make one style. */
function named() {
  const [painting, ...others] = state.kind === 'learn' ? inputs.chosen.painting : [];
  if (!painting) return {};
  const name = titleOf(painting).replace(/\.\w+$/, '').toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40);
  return { ...(others.length && { 'as-one': true }), ...(values()['as-one'] !== false && { name: /[a-z]/.test(name) ? name : 'style' }) };
}

// ---- sheets ---------------------------------------------------------------------------------------------------------

/** Cells of a sheet for the viewer, and the action for a click on one; null: no sheet. */
function sheetOf({ kind, inputs: of, settings: given }) {
  if (!isSheet(kind)) return null;
  const sheet = { kind, inputs: of, settings: given };
  if (kind === 'explore-learned') return learnedSheet(sheet);
  const usual = (name) => state.tables[kind].flatMap((table) => table.options).find((o) => o.name === name).default;
  const [across, down] = ['across', 'down'].map((name) => axisOf(given[name] ?? usual(name)));
  return { columns: across.values.length, pick: safely((cell) => pick(cell, { ...sheet, cell })),
    cells: down.values.flatMap((low, row) => across.values.map((high, column) =>
      ({ name: `${row + 1}${String.fromCharCode(97 + column)}`, about: `${across.name} ${high}, ${down.name} ${low}` }))) };
}

/** A sheet with one cell for each style. */
function learnedSheet({ inputs: of, settings: { learned: wanted, cell, ...given } }) {
  const names = wanted === 'all' ? inputs.styles.filter((s) => !s.painter).map((s) => s.name) : namesOf(wanted);
  return { columns: Math.min(names.length, SHEET_COLUMNS),
    cells: names.map((name) => ({ name, about: inputs.titleOfStyle(name) })),
    pick: safely((name) => pick(inputs.titleOfStyle(name), { kind: 'style-learned', settings: { ...given, learned: name },
      inputs: { ...of, painter: inputs.styleNetsOf([name]) } }, 'explore-learned')) };
}

/** Requests the picture of a cell at full size. kind: kind of job whose settings have the size. */
async function pick(name, asked, kind = asked.kind) {
  const { size = 512, height, width } = state.values[kind] ?? {};
  const large = height || width ? { ...(height && { height }), ...(width && { width }) } : { size };
  const job = await api.post('jobs', { ...asked, settings: { ...asked.settings, ...large } });
  if (!run.job || run.job.state === 'paused') follow(job);
  else $('said').textContent = t('picked', { cell: name });
  await refreshJobs();
}

/** Whether a dialog covers the page. */
const isCovered = () => document.querySelector('dialog[open]');

async function go() {
  if ($('go').disabled || $('panel').hidden || isCovered()) return;
  clearProblem();
  const missing = inputs.missing();
  if (missing) {
    problem(t(missing.key), 'file-' + missing.slot);
    return;
  }
  $('go').disabled = true;
  try {
    const job = await api.post('jobs', await asked());
    if (!run.job || run.job.state === 'paused') follow(job);
    await refreshJobs();
    showStage();
    if (matchMedia('(max-width: 900px)').matches) $('stage').scrollIntoView({ behavior: 'smooth' });
  } catch (refusal) {
    const names = refusal.status === 404 ? await inputs.gone() : [];
    problem(names.length ? t('missing', { names: names.join(', ') }) : refusal.message, refusal.option);
  }
  $('go').disabled = false;
}

// ---- recipes --------------------------------------------------------------------------------------------------------

/** The recipe of a picture, or null. */
const recipeOf = (picture) => api.get(`pictures/${picture.id}/recipe`).catch(() => null);

async function arrived(picture) {
  const recipe = await recipeOf(picture);
  if (!isKnown(recipe, picture.type)) return;
  notice(t('made-here') + ' ', make('button', { type: 'button', onclick: safely(() => { notice(null); return restore(picture, recipe); }) },
    t('restore')));
}

/** Inputs of a recipe that still exist, [{role, picture}], and names of missing inputs. `type`: of the result; a GIF can
 * be a picture and a video, and the content of a video is a video. */
async function findInputs(recipe, type) {
  const all = await Promise.all([recipe.inputs].flat().filter((i) => i instanceof Object).slice(0, MOST_INPUTS).map(async (input) => {
    const same = input.sha256 ? (await api.get(`pictures?sha256=${input.sha256}`)).pictures : [];
    return { ...input, picture: (input.role === 'content' && same.find((p) => p.type === type)) || same[0] || null };
  }));
  return { found: all.filter((i) => i.picture), missing: all.filter((i) => !i.picture).map((i) => i.file ?? i.role) };
}

/** Settings of a recipe that exist for its kind of job, by their current names, as texts. */
function settingsOf(recipe, type) {
  const names = state.tables[kindOf(recipe, type)].flatMap((table) => table.options.map((o) => o.name));
  return Object.fromEntries(Object.entries(recipe.settings ?? {}).filter(([, value]) => typeof value !== 'object')
    .map(([name, value]) => [names.includes(name) ? name : renamed[name], plain(value)]).filter(([name]) => names.includes(name)));
}

/** Restores the settings of a recipe, and the inputs that still exist. */
async function restore(picture, recipe) {
  const kind = kindOf(recipe, picture.type), given = settingsOf(recipe, picture.type);
  state.values[kind] = { ...(given.preset && { preset: given.preset }), ...(given.learned && { learned: given.learned }) };
  showKind(kind);
  for (const [name, value] of Object.entries(given)) settings.set(name, value);
  const { found, missing } = await findInputs(recipe, picture.type), chosen = {};
  const styleNets = inputs.styleNetsOf(namesOf(given.learned)); // found by style names
  for (const { role, picture: input } of found) {
    const slot = inputs.roles[role];
    if (slot) (chosen[slot] ??= []).push(input);
    else if (!inputs.isMask(role)) missing.push(titleOf(input));
  }
  if (styleNets.length) missing.splice(0, missing.length, ...missing.filter((name) => !styleNets.includes(name)));
  const { sha256, file } = recipe.network ?? {}, network = sha256 && state.networks.find((n) => n.facts?.sha256 === sha256);
  if (network) settings.set('network', network.name);
  else if (file) missing.push('network');
  inputs.set(chosen);
  inputs.setMasks(found);
  const longest = Math.max(recipe.width ?? 0, recipe.height ?? 0);
  if (longest && !isSheet(kind)) settings.set('size', longest);
  settings.render();
  if (hasAxes(kind)) axes.show(settings);
  showValues();
  notice(missing.length ? t('missing', { names: [...new Set(missing)].join(', ') }) : t('restored', { title: titleOf(picture) }));
}

/** Address of a picture in the folder, or of a video, for the page. */
const shownOf = ({ id, title, time }) =>
  (api.isForeign(title) ? api.frameOf(id, LARGEST) + '&' : api.fileOf(id) + '?') + 'v=' + time;

/** Opens a picture. shown: address of the last preview of a model that was just trained; default: the thumbnail. */
async function openPicture(picture, shown = picture.id === state.open?.id ? state.shown : picture.thumb) {
  run.hide();
  state.open = picture;
  state.shown = shown;
  showStage();
  $('steer-hint').hidden = true;
  safely(refreshJobs)();
  strip.mark(picture.id);
  const full = await api.get(`pictures/${picture.id}`).catch(() => picture);
  if (state.open?.id !== picture.id) return; // another picture was opened, or this picture was deleted
  const recipe = await recipeOf(picture);
  if (state.open?.id !== picture.id) return;
  const known = isKnown(recipe, picture.type), plays = picture.type === 'video';
  const { found } = recipe ? await findInputs(recipe, picture.type).catch(() => ({ found: [] })) : { found: [] };
  if (state.open?.id !== picture.id) return;
  const before = found.find((i) => ['content', 'picture'].includes(i.role))?.picture;
  const of = {};
  for (const { role, picture: input } of found) (of[role] ??= []).push(input.id);
  const sheet = known && sheetOf({ kind: kindOf(recipe, picture.type), inputs: of, settings: settingsOf(recipe, picture.type) });
  const length = full.seconds ? ` · ${duration(full.seconds)}` : '';
  viewer.describe({ alt: picture.title, before: before && !sheet && !plays && api.frameOf(before.id, Math.min(Math.max(full.width, full.height), LARGEST)), sheet,
    caption: `${sheet ? t('sheet-how') + ' ' : ''}${picture.title}${full.width ? ` · ${full.width} × ${full.height}` : ''}${length}`,
    actions: picture.type === 'model' ? modelActions(picture) : pictureActions(picture, recipe, found) });
  if (!recipe && picture.type !== 'model') viewer.more.replaceChildren(make('p', { class: 'help' }, t('no-recipe')));
  if (plays) viewer.play(shownOf(picture), picture.thumb);
  else viewer.show(picture.type === 'model' ? shown : shownOf(picture));
  $('stage').scrollIntoView({ block: 'nearest' });
}

/** Select for the picture to compare with: the photograph, or another created picture. */
function compareWith(picture, recipe) {
  const others = picture.type === 'picture' ? strip.pictures.filter((p) => p.id !== picture.id && p.type === 'picture') : [];
  return others.length === 0 ? null : make('select', { 'aria-label': t('compare-with'),
    onchange: safely((e) => holdAgainst(picture, recipe, others.find((p) => p.id === e.target.value))) },
    make('option', { value: '' }, t('compare-with')), ...others.map((p) => make('option', { value: p.id }, p.title)));
}

async function holdAgainst(picture, recipe, other) {
  if (!other) {
    await openPicture(picture);
    return;
  }
  const theirs = await recipeOf(other);
  if (state.open?.id !== picture.id) return;
  const list = recipe && theirs ? differences(theirs, recipe) : [];
  viewer.setOther(shownOf(other), make('p', { class: 'help' }, t('compared', { left: other.title, right: picture.title })),
    make('ul', {}, ...list.map(([name, left, right]) => make('li', {}, make('b', {}, name.replaceAll('-', ' ')), ` ${left} | ${right}`))));
}

/** Shows a command line, and copies it if the browser has a clipboard. */
async function copyCommand(line) {
  const status = make('p', { class: 'help', role: 'status' });
  viewer.more.replaceChildren(status, make('code', {}, line));
  let copied = true;
  try { await navigator.clipboard.writeText(line); } catch { copied = false; }
  status.textContent = t(copied ? 'copied' : 'copy-it');
}

function pictureActions(picture, recipe, found) {
  const button = (key, onclick, attributes = {}) => make('button', { type: 'button', onclick, ...attributes }, t(key));
  const actions = [downloadLink(picture)], { type } = picture;
  const known = isKnown(recipe, type);
  if (known) actions.push(button('restore', safely(() => restore(picture, recipe)), { 'data-does': 'restore' }));
  const longest = Math.max(recipe?.width ?? 512, recipe?.height ?? 512), larger = Math.min(2 * longest, LARGEST);
  if (known && type === 'picture' && !isSheet(kindOf(recipe)) && hasSize(kindOf(recipe)) && larger > longest) {
    actions.push(button('larger', safely(async () => {
      await restore(picture, recipe);
      settings.set('size', larger);
      for (const side of ['height', 'width'])
        if (values()[side]) settings.set(side, Math.round(values()[side] * larger / longest));
      settings.render();
      showValues();
      go();
    })));
  }
  if (known && !isVae(kindOf(recipe, type))) actions.push(button('command', () => copyCommand(commandLine(recipe, settingsOf(recipe, type),
    { tables: state.tables[kindOf(recipe, type)], out: type === 'video' ? 'video.mp4' : 'picture.png', networks: state.networks, found, titleOf })), { 'data-does': 'command' }));
  actions.push(compareWith(picture, recipe) ?? '');
  for (const slot of type === 'video' ? ['video'] : ['photo', 'painting'])
    actions.push(button('use-' + slot, () => { showSlot(slot); inputs.put(slot, picture); }, { 'data-does': 'use-' + slot }));
  actions.push(deleteButton(picture));
  return actions;
}

const downloadLink = (picture) => make('a', { class: 'button primary', href: api.fileOf(picture.id) + '?download=1&v=' + picture.time, download: picture.title },
  t('download'));

const deleteButton = (picture) => make('button', { type: 'button', class: 'quiet-button', onclick: safely(async () => {
  if (!confirm(t('delete-sure'))) return;
  await api.remove(`pictures/${picture.id}`);
  state.open = null;
  hello();
  await refreshPictures();
  if (picture.type === 'model') await refreshModels();
  showKind(state.kind);
  showStage();
}) }, t('delete'));

/** Actions for a model. */
function modelActions(picture) {
  const actions = [downloadLink(picture)], style = inputs.styles.find((s) => s.painter === picture.id);
  if (style) actions.unshift(make('button', { type: 'button', class: 'primary', 'data-does': 'paint-with', onclick: () => {
    if (!['style', 'video'].includes(tabOf(state.kind)) || $('panel').hidden) showTab('style');
    chooseStyle(style.name);
  } }, t('paint-with')));
  const vae = inputs.models.find((m) => m.id === picture.id);
  if (vae) actions.unshift(make('button', { type: 'button', class: 'primary', 'data-does': 'look-around', onclick: () => lookAround(vae) },
    t('look-around')));
  actions.push(deleteButton(picture));
  return actions;
}

function lookAround(vae) {
  inputs.chosen.model = [vae];
  state.open = null;
  strip.mark(null);
  showKind('vae-picture');
  keep();
  showStage();
}

// ---- jobs -----------------------------------------------------------------------------------------------------------

function showJob(job) {
  const photo = hasSize(job.kind) && !isVideo(job.kind) && [job.request.inputs.content ?? job.request.inputs.picture].flat()[0];
  const sheet = job.preview ? sheetOf(job.request) : null;
  viewer.describe({ alt: t('picture'), before: photo && !isSheet(job.kind) && api.frameOf(photo, run.width()),
    caption: sheet ? t('sheet-how') : '', actions: [], sheet });
}

function follow(job) {
  $('steer-hint').hidden = !canSteer(state.kind);
  state.open = null;
  strip.mark(null);
  run.follow(job);
  showStage();
  if (run.job && !job.preview) showWaiting(job);
}

/** Shows an input until there is a preview. */
function showWaiting(job) {
  const [role, ids] = Object.entries(job.request.inputs ?? {}).find(([name]) => name !== 'painter') ?? [];
  const id = [ids].flat()[0];
  if (!id) return;
  showJob(job);
  viewer.show(isVideo(job.kind) || !hasSize(job.kind) ? api.thumbOf(id, isSetRole(role)) : api.frameOf(id, run.width()));
}

/** Sends a changed setting to the running job, if it is of this kind. */
function steer(name) {
  if (run.watched?.state !== 'running' || run.past !== null || run.job.kind !== state.kind || !canSteer(state.kind)) return;
  run.steer({ option: name, value: settings.value(name) });
  $('said').textContent = t('steered');
}

/** Whether the masks on the page belong to the job. */
const hasMasks = (job) => job.kind === state.kind && canSteerMasks(job.kind) && inputs.isAskedFor(job.request);

/** Whether a running job can take other masks. */
function takesMasks() {
  const job = run.watched;
  return Boolean(job) && job.state === 'running' && run.past === null && hasMasks(job);
}

async function steerMasks(slot) {
  if (!takesMasks()) return;
  const { job } = run, ids = await inputs.maskIds(slot).catch((refusal) => problem(refusal.message));
  if (!ids || run.job !== job || !await run.steer({ [inputs.masks[slot].role]: ids })) return;
  const said = t('mask-steered');
  $('said').textContent = t('steered');
  notice(said);
  setTimeout(() => { if ($('notice').textContent === said) notice(null); }, 8000);
}

/** Changes for a branch: strength and masks that differ from the job's. */
async function steering(job) {
  const value = Number($('strength').value), changes = {};
  if (job.kind === state.kind && !$('strength-field').hidden && !$('strength').disabled && value !== Number(job.request.settings?.strength ?? settings.usual('strength')))
    Object.assign(changes, { option: 'strength', value });
  for (const [slot, { role }] of hasMasks(job) ? Object.entries(inputs.masks) : []) {
    const now = await inputs.maskIds(slot), asked = [job.request.inputs[role] ?? []].flat();
    if (now.join() !== asked.join()) changes[role] = now;
  }
  return changes;
}

function rewound(past) {
  $('steer-hint').textContent = t(past ? 'branch-hint' : 'steer-hint');
  $('steer-hint').hidden = !past && run.watched?.state !== 'running';
}

async function branched(job) {
  follow(job);
  await refreshJobs();
  $('said').textContent = t('branched');
}

async function ended(job) {
  $('steer-hint').hidden = true;
  if (job.state === 'done') $('said').textContent = t('said-done');
  await refreshPictures();
  await refreshJobs();
  if (job.state === 'done' && ['learn', 'vae-train'].includes(job.kind)) await learnedMore();
  if (run.job) return;
  const next = nextJob(), made = strip.pictures.find((p) => p.id === job.result);
  if (next && state.open) run.follow(next, true); // the open picture stays
  else if (next) follow(next);
  else if (made && !state.open) await openPicture(made, job.preview && made.type === 'model' ? api.previewOf(job.id, job.preview, run.width()) : undefined);
  else if (!state.open) {
    hello();
    showStage();
  }
  await refreshJobs();
}

/** Shows a new style or model in the forms. */
async function learnedMore() {
  await refreshModels();
  const { activeElement: focus } = document;
  if (!$('panel').hidden && ['style', 'style-learned', 'style-video', 'explore-learned', 'vae-picture'].includes(state.kind) &&
    !$('panel').contains(focus)) showKind(state.kind);
}

async function refreshModels() {
  [inputs.styles, inputs.models] = [(await api.get('styles')).styles,
    (await api.get('models')).models.filter((m) => m.model === 'vae')];
}

const nextJob = () => state.jobs.find((j) => ['running', 'pausing'].includes(j.state)) ?? state.jobs.find((j) => j.state === 'waiting');

async function refreshJobs() {
  state.jobs = (await api.get('jobs')).jobs;
  const waiting = state.jobs.filter((j) => ['waiting', 'paused', 'running', 'pausing'].includes(j.state) && j.id !== run.watched?.id);
  const dismissed = store.get('dismissed', []), failed = state.jobs.filter((j) => j.state === 'failed' && !dismissed.includes(j.id));
  $('queue').hidden = waiting.length + failed.length === 0;
  $('queue').replaceChildren(...waiting.map((job, k) => make('li', {},
    make('button', { type: 'button', class: 'name', onclick: safely(async () => { follow(await api.get(`jobs/${job.id}`)); await refreshJobs(); }) },
      ...thumbsOf(job), make('span', {}, t(job.state))),
    job.state === 'waiting' && k > 0
      ? make('button', { type: 'button', onclick: safely(async () => { await api.post(`jobs/${job.id}/move`, { to: 0 }); await refreshJobs(); }) }, t('move-up')) : null,
    job.state === 'paused'
      ? make('button', { type: 'button', onclick: safely(async () => { follow(await api.post(`jobs/${job.id}/resume`)); await refreshJobs(); }) }, t('resume')) : null,
    make('button', { type: 'button', 'aria-label': t('cancel'), class: 'take',
      onclick: safely(() => api.post(`jobs/${job.id}/cancel`).finally(refreshJobs)) }, '×'))),
    ...failed.map((job) => make('li', {}, ...thumbsOf(job), make('span', { class: 'problem' }, `${t('failed')}: ${job.error}`),
      make('button', { type: 'button', 'aria-label': t('dismiss'), class: 'take', onclick: safely(() => {
        store.set('dismissed', [...dismissed, job.id].slice(-100)); // as many as the studio keeps
        return refreshJobs();
      }) }, '×'))));
}

const thumbsOf = (job) => Object.entries(job.request.inputs ?? {}).filter(([role]) => role !== 'painter')
  .flatMap(([role, ids]) => [ids].flat().map((id) => api.thumbOf(id, isSetRole(role)))).slice(0, 3)
  .map((src) => make('img', { src, alt: '', onerror: (e) => e.target.remove() }));

async function refreshPictures() {
  const { pictures } = await api.get('pictures');
  strip.set(pictures.filter((p) => p.kind === 'made'));
  inputs.examples = pictures.filter((p) => p.kind === 'example');
  return pictures;
}

// ---- page -----------------------------------------------------------------------------------------------------------

function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  run.curves.draw();
}

function listen() {
  $('panel').addEventListener('submit', (e) => { e.preventDefault(); go(); });
  addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey)) return;
    e.preventDefault();
    if (!e.repeat) go();
  });
  $('strength').addEventListener('input', (e) => {
    $('strength-value').textContent = e.target.value;
    settings.set('strength', Number(e.target.value));
  });
  $('strength').addEventListener('change', () => steer('strength'));
  $('of-field').addEventListener('change', (e) => {
    showKind(e.target.value);
    keep();
    showStage();
  });
  $('size').addEventListener('change', (e) => { values().size = Number(e.target.value); keep(); });
  $('time').addEventListener('change', (e) => settings.set('time', e.target.value));
  $('look').addEventListener('change', (e) => settings.set('look', e.target.value));
  $('find').addEventListener('input', (e) => settings.find(e.target.value));
  $('find').addEventListener('keydown', (e) => { if (e.key === 'Enter' && !e.ctrlKey) e.preventDefault(); });
  for (const tab of document.querySelectorAll('[role=tab]')) {
    tab.addEventListener('click', () => showTab(tab.dataset.tab));
    tab.addEventListener('keydown', (e) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[e.key];
      if (!step) return;
      const tabs = [...document.querySelectorAll('[role=tab]')];
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      next.click();
      next.focus();
    });
  }
  $('language').addEventListener('change', (e) => { store.set('language', e.target.value); speak(e.target.value); });
  $('theme').addEventListener('click', () => {
    const dark = document.documentElement.dataset.theme
      ? document.documentElement.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    store.set('theme', dark ? 'light' : 'dark');
    setTheme(dark ? 'light' : 'dark');
  });
  let inside = 0;
  addEventListener('dragenter', () => { if (inside++ === 0) document.body.classList.add('dragging'); });
  addEventListener('dragleave', () => { if (--inside <= 0) { inside = 0; document.body.classList.remove('dragging'); } });
  addEventListener('dragover', (e) => e.preventDefault());
  addEventListener('drop', (e) => {
    e.preventDefault();
    inside = 0;
    document.body.classList.remove('dragging');
    if (isCovered()) return;
    const networks = [...e.dataTransfer.files].filter(isNetworkFile);
    if (networks.length) showTab('models');
    if (networks.length) models.files(networks);
    else inputs.drop(e.dataTransfer);
  });
  addEventListener('paste', (e) => {
    const files = [...(e.clipboardData?.files ?? [])].filter((f) => f.type.startsWith('image/') || isVideoFile(f));
    if (files.length && !isCovered()) inputs.files(files);
  });
}

function speak(language) {
  setLanguage(language);
  $('language').value = language;
  if (!state.tables.style) return;
  if ($('panel').hidden) models.show();
  else showKind(state.kind);
  showStage();
  if (run.job) run.applyState(run.job);
  if (state.open) safely(openPicture)(state.open);
  safely(refreshJobs)();
}

/** Restores the choices of the last visit. networks, pictures: those that exist. */
async function restoreStored(networks, pictures) {
  state.values = store.get('values', {});
  setNetworks(networks);
  const known = new Set(pictures.map((p) => p.id));
  const chosen = store.get('chosen', {});
  const sets = Object.values(chosen).flat().filter((p) => p.kind === 'set');
  for (const { id } of sets) if (await api.get(`sets/${id}`).catch(() => null)) known.add(id);
  for (const slot of Object.keys(chosen)) {
    chosen[slot] = chosen[slot].filter((p) => known.has(p.id));
    for (const picture of chosen[slot]) // removes masks that were deleted
      for (const as of maskNames) if (!known.has(picture[as]?.id)) delete picture[as];
  }
  inputs.chosen = { ...inputs.chosen, ...chosen };
  showKind(store.get('kind', 'style') in state.tables ? store.get('kind', 'style') : 'style');
}

async function begin() {
  setTheme(store.get('theme', null));
  speak(store.get('language', usualLanguage()));
  let options, pictures;
  try {
    await api.enter().catch((refusal) => { if (refusal.status !== 401) throw refusal; }); // the cookie may suffice
    options = await api.get('options');
    state.tables = options.kinds;
    inputs.most = { picture: options.limits.upload, video: options.limits.video };
    inputs.videos = options.videos;
    await refreshModels();
    pictures = await refreshPictures();
    notice(null);
  } catch (refusal) {
    notice(refusal.message);
    if (refusal.status !== 401) setTimeout(begin, 2000);
    return;
  }
  await restoreStored(options.networks, pictures).catch(() => { // unusable choices are dropped
    for (const key of ['values', 'chosen', 'kind']) store.set(key, null);
    return restoreStored(options.networks, pictures);
  });
  speak($('language').value);
  listen();
  await safely(refreshJobs)();
  const running = nextJob() ?? state.jobs.find((j) => j.state === 'paused');
  if (running) follow(running);
  await safely(refreshJobs)();
  document.body.dataset.ready = 'yes';
}

// An address with a secret, pasted into an open page, changes only the part after #.
addEventListener('hashchange', () => { if (/^#[tc]=/.test(location.hash)) location.reload(); });
begin();
