// strip.js -- the strip of pictures in the folder, newest first.

import { make, t } from './text.js';

export class Strip {
  /** open(picture): shows the picture large. */
  constructor(host, none, { open }) {
    Object.assign(this, { host, none, open });
    this.pictures = [];
  }

  set(pictures) {
    this.pictures = pictures;
    this.none.hidden = pictures.length > 0;
    this.host.hidden = pictures.length === 0;
    const old = new Map([...this.host.children].map((e) => [e.dataset.thumb, e]));
    this.host.replaceChildren(...pictures.map((p) => old.get(p.thumb) ?? this.item(p)));
  }

  item(picture) {
    const button = make('button', { type: 'button', title: picture.title, draggable: 'true',
      onclick: () => this.open(picture),
      ondragstart: (e) => e.dataTransfer.setData('application/x-reverie', JSON.stringify(picture)) },
      make('img', { src: picture.thumb, alt: picture.title || t('a-picture'), loading: 'lazy', draggable: 'false',
        onerror: (e) => e.target.replaceWith(make('span', { class: 'no-thumb' }, picture.title)) }), // a model without a thumbnail
      picture.type !== 'picture' ? make('span', { class: 'badge' }, t('is-' + picture.type)) : null);
    return make('li', { 'data-id': picture.id, 'data-thumb': picture.thumb }, button);
  }

  mark(id) {
    for (const item of this.host.children)
      item.firstChild.setAttribute('aria-current', item.dataset.id === id ? 'true' : 'false');
  }
}
