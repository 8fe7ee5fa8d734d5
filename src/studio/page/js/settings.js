// settings.js -- the form of all settings, from the library's tables.

import { make, t } from './text.js';

// Settings with their own controls on the page, and settings for files, which the studio sets.
const elsewhere = new Set(['preset', 'strength', 'size', 'time', 'look', 'resume', 'state-every', 'save-every', 'force',
  'steer', 'across', 'down', 'learned']);
const isOfFiles = (option) => option.type === 'text' && /^(FILE|OUT)|FOLDER/.test(option.unit ?? '');

/** Value as text, as in recipes. */
export const plain = (value) => (value === true ? 'yes' : value === false ? 'no' : String(value));

export class Settings {
  /** changed(): called after a change of a value. touched(name): called after the user changed a setting that also
      affects a running job. */
  constructor(host, { changed, touched = () => {} }) {
    Object.assign(this, { host, changed, touched });
    this.values = {}; // by name: values that differ from the preset
    this.wanted = '';
  }

  /** Shows the form. tables: tables of a kind of job, the method's first; if two options have one name, the first
      counts. networks: [{name, title, installed, facts}]. shown: names of settings that the form shows, although the page may
      have controls for them. steers: whether some settings affect a running job. */
  show(tables, networks, values, { shown = [], steers = false } = {}) {
    this.steers = steers;
    this.networks = networks;
    this.values = values;
    const seen = new Set(), first = ({ name }) => !seen.has(name) && seen.add(name);
    this.tables = tables.map((table) => ({ ...table, options: table.options.filter(first) }));
    this.elsewhere = new Set([...elsewhere].filter((name) => !shown.includes(name)));
    this.options = this.tables.flatMap((table) => table.options);
    this.render();
  }

  preset() {
    const presets = this.tables[0].presets ?? []; // from the method's table
    return presets.find((p) => p.name === this.values.preset) ?? presets[0];
  }

  /** Default of an option in the current preset. */
  usual(name) {
    const option = this.options.find((o) => o.name === name);
    const value = this.preset()?.settings?.[name] ?? option?.default;
    return value === undefined || value === null ? (option?.type === 'bool' ? false : '') : value;
  }

  value(name) {
    return this.values[name] ?? this.usual(name);
  }

  set(name, value) {
    const usual = this.usual(name);
    if (value === '' || value === undefined || plain(value) === plain(usual)) delete this.values[name];
    else this.values[name] = value;
    this.changed();
  }

  /** Names of changed settings without a control of their own. */
  names() {
    return Object.keys(this.values).filter((name) => name === 'preset' || !this.elsewhere.has(name));
  }

  find(text) {
    this.wanted = text.trim().toLowerCase();
    this.render();
  }

  isWanted(option) {
    return !this.wanted || `${option.name} ${option.help}`.toLowerCase().includes(this.wanted);
  }

  render() {
    const rows = [this.presetRow()];
    let group = null, list = null;
    for (const table of this.tables)
      for (const option of table.options) {
        if (option.group) group = option.group;
        if (this.elsewhere.has(option.name) || isOfFiles(option) || !this.isWanted(option)) continue;
        if (!list || list.dataset.group !== group) {
          list = make('fieldset', { class: 'group', 'data-group': group }, make('legend', {}, group ?? ''));
          rows.push(list);
        }
        list.append(this.row(option));
      }
    if (rows.length === 1 && this.wanted) rows.push(make('p', { class: 'quiet' }, t('find-none')));
    this.host.replaceChildren(...rows.filter(Boolean));
  }

  presetRow() {
    const presets = this.tables[0].presets ?? [];
    if (!presets.length || this.wanted) return null;
    const summary = make('p', { class: 'help', id: 'help-preset' }, this.preset().summary);
    const select = make('select', { id: 'set-preset', 'aria-describedby': 'help-preset',
      onchange: (e) => {
        this.set('preset', e.target.value === presets[0].name ? '' : e.target.value);
        this.render();
        this.host.querySelector('#set-preset').focus();
      } },
      ...presets.map((p) => make('option', { value: p.name, selected: p.name === this.preset().name }, p.name)));
    return make('div', { class: 'field' }, make('label', { for: 'set-preset' }, t('preset')), select, summary);
  }

  row(option) {
    const id = 'set-' + option.name, changed = option.name in this.values;
    return make('div', { class: 'setting' + (changed ? ' changed' : ''), 'data-name': option.name },
      make('label', { for: id }, option.name.replaceAll('-', ' ')),
      this.control(option, id),
      this.back(option),
      this.layers(option, id),
      make('p', { class: 'help', id: id + '-help' }, this.help(option)));
  }

  /** Select that adds a layer of the network to a list of layers; null for other options. */
  layers(option, id) {
    const network = this.value('network') || this.preset()?.network || 'builtin';
    const names = /^LAYER\W+WEIGHT/.test(option.unit ?? '') ? this.networks.find((n) => n.name === network)?.facts?.layers ?? [] : [];
    return names.length === 0 ? null : make('select', { class: 'layers', 'aria-label': `${t('add-layer')} ${option.name}`, onchange: (e) => {
      const layer = e.target.value + (option.unit.startsWith('LAYER:') ? ':1' : '');
      this.set(option.name, [this.value(option.name), layer].filter(Boolean).join(','));
      this.refresh(option);
      this.host.querySelector('#' + id).focus();
    } }, make('option', { value: '' }, t('add-layer')), ...names.map((name) => make('option', { value: name }, name)));
  }

  help(option) {
    const range = option.type === 'int' || option.type === 'real' ? this.range(option) : '';
    return option.help + (range ? ` (${range})` : '') + (this.maySteer(option) ? ` · ${t('may-change')}` : '');
  }

  maySteer(option) {
    return this.steers && option.may_change && option.type !== 'text';
  }

  touch(option) {
    if (this.maySteer(option)) this.touched(option.name);
  }

  range({ min, max }) {
    return max >= 1e6 ? (min > 0 ? `≥ ${min}` : '') : `${min} … ${max}`;
  }

  back(option) {
    const usual = this.usual(option.name);
    const said = usual === true ? t('yes') : usual === false ? t('no') : usual === '' ? t('empty') : String(usual);
    return make('button', { class: 'back', type: 'button', hidden: !(option.name in this.values),
      title: t('usual', { value: said }), 'aria-label': t('usual', { value: said }),
      onclick: () => {
        this.set(option.name, '');
        this.refresh(option);
        this.touch(option);
        this.host.querySelector('#set-' + CSS.escape(option.name))?.focus();
      } }, '↺');
  }

  refresh(option) {
    this.host.querySelector(`[data-name="${CSS.escape(option.name)}"]`)?.replaceWith(this.row(option));
  }

  mark(option) {
    const row = this.host.querySelector(`[data-name="${CSS.escape(option.name)}"]`);
    const changed = option.name in this.values;
    row.classList.toggle('changed', changed);
    row.querySelector('.back').hidden = !changed;
  }

  control(option, id) {
    const about = { id, 'aria-describedby': id + '-help' }, value = this.value(option.name);
    const on = (read) => (e) => { this.set(option.name, read(e.target)); this.mark(option); this.touch(option); };
    const isNetwork = option.name === 'network', uploads = isNetwork ? this.networks.filter((n) => n.title) : [];
    if (option.type === 'bool')
      return make('input', { ...about, type: 'checkbox', role: 'switch', checked: value === true || value === 'yes',
        onchange: on((e) => e.checked) });
    if (option.type === 'choice')
      return make('select', { ...about, onchange: (e) => {
        on((at) => at.value)(e);
        if (!isNetwork) return;
        this.render(); // other layers
        this.host.querySelector('#' + id).focus();
      } },
        ...(value === '' ? [make('option', { value: '', selected: true }, '–')] : []),
        ...option.choices.map((name) => make('option', { value: name, selected: name === value,
          disabled: isNetwork && this.networks.some((n) => n.name === name && !n.installed) }, name)),
        ...uploads.map((n) => make('option', { value: n.name, selected: n.name === value }, n.title)));
    const number = option.type === 'int' || option.type === 'real';
    return make('input', { ...about, type: 'text', inputmode: number ? 'decimal' : null, autocomplete: 'off',
      spellcheck: 'false', value: String(value), placeholder: option.unit ?? null,
      onchange: on((e) => (number && e.value !== '' && isFinite(e.value) ? Number(e.value) : e.value)) });
  }
}
