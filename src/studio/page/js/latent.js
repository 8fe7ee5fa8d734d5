// latent.js -- map of an autoencoder's latent space, and the picture at the marked position.

import { post } from './api.js';
import { make, t } from './text.js';

const REACH = 2.5, CELLS = 15, STEP = 0.05, FAR = 0.5;

export class Latent {
  /** kept(picture): called after the picture was saved in the folder. problem(sentence): shows an error. */
  constructor(host, { kept, problem }) {
    Object.assign(this, { host, kept, problem });
    this.x = this.y = 0;
    this.seed = 0;
    this.map = make('img', { class: 'map', alt: '', draggable: 'false' });
    this.mark = make('div', { class: 'mark', 'aria-hidden': 'true' });
    this.field = make('div', { class: 'field-of', tabindex: 0, role: 'application', onkeydown: (e) => this.key(e),
      onpointerdown: (e) => { this.field.setPointerCapture(e.pointerId); this.point(e); },
      onpointermove: (e) => { if (e.buttons) this.point(e); } }, this.map, this.mark);
    this.picture = make('img', { class: 'drawn', alt: '', draggable: 'false' });
    this.picture.addEventListener('load', () => this.loaded());
    this.picture.addEventListener('error', () => this.loaded());
    this.where = make('output', { class: 'place' });
    this.keepButton = make('button', { type: 'button', class: 'primary', 'data-does': 'keep', onclick: () => this.keep() });
    this.elsewhere = make('button', { type: 'button', 'data-does': 'elsewhere', onclick: () => { this.seed++; this.draw(); } });
    this.how = make('p', { class: 'help' });
    this.host.append(this.field, make('div', { class: 'beside' }, this.picture, this.where, this.how,
      make('div', { class: 'ways' }, this.keepButton, this.elsewhere)));
  }

  /** Shows the map of a model: {id, title, version, latent}. */
  show(model) {
    if (this.model?.id !== model.id) {
      this.x = this.y = 0;
      this.seed = 0;
    }
    this.model = model;
    this.field.setAttribute('aria-label', t('latent-map'));
    this.picture.alt = t('latent-drawn');
    this.keepButton.textContent = t('latent-keep');
    this.elsewhere.textContent = t('latent-elsewhere');
    this.elsewhere.hidden = model.latent < 3;
    this.how.textContent = t(model.latent > 2 ? 'latent-how-many' : 'latent-how', { n: model.latent });
    this.draw();
  }

  address(rest) {
    return `/api/v1/pictures/${this.model.id}/latent?seed=${this.seed}&v=${this.model.version}&${rest}`;
  }

  draw() {
    this.map.src = this.address(`cells=${CELLS}`);
    this.move(this.x, this.y);
  }

  point(e) {
    const box = this.map.getBoundingClientRect();
    // the centres of the outermost cells are REACH from 0
    const along = (at, length) => (at / length * CELLS - 0.5) / (CELLS - 1) * 2 * REACH - REACH;
    this.move(along(e.clientX - box.x, box.width), -along(e.clientY - box.y, box.height));
  }

  key(e) {
    const step = e.shiftKey ? FAR : STEP;
    const by = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[e.key];
    if (!by) return;
    e.preventDefault();
    this.move(this.x + by[0], this.y + by[1]);
  }

  move(x, y) {
    const edge = REACH * CELLS / (CELLS - 1), within = (v) => Math.round(Math.min(Math.max(v, -edge), edge) * 100) / 100;
    [this.x, this.y] = [within(x), within(y)];
    const place = (v) => 50 + v / edge * 50;
    this.mark.style.left = `${place(this.x)}%`;
    this.mark.style.top = `${100 - place(this.y)}%`;
    this.where.textContent = `${this.x.toFixed(2)}, ${this.y.toFixed(2)}`;
    const address = this.address(`x=${this.x}&y=${this.y}`);
    if (this.loading) this.next = address; // only the newest position waits
    else if (this.picture.getAttribute('src') !== address) {
      this.loading = true;
      this.picture.src = address;
    }
  }

  loaded() {
    this.loading = false;
    const next = this.next;
    this.next = null;
    if (next && this.picture.getAttribute('src') !== next) {
      this.loading = true;
      this.picture.src = next;
    }
  }

  async keep() {
    try {
      this.kept(await post(`pictures/${this.model.id}/latent`, { seed: this.seed, x: this.x, y: this.y }));
    } catch (refusal) {
      this.problem(refusal.message);
    }
  }
}
