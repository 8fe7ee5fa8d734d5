// zoom.js -- zoom and pan of a picture by wheel, touch, mouse and keys.

const STEP = 1.25; // factor of a key press or click
const MOST = 16; // largest zoom: screen pixels per picture pixel
const NEAR = 4; // px that a mouse may move during a click

/** Screen pixels per picture pixel; 0: fit. */
const fixed = { fit: 0, actual: 1, double: 2 };
export const modes = Object.keys(fixed);

export class Zoom {
  /** mat: the viewport; frame: contains the picture, in the mat; natural(): [width, height] px, or null if zoom is
      impossible; changed(): called after a change of size or position; grab(e): handler of a drag that begins there,
      or null: pan. */
  constructor(mat, frame, { natural, changed, grab }) {
    Object.assign(this, { mat, frame, natural, changed, grab });
    this.mode = 'fit';
    this.width = 0; // px on the page, in mode 'free'
    mat.addEventListener('wheel', (e) => this.wheel(e), { passive: false });
    mat.addEventListener('keydown', (e) => this.key(e));
    mat.addEventListener('dblclick', (e) => this.twice(e));
    mat.addEventListener('pointerdown', (e) => this.press(e));
    mat.addEventListener('scroll', () => this.changed());
    mat.addEventListener('touchstart', (e) => this.pinch(e, true), { passive: false });
    mat.addEventListener('touchmove', (e) => this.pinch(e, false), { passive: false });
    new ResizeObserver(() => this.changed()).observe(mat);
  }

  // ---- size ---------------------------------------------------------------------------------------------------------

  get isWhole() {
    return this.mode === 'fit' || !this.natural();
  }

  /** Rectangle of the picture in the window. */
  get box() {
    const box = this.frame.getBoundingClientRect(), size = this.natural();
    if (!size || !this.isWhole) return box;
    const scale = Math.min(box.width / size[0], box.height / size[1]), [width, height] = size.map((side) => side * scale);
    return new DOMRect(box.x + (box.width - width) / 2, box.y + (box.height - height) / 2, width, height);
  }

  /** Screen pixels per picture pixel. */
  get times() {
    return this.natural() ? devicePixelRatio * this.box.width / this.natural()[0] : 1;
  }

  /** Screen pixels per picture pixel when it fits. */
  get least() {
    const { paddingLeft, paddingTop } = getComputedStyle(this.mat), size = this.natural();
    const [left, top] = this.isWhole ? [paddingLeft, paddingTop].map(parseFloat) : [this.margin ?? 0, this.margin ?? 0];
    return devicePixelRatio * Math.min((this.mat.offsetWidth - 2 * left) / size[0], (this.mat.offsetHeight - 2 * top) / size[1]);
  }

  set(mode) {
    if (this.isWhole) this.margin = parseFloat(getComputedStyle(this.mat).paddingLeft); // a zoomed mat has no padding
    this.mode = mode;
    this.lay();
  }

  /** Call after the picture has changed. A picture of the same shape keeps zoom and position. */
  refresh() {
    const size = this.natural();
    if (this.mode === 'free' && size && Math.abs(this.shape - size[0] / size[1]) > 0.02 * this.shape) this.mode = 'fit';
    this.lay();
  }

  lay() {
    const size = this.natural(), zoomed = !this.isWhole;
    const width = zoomed && (this.mode === 'free' ? this.width : fixed[this.mode] * size[0] / devicePixelRatio);
    this.mat.classList.toggle('one', zoomed);
    this.frame.style.width = zoomed ? `${width}px` : '';
    this.frame.style.height = zoomed ? `${width * size[1] / size[0]}px` : '';
    if (size) this.shape = size[0] / size[1];
    this.changed();
  }

  /** Zooms to this number of screen pixels per picture pixel. The point (x, y) of the window stays. */
  to(times, x, y) {
    const size = this.natural();
    if (!size) return;
    if (times <= this.least) {
      this.set('fit');
      return;
    }
    const { box } = this, part = (at, from, length) => Math.min(Math.max((at - from) / length, 0), 1);
    const across = part(x, box.x, box.width), down = part(y, box.y, box.height);
    this.width = Math.min(times, Math.max(MOST, this.least)) * size[0] / devicePixelRatio;
    this.set('free');
    const now = this.box;
    this.mat.scrollLeft += now.x + across * now.width - x;
    this.mat.scrollTop += now.y + down * now.height - y;
    this.changed();
  }

  /** Zooms about the centre of the visible part. */
  by(factor) {
    const { x, y, width, height } = this.mat.getBoundingClientRect();
    this.to(this.times * factor, x + width / 2, y + height / 2);
  }

  closer() { this.by(STEP); }

  farther() { this.by(1 / STEP); }

  // ---- input --------------------------------------------------------------------------------------------------------

  wheel(e) {
    if (!this.natural() || (this.isWhole && e.deltaY > 0)) return; // the page scrolls
    e.preventDefault();
    const pixels = e.deltaY * (e.deltaMode === WheelEvent.DOM_DELTA_PIXEL ? 1 : 32);
    this.to(this.times * Math.exp(-pixels * (e.ctrlKey ? 0.01 : 0.002)), e.clientX, e.clientY); // a pinch arrives as Ctrl and small steps
  }

  key(e) {
    const does = { '+': () => this.closer(), '=': () => this.closer(), '-': () => this.farther(), 0: () => this.set('fit'),
      1: () => this.set('actual') }[e.key];
    if (!does || e.ctrlKey || e.metaKey || e.altKey || !this.natural()) return;
    e.preventDefault();
    does();
  }

  twice(e) {
    if (!this.natural() || e.target.closest('button')) return;
    if (this.isWhole) this.to(Math.max(1, 2 * this.least), e.clientX, e.clientY);
    else this.set('fit');
  }

  /** Pans with the mouse; touch screens scroll by themselves. */
  press(e) {
    if (e.button !== 0 || !this.natural()) return;
    const { mat } = this, from = { x: e.clientX, y: e.clientY, left: mat.scrollLeft, top: mat.scrollTop };
    const pan = this.isWhole || e.pointerType === 'touch' ? null : (to) => {
      mat.scrollLeft = from.left - (to.clientX - from.x);
      mat.scrollTop = from.top - (to.clientY - from.y);
    };
    const does = this.grab(e) ?? pan;
    if (does) this.follow(e, from, does, does !== pan);
  }

  /** Follows the pointer until it is released. atOnce: also handles its first position, before it has moved. */
  follow(e, from, does, atOnce) {
    const { mat } = this, ends = new AbortController(), { signal } = ends;
    let moved = atOnce;
    const move = (to) => {
      if (to.pointerId !== e.pointerId) return;
      if (!moved && Math.hypot(to.clientX - from.x, to.clientY - from.y) < NEAR) return;
      if (!mat.hasPointerCapture(e.pointerId)) mat.setPointerCapture(e.pointerId);
      moved = true;
      mat.classList.add('moving');
      does(to);
    };
    if (atOnce) move(e);
    mat.addEventListener('pointermove', move, { signal });
    for (const name of ['pointerup', 'pointercancel', 'lostpointercapture']) mat.addEventListener(name, (up) => {
      if (up.pointerId !== e.pointerId) return;
      mat.classList.remove('moving');
      ends.abort();
    }, { signal });
  }

  /** Pinch: the point between the fingers stays between them. */
  pinch(e, begins) {
    if (e.touches.length !== 2 || !this.natural()) return;
    e.preventDefault();
    const [a, b] = e.touches, apart = Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    const x = (a.clientX + b.clientX) / 2, y = (a.clientY + b.clientY) / 2;
    if (!begins && this.pinched) {
      this.mat.scrollLeft -= x - this.pinched.x;
      this.mat.scrollTop -= y - this.pinched.y;
      this.to(this.times * apart / this.pinched.apart, x, y);
    }
    this.pinched = { apart, x, y };
  }
}
