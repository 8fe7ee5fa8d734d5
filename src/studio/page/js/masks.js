// masks.js -- painting of masks over a photograph: white in the mask, black elsewhere.

import { getPicture } from './api.js';
import { isVideoFile } from './kinds.js';
import { make, t } from './text.js';

export const LONGEST = 1024; // longest side of a mask, px
const MOST_UNDO = 20;
const INK = '#ff4b2e';
const PARTS = ['faces', 'people', 'subject', 'background', 'sky']; // kinds of masks that the studio finds

const canvasOf = (width, height) => Object.assign(document.createElement('canvas'), { width, height });

const fileOf = (canvas) => new Promise((resolve) => {
  canvas.toBlob((blob) => resolve(new File([blob], 'mask.png', { type: 'image/png' })), 'image/png');
});

/** Ink with the brightness of a picture as opacity, as a canvas. */
function inkOf(image, width, height) {
  const pen = canvasOf(width, height).getContext('2d');
  pen.fillStyle = '#000'; // transparent becomes black
  pen.fillRect(0, 0, width, height);
  pen.drawImage(image, 0, 0, width, height);
  const pixels = pen.getImageData(0, 0, width, height), { data } = pixels;
  for (let i = 0; i < data.length; i += 4) {
    const light = 0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2];
    [data[i], data[i + 1], data[i + 2], data[i + 3]] = [255, 75, 46, light];
  }
  pen.putImageData(pixels, 0, 0);
  return pen.canvas;
}

const isEmpty = (canvas) => {
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return data.every((value, i) => i % 4 < 3 || value === 0);
};

/** A white mask. If one picture of a slot has a mask, the others get white masks. */
export const whiteMask = () => {
  const pen = canvasOf(64, 64).getContext('2d');
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, 64, 64);
  return fileOf(pen.canvas);
};

class Editor {
  constructor(photo, { title, done, video, moves, live, found }) {
    Object.assign(this, { done, video, found });
    const scale = LONGEST / Math.max(photo.naturalWidth, photo.naturalHeight);
    this.canvas = canvasOf(Math.max(Math.round(photo.naturalWidth * scale), 1), Math.max(Math.round(photo.naturalHeight * scale), 1));
    this.pen = this.canvas.getContext('2d', { willReadFrequently: true });
    this.undone = [];
    this.before = [];
    this.erasing = this.down = false;
    this.at = { x: this.canvas.width / 2, y: this.canvas.height / 2 };
    this.dialog = make('dialog', { class: 'masks', 'aria-labelledby': 'mask-title' },
      make('h2', { id: 'mask-title' }, title), make('p', { class: 'help', id: 'mask-help', role: 'status' }, t(moves ? 'mask-moves' : video ? 'mask-help-video' : 'mask-help')),
      ...(live ? [make('p', { class: 'help live' }, t('mask-live'))] : []),
      this.board(photo), this.tools());
    this.dialog.addEventListener('close', () => this.dialog.remove());
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.canvas.focus();
    this.refresh();
  }

  board(photo) {
    photo.alt = '';
    this.ring = make('div', { class: 'ring', 'aria-hidden': 'true' });
    const { canvas } = this;
    canvas.tabIndex = 0;
    canvas.setAttribute('role', 'application');
    canvas.setAttribute('aria-label', t(this.video ? 'mask-canvas-video' : 'mask-canvas'));
    canvas.setAttribute('aria-describedby', 'mask-help');
    canvas.addEventListener('pointerdown', (e) => this.press(e));
    canvas.addEventListener('pointermove', (e) => this.move(e));
    for (const name of ['pointerup', 'pointercancel']) canvas.addEventListener(name, () => this.lift());
    canvas.addEventListener('keydown', (e) => this.key(e));
    return make('div', { class: 'board' }, photo, canvas, this.ring);
  }

  tools() {
    const button = (key, onclick, more = {}) => make('button', { type: 'button', 'data-does': key, onclick, ...more }, t(key));
    this.brush = button('brush', () => this.erase(false));
    this.eraser = button('eraser', () => this.erase(true));
    this.width = make('input', { id: 'brush-size', type: 'range', min: 8, max: 320, step: 4, value: 80, oninput: () => this.showRing() });
    this.undo = button('undo', () => this.swap(this.before, this.undone));
    this.redo = button('redo', () => this.swap(this.undone, this.before));
    this.apply = button('use', () => this.use(), { class: 'primary' });
    this.finder = make('select', { 'aria-label': t('find-part'), 'data-does': 'find', onchange: () => this.find() },
      ...['', ...PARTS].map((part) => make('option', { value: part }, t(part ? 'find-' + part : 'find-part'))));
    const load = make('input', { id: 'mask-file', class: 'visually-hidden', type: 'file',
      accept: this.video ? 'image/*,video/*,.mkv' : 'image/*',
      onchange: (e) => { this.load(e.target.files[0]); e.target.value = ''; } });
    return make('div', { class: 'bar' },
      make('div', { class: 'segments', role: 'group' }, this.brush, this.eraser),
      make('label', { class: 'width', for: 'brush-size' }, t('brush-size')), this.width,
      this.undo, this.redo,
      button('invert', () => this.change(() => this.fill('source-out'))),
      button('clear', () => this.change(() => this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height))),
      this.finder,
      make('label', { class: 'button', for: 'mask-file' }, load, t(this.video ? 'load-video' : 'load')),
      make('div', { class: 'actions' },
        button('cancel', () => this.dialog.close()),
        this.apply));
  }

  // ---- painting -----------------------------------------------------------------------------------------------------

  pixels() {
    return this.pen.getImageData(0, 0, this.canvas.width, this.canvas.height);
  }

  /** Saves the current state for undo. */
  remember() {
    this.before.push(this.pixels());
    if (this.before.length > MOST_UNDO) this.before.shift();
    this.undone.length = 0;
  }

  change(func) {
    this.remember();
    func();
    this.refresh();
  }

  swap(from, to) {
    if (!from.length) return;
    to.push(this.pixels());
    this.pen.putImageData(from.pop(), 0, 0);
    this.refresh();
  }

  fill(how) {
    this.pen.globalCompositeOperation = how;
    this.pen.fillStyle = INK;
    this.pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.pen.globalCompositeOperation = 'source-over';
  }

  stroke(from, to) {
    const { pen } = this;
    pen.globalCompositeOperation = this.erasing ? 'destination-out' : 'source-over';
    pen.strokeStyle = INK;
    pen.lineWidth = Number(this.width.value);
    pen.lineCap = pen.lineJoin = 'round';
    pen.beginPath();
    pen.moveTo(from.x, from.y);
    pen.lineTo(to.x + 0.01, to.y);
    pen.stroke();
    pen.globalCompositeOperation = 'source-over';
  }

  /** Loads a file. A video is a mask by itself and cannot be painted on. */
  async load(file) {
    if (!file) return;
    if (this.video && isVideoFile(file)) {
      this.dialog.close();
      this.done(file);
      return;
    }
    try {
      const image = await createImageBitmap(file);
      this.change(() => this.draw(inkOf(image, this.canvas.width, this.canvas.height), 'copy'));
    } catch {
      this.say(t('no-picture', { name: file.name }));
    }
  }

  /** Adds the part of the photograph that is chosen in the list. */
  async find() {
    const chosen = this.finder.value;
    this.finder.value = '';
    this.finder.disabled = this.apply.disabled = true;
    this.say(t('finding'));
    try {
      const part = inkOf(await getPicture(this.found(chosen)), this.canvas.width, this.canvas.height);
      if (!isEmpty(part)) this.change(() => this.draw(part, 'source-over'));
      this.say(t(isEmpty(part) ? 'find-nothing' : 'mask-found'));
    } catch (refusal) {
      this.say(refusal.message);
    }
    this.finder.disabled = this.apply.disabled = false;
    this.finder.focus();
  }

  draw(ink, how) {
    this.pen.globalCompositeOperation = how;
    this.pen.drawImage(ink, 0, 0);
    this.pen.globalCompositeOperation = 'source-over';
  }

  say(text) {
    this.dialog.querySelector('#mask-help').textContent = text;
  }

  /** Closes the dialog and passes the mask to done(); null if nothing is painted. Without changes the old mask
      stays. */
  use() {
    this.dialog.close();
    if (!this.before.length) return;
    if (isEmpty(this.canvas)) {
      this.done(null);
      return;
    }
    const { width, height } = this.canvas, pen = canvasOf(width, height).getContext('2d');
    pen.drawImage(this.canvas, 0, 0);
    pen.globalCompositeOperation = 'source-in';
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, width, height);
    pen.globalCompositeOperation = 'destination-over';
    pen.fillStyle = '#000';
    pen.fillRect(0, 0, width, height);
    this.done(fileOf(pen.canvas));
  }

  // ---- pointer ------------------------------------------------------------------------------------------------------

  place(e) {
    const box = this.canvas.getBoundingClientRect();
    return { x: (e.clientX - box.left) * this.canvas.width / box.width, y: (e.clientY - box.top) * this.canvas.height / box.height };
  }

  go(to) {
    if (this.down) this.stroke(this.at, to);
    this.at = to;
    this.showRing();
  }

  press(e) {
    this.canvas.setPointerCapture(e.pointerId);
    this.at = this.place(e);
    this.remember();
    this.down = true;
    this.go(this.at);
  }

  move(e) {
    this.go(this.place(e));
  }

  lift() {
    this.down = false;
    this.refresh();
  }

  key(e) {
    const { width, height } = this.canvas, step = Math.max(Number(this.width.value) / 2, 8);
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (way) {
      this.go({ x: Math.min(Math.max(this.at.x + way[0] * step, 0), width), y: Math.min(Math.max(this.at.y + way[1] * step, 0), height) });
    } else if (e.key === ' ') {
      this.down = !this.down;
      if (this.down) this.change(() => this.stroke(this.at, this.at));
      this.refresh();
    } else if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === 'z') {
      if (e.shiftKey) this.swap(this.undone, this.before);
      else this.swap(this.before, this.undone);
    } else return;
    e.preventDefault();
  }

  erase(erasing) {
    this.erasing = erasing;
    this.refresh();
  }

  showRing() {
    const box = this.canvas.getBoundingClientRect(), scale = box.width / this.canvas.width, { style } = this.ring;
    style.width = style.height = `${scale * Number(this.width.value)}px`;
    style.left = `${this.canvas.offsetLeft + scale * this.at.x}px`;
    style.top = `${this.canvas.offsetTop + scale * this.at.y}px`;
    this.ring.classList.toggle('down', this.down);
  }

  refresh() {
    this.undo.disabled = !this.before.length;
    this.redo.disabled = !this.undone.length;
    this.brush.setAttribute('aria-pressed', !this.erasing);
    this.eraser.setAttribute('aria-pressed', this.erasing);
    this.showRing();
  }
}

const loaded = (address) => new Promise((resolve, reject) => {
  const image = make('img', { src: address, draggable: 'false' });
  image.onload = () => resolve(image);
  image.onerror = reject;
});

/** Opens the editor of a mask. photo, mask: addresses; mask: nullable. thumb: address of the photograph's thumbnail,
    for a start after the end of a video. video: the photograph is a frame of a video. moves: the mask is a video.
    live: the running job takes the mask. found(part): address of a mask of that part. done(mask): receives a file,
    the promise of a file, or null. Fails if the photograph cannot be loaded. */
export async function editMask({ photo, thumb, mask, ...more }) {
  const shown = await loaded(photo).catch(() => loaded(thumb));
  const old = mask ? await loaded(mask).catch(() => null) : null;
  const editor = new Editor(shown, more);
  if (old) editor.draw(inkOf(old, editor.canvas.width, editor.canvas.height), 'copy');
}
