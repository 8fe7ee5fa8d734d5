// main.js -- the page as a whole: what is chosen, what is asked for, what is shown.

import * as api from './api.js';
import { Axes, axisOf } from './axes.js';
import { Inputs, titleOf } from './inputs.js';
import { Models } from './models.js';
import { commandLine, differences } from './recipes.js';
import { Run } from './run.js';
import { Settings } from './settings.js';
import { Strip } from './strip.js';
import { make, setLanguage, t, usualLanguage } from './text.js';
import { Viewer } from './viewer.js';

const $ = (id) => document.getElementById(id);
const store = {
  get: (key, usual) => { try { return JSON.parse(localStorage.getItem('reverie.' + key)) ?? usual; } catch { return usual; } },
  set: (key, value) => { try { localStorage.setItem('reverie.' + key, JSON.stringify(value)); } catch { /* private */ } },
};

// What there is a tab for: the kinds of jobs in it, the usual one first.
const tabs = { style: ['style', 'style-with'], dream: ['dream'], explore: ['explore-style', 'explore-dream', 'explore-with'] };
const tabOf = (kind) => Object.keys(tabs).find((tab) => tabs[tab].includes(kind));
const isSheet = (kind) => tabOf(kind) === 'explore';
const isLearnt = (kind) => kind.endsWith('-with');
const hasAxes = (kind) => isSheet(kind) && !isLearnt(kind);
const SHEET_COLUMNS = 4; // of learnt styles, which have no axes
const isDream = (kind) => kind.includes('dream');
/** Of a recipe's command, such as "explore style". */
const kindOf = ({ command, settings: given }) => (given?.with ? (command === 'style' ? 'style-with' : 'explore-with') : command.replace(' ', '-'));
/** What can be made again here. */
const isKnown = (recipe) => Boolean(recipe && state.tables[kindOf(recipe)] && tabOf(kindOf(recipe)));

// Of the method's settings, those that painting in one pass has a use for.
const inOnePass = ['strength', 'keep-colors', 'threads'];

function tablesOf(kind) {
  if (!isLearnt(kind)) return state.tables[kind];
  return state.tables[kind].map((table, k) => ({ ...table, presets: k > 0 ? table.presets : [],
    options: table.options.filter((o) => (k > 0 ? o.name !== 'network' : inOnePass.includes(o.name))) }));
}

/** Of "builtin:hokusai-wave:1,munch-scream". */
const namesOf = (text) => (text ?? '').split(',').filter(Boolean).map((item) => item.replace(/^builtin:/, '').replace(/:[\d.]+$/, ''));

const state = { kind: 'style', last: {}, values: {}, tables: {}, networks: [], jobs: [], open: null, away: false };

// ---- what is said -----------------------------------------------------------------------------------------------------

const labels = { size: 'size', strength: 'strength', time: 'time', look: 'look', across: 'across-values', down: 'down-values' };

function problem(sentence, option) {
  clearProblem();
  const axis = hasAxes(state.kind) && ['across', 'down'].find((one) => axisOf(settings.value(one)).name === option);
  const places = axis ? [$(axis + '-values')]
    : (option ?? '').split(',').map((name) => $(labels[name] ?? 'set-' + name)); // of several, the first here
  const at = places.find((place) => place && !place.disabled && !place.closest('[hidden]'));
  if (at) {
    if ($('more').contains(at)) $('more').open = true;
    at.setAttribute('aria-invalid', 'true');
    at.closest('.field, .setting').append(make('p', { class: 'problem', role: 'alert' }, sentence));
    at.focus();
    at.scrollIntoView({ block: 'center' });
    return;
  }
  $('problem').textContent = sentence;
  $('problem').hidden = false;
}

function clearProblem() {
  $('problem').hidden = true;
  for (const p of document.querySelectorAll('.field > .problem, .setting > .problem')) p.remove();
  for (const e of document.querySelectorAll('[aria-invalid]')) e.removeAttribute('aria-invalid');
}

function notice(sentence, ...actions) {
  $('notice').hidden = !sentence;
  $('notice').replaceChildren(sentence ?? '', ...actions);
  state.away = false;
}

/** Whether the studio does not answer: said until it does. */
function away(gone) {
  if (gone === state.away) return;
  notice(gone ? t('away') : null);
  state.away = gone;
}

/** The same function, with what the studio refuses said above the page. */
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

// ---- what is chosen ---------------------------------------------------------------------------------------------------

const viewer = new Viewer($('viewer'));
const inputs = new Inputs($('inputs'), { changed: keep, problem, arrived, learnt, most: 64 * 2 ** 20 });
const settings = new Settings($('settings'), { changed: () => { showChanged(); keep(); } });
const axes = new Axes($('axes'));
const models = new Models($('models'), { changed: (networks) => { state.networks = networks; } });
const strip = new Strip($('strip'), $('strip-empty'), { open: safely(openPicture) });
const run = new Run($('run'), { viewer, steering, branched: safely(branched), rewound, shown: showJob,
  changed: safely(refreshJobs), done: safely(ended), problem, away,
  width: () => Math.min(2048, Math.round(Math.max($('viewer').clientWidth, 320) * Math.min(devicePixelRatio || 1, 2))) });

const values = () => state.values[state.kind];

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

function setValue(name, value) {
  settings.set(name, value);
}

/** The tab of that name is the one that is shown. */
function markTab(name) {
  $('panel').hidden = name === 'models';
  $('models').hidden = name !== 'models';
  for (const tab of document.querySelectorAll('[role=tab]')) {
    const on = tab.dataset.tab === name;
    tab.setAttribute('aria-selected', on);
    tab.tabIndex = on ? 0 : -1;
    if (on && name !== 'models') $('panel').setAttribute('aria-labelledby', tab.id);
  }
}

function showTab(name) {
  if (name === 'models') {
    markTab(name);
    models.show();
  } else {
    showKind(state.last[name] ?? tabs[name][0]);
    keep();
  }
}

function showKind(kind) {
  state.kind = kind;
  state.last[tabOf(kind)] = kind;
  markTab(tabOf(kind));
  state.values[kind] ??= kind === 'explore-with' ? { with: 'all' } : {};
  inputs.show(kind, kind === 'style-with' ? namesOf(values().with) : []);
  settings.show(tablesOf(kind), state.networks, values());
  $('of-field').hidden = !isSheet(kind);
  if (isSheet(kind)) $('of-field').querySelector(`[value=${kind}]`).checked = true;
  $('axes').hidden = !hasAxes(kind);
  $('time-field').hidden = isSheet(kind) || isLearnt(kind);
  if (hasAxes(kind)) axes.show(settings);
  showValues();
}

function showValues() {
  $('strength').value = settings.value('strength');
  $('strength-value').textContent = $('strength').value;
  $('strength-field').querySelector('.scale').lastChild.textContent = t(isDream(state.kind) ? 'strength-deep' : 'strength-high');
  const size = String(values().size ?? 512);
  if (![...$('size').options].some((o) => o.value === size)) $('size').append(make('option', { value: size }, `${size} px`));
  $('size').value = size;
  $('time').value = values().time ?? '';
  const look = settings.options.find((o) => o.name === 'look');
  $('look-field').hidden = !look || isSheet(state.kind);
  $('strength-field').hidden = hasAxes(state.kind);
  $('size-label').textContent = t(isSheet(state.kind) ? 'size-picked' : 'size');
  if (look) $('look').replaceChildren(...look.choices.map((name) =>
    make('option', { value: name, selected: name === settings.value('look') }, name.replaceAll('-', ' '))));
  $('steer-hint').hidden = run.watched?.state !== 'running';
  $('go-text').textContent = t(isSheet(state.kind) ? 'go-sheet' : isDream(state.kind) ? 'go-dream' : 'go');
  showChanged();
}

/** A style that was learnt, instead of a painting; null: a painting again. Size and strength stay as they are. */
function learnt(name) {
  const { size, strength } = values(), kind = name ? 'style-with' : 'style';
  state.values[kind] = { ...state.values[kind], ...(size && { size }), ...(strength !== undefined && { strength }), ...(name && { with: name }) };
  showKind(kind);
  keep();
}

/** As the studio takes it: a size, or where they are given height and width in its place; a sheet has none of them. */
async function asked() {
  const { size = 512, ...others } = values();
  if (isSheet(state.kind)) {
    delete others.height;
    delete others.width;
  }
  return { kind: state.kind, inputs: await inputs.ids(),
    settings: isExact() || isSheet(state.kind) ? others : { size, ...others } };
}

// ---- sheets -----------------------------------------------------------------------------------------------------------

/** What the viewer is told of a sheet, that was asked for like that: which cells it has, and what becomes of one. */
function sheetOf({ kind, inputs: of, settings: given }) {
  if (!isSheet(kind)) return null;
  const sheet = { kind, inputs: of, settings: given };
  if (!hasAxes(kind)) return learntSheet(sheet);
  const usual = (name) => state.tables[kind].flatMap((table) => table.options).find((o) => o.name === name).default;
  const [across, down] = ['across', 'down'].map((name) => axisOf(given[name] ?? usual(name)));
  return { columns: across.values.length, pick: safely((cell) => pick(`jobs?cell=${cell}`, cell, sheet)),
    cells: down.values.flatMap((low, row) => across.values.map((high, column) =>
      ({ name: `${row + 1}${String.fromCharCode(97 + column)}`, about: `${across.name} ${high}, ${down.name} ${low}` }))) };
}

/** One cell for each style. */
function learntSheet({ inputs: of, settings: { with: wanted, cell, ...given } }) {
  const names = wanted === 'all' ? inputs.styles.map((s) => s.name) : namesOf(wanted);
  return { columns: Math.min(names.length, SHEET_COLUMNS),
    cells: names.map((name) => ({ name, about: name.replaceAll('-', ' ') })),
    pick: safely((name) => pick('jobs', name.replaceAll('-', ' '), { kind: 'style-with', inputs: of, settings: { ...given, with: name } }, 'explore-with')) };
}

/** One of them, large; kind: whose size counts. */
async function pick(where, name, asked, kind = asked.kind) {
  const { size = 512, height, width } = state.values[kind] ?? {};
  const large = height || width ? { ...(height && { height }), ...(width && { width }) } : { size };
  const job = await api.say(where, { ...asked, settings: { ...asked.settings, ...large } });
  if (!run.job || run.job.state === 'paused') follow(job);
  else $('said').textContent = t('picked', { cell: name });
  await refreshJobs();
}

async function go() {
  if ($('go').disabled || $('panel').hidden) return;
  clearProblem();
  const missing = inputs.missing();
  if (missing) {
    problem(t(missing));
    $('inputs').querySelector(missing === 'want-photo' ? '#file-photo' : '#file-painting')?.focus();
    return;
  }
  $('go').disabled = true;
  try {
    const job = await api.say('jobs', await asked());
    if (!run.job || run.job.state === 'paused') follow(job);
    await refreshJobs();
    if (matchMedia('(max-width: 900px)').matches) $('stage').scrollIntoView({ behavior: 'smooth' });
  } catch (refusal) {
    problem(refusal.message, refusal.option);
  }
  $('go').disabled = false;
}

// ---- a picture that comes, and how it was made ------------------------------------------------------------------------

async function arrived(picture) {
  let recipe;
  try { recipe = await api.get(`pictures/${picture.id}/recipe`); } catch { return; }
  notice(t('made-here') + ' ', make('button', { type: 'button', onclick: safely(() => { notice(null); return restore(picture, recipe); }) },
    t('restore')));
}

/** What a recipe names that is still here, [{role, picture}], and the names of what is not. */
async function findInputs(recipe) {
  const all = await Promise.all((recipe.inputs ?? []).map(async (input) => ({ ...input,
    picture: input.sha256 ? (await api.get(`pictures?sha256=${input.sha256}`)).pictures[0] : null })));
  return { found: all.filter((i) => i.picture), missing: all.filter((i) => !i.picture).map((i) => i.file ?? i.role) };
}

/** The settings of a recipe that this kind of job has. */
function settingsOf(recipe) {
  const all = state.tables[kindOf(recipe)].flatMap((table) => table.options);
  return Object.fromEntries(Object.entries(recipe.settings ?? {}).filter(([name]) => all.some((o) => o.name === name)));
}

/** The settings of a picture's recipe, and its inputs where they are still here. */
async function restore(picture, recipe) {
  const kind = kindOf(recipe), given = settingsOf(recipe);
  state.values[kind] = { ...(given.preset && { preset: given.preset }), ...(given.with && { with: given.with }) };
  showKind(kind);
  for (const [name, value] of Object.entries(given)) settings.set(name, value);
  const { found, missing } = await findInputs(recipe), chosen = {};
  for (const { role, picture: input } of found) {
    const slot = inputs.slotOf(role);
    if (slot) (chosen[slot] ??= []).push(input);
    else if (!inputs.isMask(role)) missing.push(titleOf(input));
  }
  inputs.set(chosen);
  inputs.setMasks(found);
  const longest = Math.max(recipe.width ?? 0, recipe.height ?? 0);
  if (longest && !isSheet(kind)) settings.set('size', longest);
  settings.render();
  if (hasAxes(kind)) axes.show(settings);
  showValues();
  notice(missing.length ? t('missing', { names: missing.join(', ') }) : t('restored', { title: titleOf(picture) }));
}

async function openPicture(picture) {
  run.hide();
  $('steer-hint').hidden = true;
  safely(refreshJobs)();
  state.open = picture;
  strip.mark(picture.id);
  const full = await api.get(`pictures/${picture.id}`).catch(() => picture);
  let recipe = null;
  try { recipe = await api.get(`pictures/${picture.id}/recipe`); } catch { /* it says nothing */ }
  if (state.open?.id !== picture.id) return;
  const known = isKnown(recipe);
  const { found } = recipe ? await findInputs(recipe).catch(() => ({ found: [] })) : { found: [] };
  if (state.open?.id !== picture.id) return;
  const before = found.find((i) => ['content', 'picture'].includes(i.role))?.picture;
  const of = {};
  for (const { role, picture: input } of found) (of[role] ??= []).push(input.id);
  const sheet = known && sheetOf({ kind: kindOf(recipe), inputs: of, settings: settingsOf(recipe) });
  viewer.describe({ alt: picture.title, before: before && !sheet && api.fileOf(before.id), sheet,
    caption: `${sheet ? t('sheet-how') + ' ' : ''}${picture.title}${full.width ? ` · ${full.width} × ${full.height}` : ''}`,
    actions: pictureActions(picture, recipe, found) });
  viewer.show(api.fileOf(picture.id) + '?v=' + picture.time);
  $('stage').scrollIntoView({ block: 'nearest' });
}

/** Which of the others it is held against: the photograph it was made of, or another that was made. */
function compareWith(picture, recipe) {
  const others = strip.pictures.filter((p) => p.id !== picture.id);
  return others.length === 0 ? null : make('select', { class: 'with', 'aria-label': t('compare-with'),
    onchange: safely((e) => holdAgainst(picture, recipe, others.find((p) => p.id === e.target.value))) },
    make('option', { value: '' }, t('compare-with')), ...others.map((p) => make('option', { value: p.id }, p.title)));
}

async function holdAgainst(picture, recipe, other) {
  if (!other) {
    await openPicture(picture);
    return;
  }
  const theirs = await api.get(`pictures/${other.id}/recipe`).catch(() => null);
  if (state.open?.id !== picture.id) return;
  const list = recipe && theirs ? differences(theirs, recipe) : [];
  viewer.setOther(api.fileOf(other.id) + '?v=' + other.time, make('p', { class: 'help' }, t('compared', { left: other.title, right: picture.title })),
    make('ul', {}, ...list.map(([name, left, right]) => make('li', {}, make('b', {}, name.replaceAll('-', ' ')), ` ${left} | ${right}`))));
}

/** Into the clipboard, and shown, for browsers that have none for us. */
async function copyCommand(line) {
  let copied = true;
  try { await navigator.clipboard.writeText(line); } catch { copied = false; }
  viewer.more.replaceChildren(make('p', { class: 'help', role: 'status' }, t(copied ? 'copied' : 'copy-it')), make('code', {}, line));
}

function pictureActions(picture, recipe, found) {
  const button = (key, onclick, attributes = {}) => make('button', { type: 'button', onclick, ...attributes }, t(key));
  const actions = [make('a', { class: 'button primary', href: api.fileOf(picture.id) + '?download=1', download: picture.title },
    t('download'))];
  const known = isKnown(recipe);
  if (known) actions.push(button('restore', safely(() => restore(picture, recipe))));
  if (known && !isSheet(kindOf(recipe))) {
    actions.push(button('larger', safely(async () => {
      await restore(picture, recipe);
      const longest = Math.max(recipe.width ?? 512, recipe.height ?? 512), larger = Math.min(2 * longest, 4096);
      setValue('size', larger);
      for (const side of ['height', 'width'])
        if (values()[side]) setValue(side, Math.round(values()[side] * larger / longest));
      settings.render();
      showValues();
      go();
    })));
  }
  if (known) actions.push(button('command', () => copyCommand(commandLine(recipe, settingsOf(recipe),
    { tables: state.tables[kindOf(recipe)], networks: state.networks, found, titleOf })), { 'data-does': 'command' }));
  actions.push(compareWith(picture, recipe) ?? '');
  actions.push(button('use-photo', () => inputs.put('photo', picture)));
  actions.push(button('delete', safely(async () => {
    if (!confirm(t('delete-sure'))) return;
    await api.remove(`pictures/${picture.id}`);
    state.open = null;
    viewer.hello();
    await refreshPictures();
  }), { class: 'quiet-button' }));
  return actions;
}

// ---- jobs -------------------------------------------------------------------------------------------------------------

function showJob(job) {
  const photo = [job.asked.inputs.content ?? job.asked.inputs.picture].flat()[0];
  const sheet = job.preview ? sheetOf(job.asked) : null;
  viewer.describe({ alt: t('picture'), before: photo && !isSheet(job.kind) && api.fileOf(photo),
    caption: sheet ? t('sheet-how') : '', actions: [], sheet });
}

function follow(job) {
  $('steer-hint').hidden = false;
  state.open = null;
  strip.mark(null);
  run.follow(job);
  if (run.job && !job.preview) showWaiting(job);
}

/** Until there is something of it to be seen: the photograph, veiled. */
function showWaiting(job) {
  const photo = [job.asked.inputs.content ?? job.asked.inputs.picture].flat()[0];
  if (!photo) return;
  showJob(job);
  viewer.show(api.fileOf(photo));
}

/** Where the slider has been moved since the job was asked for: what a branch of it does otherwise. */
function steering(job) {
  const value = Number($('strength').value);
  return job.kind === state.kind && !$('strength').disabled && value !== Number(job.asked.settings?.strength ?? settings.usual('strength'))
    ? { option: 'strength', value } : null;
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
  if (run.job) return;
  const next = nextJob(), made = strip.pictures.find((p) => p.id === job.result);
  if (next && state.open) run.follow(next, true); // what is looked at stays
  else if (next) follow(next);
  else if (made && !state.open) await openPicture(made);
  else if (!state.open) viewer.hello();
  await refreshJobs();
}

const nextJob = () => state.jobs.find((j) => ['running', 'pausing'].includes(j.state)) ?? state.jobs.find((j) => j.state === 'waiting');

async function refreshJobs() {
  state.jobs = (await api.get('jobs')).jobs;
  const waiting = state.jobs.filter((j) => ['waiting', 'paused', 'running', 'pausing'].includes(j.state) && j.id !== run.watched?.id);
  $('queue').hidden = waiting.length === 0;
  $('queue').replaceChildren(...waiting.map((job, k) => make('li', {},
    make('button', { type: 'button', class: 'name', onclick: safely(async () => { follow(await api.get(`jobs/${job.id}`)); await refreshJobs(); }) },
      ...thumbsOf(job), make('span', {}, t(job.state))),
    job.state === 'waiting' && k > 0
      ? make('button', { type: 'button', onclick: safely(async () => { await api.post(`jobs/${job.id}/move?to=0`); await refreshJobs(); }) }, t('move-up')) : null,
    job.state === 'paused'
      ? make('button', { type: 'button', onclick: safely(async () => { follow(await api.post(`jobs/${job.id}/resume`)); await refreshJobs(); }) }, t('resume')) : null,
    make('button', { type: 'button', 'aria-label': t('cancel'), class: 'take',
      onclick: safely(() => api.post(`jobs/${job.id}/cancel`).finally(refreshJobs)) }, '×'))));
}

const thumbsOf = (job) => Object.values(job.asked.inputs ?? {}).flat().slice(0, 3)
  .map((id) => make('img', { src: `/api/v1/pictures/${id}/thumb`, alt: '' }));

async function refreshPictures() {
  const { pictures } = await api.get('pictures');
  strip.set(pictures.filter((p) => p.kind === 'made'));
  inputs.examples = pictures.filter((p) => p.kind === 'example');
  return pictures;
}

// ---- the page ---------------------------------------------------------------------------------------------------------

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
    setValue('strength', Number(e.target.value));
  });
  $('strength').addEventListener('change', (e) => {
    if (run.watched?.state === 'running' && run.past === null && run.job.kind === state.kind && !isSheet(state.kind)) {
      run.steer('strength', e.target.value);
      $('said').textContent = t('steered');
    }
  });
  $('of-field').addEventListener('change', (e) => {
    showKind(e.target.value);
    keep();
  });
  $('size').addEventListener('change', (e) => { values().size = Number(e.target.value); keep(); });
  $('time').addEventListener('change', (e) => setValue('time', e.target.value));
  $('look').addEventListener('change', (e) => setValue('look', e.target.value));
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
    inputs.drop(e.dataTransfer);
  });
  addEventListener('paste', (e) => {
    const files = [...(e.clipboardData?.files ?? [])].filter((f) => f.type.startsWith('image/'));
    if (files.length) inputs.files(files);
  });
}

function speak(language) {
  setLanguage(language);
  $('language').value = language;
  if (!state.tables.style) return;
  if ($('panel').hidden) models.show();
  else showKind(state.kind);
  if (!viewer.after) viewer.hello();
  if (run.job) run.tell(run.job);
  safely(refreshJobs)();
}

async function begin() {
  setTheme(store.get('theme', null));
  speak(store.get('language', usualLanguage()));
  let pictures;
  try {
    await api.enter();
    const options = await api.get('options');
    state.tables = options.kinds;
    state.networks = options.networks;
    inputs.most = options.limits.upload;
    inputs.styles = (await api.get('styles')).styles;
    pictures = await refreshPictures();
    notice(null);
  } catch (refusal) {
    notice(refusal.message);
    if (refusal.status !== 401) setTimeout(begin, 2000);
    return;
  }
  const known = new Set(pictures.map((p) => p.id));
  state.values = store.get('values', {});
  const chosen = store.get('chosen', {});
  for (const slot of Object.keys(chosen)) {
    chosen[slot] = chosen[slot].filter((p) => known.has(p.id));
    for (const picture of chosen[slot]) // of masks that have gone
      for (const as of ['mask', 'protect', 'where']) if (!known.has(picture[as]?.id)) delete picture[as];
  }
  inputs.chosen = { photo: [], painting: [], guide: [], ...chosen };
  showKind(store.get('kind', 'style') in state.tables ? store.get('kind', 'style') : 'style');
  speak($('language').value);
  listen();
  await safely(refreshJobs)();
  const running = nextJob() ?? state.jobs.find((j) => j.state === 'paused');
  if (running) follow(running);
  await safely(refreshJobs)();
  document.body.dataset.ready = 'yes';
}

begin();
