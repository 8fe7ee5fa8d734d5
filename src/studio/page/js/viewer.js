// viewer.js -- one picture, large: as a whole or pixel for pixel, beside what it was before.

import { make, t } from './text.js';

const FIT = 'fit', ACTUAL = 'actual';

export class Viewer {
  constructor(host) {
    this.host = host;
    this.mode = FIT;
    this.wiping = false;
    this.hello();
  }

  hello() {
    this.host.className = 'viewer empty';
    this.host.replaceChildren(make('div', { class: 'hello' },
      make('h1', {}, t('hello')),
      make('ol', {}, ...['hello-1', 'hello-2', 'hello-3'].map((key) => make('li', {}, t(key)))),
      make('p', { class: 'quiet' }, t('hello-more'))));
    this.after = null;
  }

  build() {
    if (this.after) return;
    this.host.className = 'viewer';
    this.after = make('img', { class: 'after', alt: '', draggable: 'false' });
    this.before = make('img', { class: 'before', alt: '', hidden: true, draggable: 'false' });
    this.wipe = make('input', { type: 'range', class: 'wipe', min: 0, max: 100, value: 50, step: 0.5, hidden: true,
      'aria-label': t('wipe'), oninput: () => this.place() });
    this.line = make('div', { class: 'line', hidden: true, 'aria-hidden': 'true' });
    this.frame = make('div', { class: 'frame' }, this.after, this.before, this.line, this.wipe);
    this.mat = make('div', { class: 'mat', tabindex: 0, role: 'group', 'aria-label': t('picture') }, this.frame);
    this.fit = make('button', { type: 'button', onclick: () => this.zoom(FIT) }, t('fit'));
    this.actual = make('button', { type: 'button', onclick: () => this.zoom(ACTUAL) }, t('actual'));
    this.compare = make('button', { type: 'button', onclick: () => this.setWiping(!this.wiping) }, t('compare'));
    this.actions = make('div', { class: 'actions' });
    this.caption = make('p', { class: 'caption' });
    this.bar = make('div', { class: 'bar' },
      make('div', { class: 'segments', role: 'group', 'aria-label': t('size') }, this.fit, this.actual),
      this.compare, this.actions);
    this.host.replaceChildren(this.mat, this.caption, this.bar);
    this.after.addEventListener('load', () => this.loaded());
    this.after.addEventListener('error', () => this.loaded());
    this.zoom(this.mode);
    this.setWiping(this.wiping);
  }

  /** about: {alt, before: address or null, caption, actions: [element]}. */
  describe({ alt, before, caption, actions }) {
    this.build();
    this.after.alt = alt;
    if (before) this.before.src = before;
    this.hasBefore = Boolean(before);
    this.compare.hidden = !before;
    this.setWiping(this.wiping);
    this.caption.textContent = caption ?? '';
    this.actions.replaceChildren(...(actions ?? []));
  }

  /** The newest picture; those that come while another is loading wait, but for the newest. */
  show(address) {
    this.build();
    if (this.loading) this.next = address;
    else {
      this.loading = true;
      this.after.src = address;
    }
  }

  loaded() {
    this.loading = false;
    this.host.classList.add('has');
    const next = this.next;
    this.next = null;
    if (next) this.show(next);
  }

  zoom(mode) {
    this.mode = mode;
    this.mat.classList.toggle('one', mode === ACTUAL);
    this.fit.setAttribute('aria-pressed', mode === FIT);
    this.actual.setAttribute('aria-pressed', mode === ACTUAL);
  }

  setWiping(wiping) {
    this.wiping = wiping;
    const shown = wiping && this.hasBefore;
    for (const e of [this.before, this.line, this.wipe]) e.hidden = !shown;
    this.compare.setAttribute('aria-pressed', Boolean(shown));
    this.place();
  }

  place() {
    const at = Number(this.wipe.value);
    this.before.style.clipPath = `inset(0 ${100 - at}% 0 0)`;
    this.line.style.left = `${at}%`;
  }
}
