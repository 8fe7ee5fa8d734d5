// viewer.js -- one large picture, zoomed freely, with a wipe to another one.

import { make, t } from './text.js';
import { modes, Zoom } from './zoom.js';

export class Viewer {
  constructor(host) {
    this.host = host;
    this.wiping = false;
    this.hello();
  }

  /** Shows the introduction of a tab. */
  hello(tab = '') {
    const of = ['', 'style'].includes(tab) ? 'hello' : 'hello-' + tab;
    this.host.className = 'viewer empty';
    this.host.replaceChildren(make('div', { class: 'hello' },
      make('h1', {}, t(of)),
      make('ol', {}, ...[1, 2, 3].map((n) => make('li', {}, t(`${of}-${n}`)))),
      make('p', { class: 'quiet' }, t('hello-more'))));
    this.video?.pause();
    this.after = null;
  }

  build() {
    if (this.after) return;
    this.host.className = 'viewer';
    this.after = make('img', { class: 'after', alt: '', draggable: 'false' });
    this.video = make('video', { class: 'player', controls: true, loop: true, playsinline: true, hidden: true, 'aria-label': t('video') });
    this.before = make('img', { class: 'before', alt: '', hidden: true, draggable: 'false' });
    this.wipe = make('input', { type: 'range', class: 'wipe', min: 0, max: 100, value: 50, step: 0.5, hidden: true,
      'aria-label': t('wipe'), oninput: () => this.place() });
    this.line = make('div', { class: 'line', hidden: true, 'aria-hidden': 'true' });
    this.grid = make('div', { class: 'cells', role: 'group', 'aria-label': t('cells'), hidden: true });
    this.frame = make('div', { class: 'frame' }, this.after, this.video, this.before, this.line, this.wipe, this.grid);
    new ResizeObserver(() => this.placeCells()).observe(this.frame);
    this.mat = make('div', { class: 'mat', tabindex: 0, role: 'group', 'aria-label': t('picture') }, this.frame);
    this.zoom = new Zoom(this.mat, this.frame, { changed: () => this.zoomed(), grab: (e) => this.grab(e),
      natural: () => (this.video.hidden && this.after?.naturalWidth ? [this.after.naturalWidth, this.after.naturalHeight] : null) });
    this.percent = make('output', { class: 'percent', 'aria-label': t('zoom') });
    this.zooming = make('div', { class: 'zooming', role: 'group', 'aria-label': t('zoom') },
      make('div', { class: 'segments' }, this.zoomButton('farther', '−'),
        ...modes.map((mode) => make('button', { type: 'button', 'data-t': mode, onclick: () => this.zoom.set(mode) }, t(mode))),
        this.zoomButton('closer', '+')), this.percent);
    this.compare = make('button', { type: 'button', 'data-t': 'compare', onclick: () => this.setWiping(!this.wiping) }, t('compare'));
    this.actions = make('div', { class: 'actions' });
    this.caption = make('p', { class: 'caption' });
    this.bar = make('div', { class: 'bar' }, this.zooming, this.compare, this.actions);
    this.more = make('div', { class: 'differ' });
    this.host.replaceChildren(this.mat, this.caption, this.more, this.bar);
    this.after.addEventListener('load', () => this.loaded());
    this.after.addEventListener('error', () => this.loaded());
    this.zoom.set('fit');
    this.setWiping(this.wiping);
  }

  zoomButton(does, sign) {
    return make('button', { type: 'button', 'data-does': does, 'aria-label': t(does), title: t(does), onclick: () => this.zoom[does]() }, sign);
  }

  /** Describes the picture: {alt, before: address or null, caption, actions: [element], sheet: {columns, cells, pick}
      or null}. */
  describe({ alt, before, caption, actions, sheet }) {
    this.build();
    this.after.alt = alt;
    this.setCells(sheet);
    if (before) this.before.src = before;
    this.hasBefore = Boolean(before);
    this.compare.hidden = !before;
    this.setWiping(this.wiping);
    this.more.replaceChildren();
    this.caption.textContent = caption ?? '';
    this.actions.replaceChildren(...(actions ?? []));
  }

  /** Plays a video. poster: picture until it starts. */
  play(address, poster) {
    this.build();
    this.video.hidden = false;
    this.after.hidden = true;
    this.video.poster = poster;
    this.video.src = address;
    this.zooming.hidden = true;
    this.zoom.lay();
  }

  /** Shows a picture again. */
  endVideo() {
    if (this.video.hidden) return;
    this.video.pause();
    this.video.removeAttribute('src');
    this.video.load();
    this.video.hidden = true;
    this.after.hidden = false;
    this.zooming.hidden = false;
    this.zoom.lay();
  }

  /** Sets the picture under the wipe. about: text about both pictures. */
  setOther(address, ...about) {
    this.before.src = address;
    this.hasBefore = true;
    this.compare.hidden = false;
    this.more.replaceChildren(...about);
    this.setWiping(true);
  }

  /** Shows the newest picture. While one is loading, only the newest of those that arrive waits. */
  show(address) {
    this.build();
    this.endVideo();
    if (this.loading) this.next = address;
    else {
      this.loading = true;
      this.after.src = address;
    }
  }

  // ---- cells of sheets ----------------------------------------------------------------------------------------------

  /** Sets the cells of a sheet: {columns; cells: [{name, about}]; pick(name): handler of a click on a cell}. */
  setCells(sheet) {
    const key = JSON.stringify(sheet ?? null);
    if (this.cellsKey === key) { // keeps the focus
      this.pick = sheet?.pick;
      return;
    }
    this.cellsKey = key;
    this.pick = sheet?.pick;
    this.grid.hidden = !sheet;
    this.grid.replaceChildren(...(sheet?.cells ?? []).map(({ name, about }) => this.cell(name, about)));
    if (sheet) this.grid.style.gridTemplateColumns = `repeat(${sheet.columns}, 1fr)`;
    this.placeCells();
  }

  cell(name, about) {
    return make('button', { type: 'button', title: t('pick', { about }), 'aria-label': `${name}: ${t('pick', { about })}`,
      'data-cell': name, onclick: () => this.pick(name) });
  }

  /** Aligns the cells with the picture in its frame. */
  placeCells() {
    if (!this.after || this.grid.hidden || !this.after.naturalWidth) return; // no picture
    const { naturalWidth: width, naturalHeight: height, clientWidth: w, clientHeight: h } = this.after;
    const scale = Math.min(w / width, h / height), at = this.grid.style;
    at.left = `${this.after.offsetLeft + (w - scale * width) / 2}px`;
    at.top = `${this.after.offsetTop + (h - scale * height) / 2}px`;
    at.width = `${scale * width}px`;
    at.height = `${scale * height}px`;
  }

  loaded() {
    this.loading = false;
    this.zoom.refresh();
    const next = this.next;
    this.next = null;
    if (next) this.show(next);
  }

  /** Called when size or position have changed. */
  zoomed() {
    if (!this.after) return;
    const { mode, times } = this.zoom;
    for (const button of this.zooming.querySelectorAll('[data-t]')) button.setAttribute('aria-pressed', button.dataset.t === mode);
    this.percent.textContent = this.after.naturalWidth ? `${Math.round(100 * times)} %` : '';
    this.placeCells();
    this.place();
  }

  // ---- before and after -------------------------------------------------------------------------------------------

  setWiping(wiping) {
    this.wiping = wiping;
    const shown = wiping && this.hasBefore;
    for (const e of [this.before, this.line, this.wipe]) e.hidden = !shown;
    this.compare.setAttribute('aria-pressed', Boolean(shown));
    this.place();
  }

  /** Positions the wipe relative to the visible part, even if the picture moves beneath it. */
  place() {
    const at = Number(this.wipe.value) / 100, { mat, frame } = this;
    const left = (this.zoom.isWhole ? 0 : mat.getBoundingClientRect().left) + at * mat.clientWidth - frame.getBoundingClientRect().left;
    const part = this.zoom.isWhole ? at : Math.min(Math.max(left / frame.clientWidth, 0), 1);
    const percent = Math.round(1e4 * part) / 100;
    this.before.style.clipPath = `inset(0 ${Math.round(1e4 - 1e4 * part) / 100}% 0 0)`;
    this.line.style.left = `${percent}%`;
  }

  /** Returns the handler of a drag. An unzoomed picture can be wiped anywhere, a zoomed one by its line. */
  grab(e) {
    if (this.wipe.hidden || (!this.zoom.isWhole && e.target !== this.line)) return null;
    return (to) => {
      const box = (this.zoom.isWhole ? this.frame : this.mat).getBoundingClientRect();
      this.wipe.value = 100 * (to.clientX - box.left) / box.width;
      this.place();
    };
  }
}
