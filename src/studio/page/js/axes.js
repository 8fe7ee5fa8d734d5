// axes.js -- the two settings of a sheet and their values.

import { make, t } from './text.js';

const MOST = 5; // largest number of initial values of an axis

const round = (value, whole) => (whole ? Math.round(value) : Number(value.toPrecision(2)));

/** Values that show the effect of an option: its choices, or numbers around its default. */
export function usualValues(option, usual) {
  if (option.type === 'bool') return ['no', 'yes'];
  if (option.type === 'choice') return option.choices.slice(0, MOST);
  const { min, max } = option, whole = option.type === 'int', value = Number(usual) || 0;
  const spread = value > 0 ? [0.25, 0.5, 1, 2, 4].map((factor) => factor * value)
    : max < 1e6 ? [0, 1, 2, 3, 4].map((k) => min + (max - min) * k / 4) : [0, 1, 10, 100];
  return [...new Set(spread.map((v) => round(Math.min(Math.max(v, min), max), whole)))];
}

/** Splits an axis, such as "strength=20,40", into name and values. */
export function axisOf(text) {
  const [, name, values] = /^([^=]*)=?(.*)$/.exec(text ?? '');
  return { name, values: values ? values.split(',').map((v) => v.trim()) : [] };
}

export class Axes {
  constructor(host) {
    this.host = host;
  }

  /** Shows the axes. settings: settings of a kind that explores; the first table has the method's options. */
  show(settings) {
    this.settings = settings;
    this.options = settings.tables[0].options.filter((o) => o.type !== 'text' && o.name !== 'preset');
    this.host.replaceChildren(...['across', 'down'].map((axis) => this.axis(axis)));
  }

  axis(axis) {
    const { name, values } = axisOf(this.settings.value(axis));
    const option = this.options.find((o) => o.name === name);
    const select = make('select', { id: axis + '-name', onchange: (e) => this.choose(axis, e.target.value) },
      ...this.options.map((o) => make('option', { value: o.name, selected: o.name === name }, o.name.replaceAll('-', ' '))));
    const input = make('input', { id: axis + '-values', type: 'text', autocomplete: 'off', spellcheck: 'false',
      value: values.join(', '), 'aria-label': t('values'), 'aria-describedby': axis + '-help',
      onchange: (e) => this.set(axis, name, e.target.value.split(/[,，、\s]+/).filter(Boolean)) });
    return make('div', { class: 'field axis', 'data-axis': axis }, make('label', { for: axis + '-name' }, t(axis)), select, input,
      make('p', { class: 'help', id: axis + '-help' }, option ? this.settings.help(option) : ''));
  }

  set(axis, name, values) {
    this.settings.set(axis, `${name}=${values.join(',')}`);
  }

  choose(axis, name) {
    this.set(axis, name, usualValues(this.options.find((o) => o.name === name), this.settings.usual(name)));
    this.show(this.settings);
    this.host.querySelector(`#${axis}-name`).focus();
  }
}
