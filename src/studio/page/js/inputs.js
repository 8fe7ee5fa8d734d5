// inputs.js -- the pictures that go in: dropped, pasted, chosen, or one of ours.

import { fileOf, upload } from './api.js';
import { editMask, whiteMask } from './masks.js';
import { make, t } from './text.js';

// Where pictures go, and what each kind of job calls them.
const slots = {
  photo: { most: 1, title: 'photo', examples: ['lake', 'table'] },
  painting: { most: 4, title: 'paintings', examples: ['strokes', 'waves', 'glass'] },
  guide: { most: 1, title: 'guide', examples: [] },
};
const roles = {
  style: { content: 'photo', style: 'painting' },
  'style-with': { content: 'photo' },
  dream: { picture: 'photo', guide: 'guide' },
  'explore-style': { content: 'photo', style: 'painting' },
  'explore-dream': { picture: 'photo' },
  'explore-with': { content: 'photo' },
};

// Shown besides: where a painting is chosen, the styles that were learnt from others are as well.
const besides = { 'style-with': ['painting'] };

// Masks, which belong to a picture that was chosen: as what, and what jobs call them.
const masks = {
  style: { photo: { as: 'protect', role: 'protect' }, painting: { as: 'mask', role: 'mask' } },
  dream: { photo: { as: 'where', role: 'mask' } },
};

export const titleOf = (picture) =>
  picture.kind === 'example' ? t('example-' + picture.title) : picture.title || t('a-picture');

export class Inputs {
  /** changed(): something was chosen; problem(sentence); arrived(picture): a file came that may have a recipe;
      learnt(name): a style that was learnt is wanted, or null: none any more. */
  constructor(host, { changed, problem, arrived, learnt, most }) {
    Object.assign(this, { host, changed, problem, arrived, learnt, most });
    this.kind = 'style';
    this.chosen = { photo: [], painting: [], guide: [] };
    this.examples = [];
    this.styles = []; // that were learnt: {name, licence, thumb}
    this.with = []; // the names of those that are wanted
    this.busy = {};
  }

  show(kind, names = []) {
    this.kind = kind;
    this.with = names;
    this.render();
  }

  /** As jobs take them: {role: [id, ...]}; where one painting has a mask, the others have white ones. */
  async ids() {
    const ids = {};
    for (const [role, slot] of Object.entries(roles[this.kind]))
      if (this.chosen[slot].length) ids[role] = this.chosen[slot].map((p) => p.id);
    for (const [slot, { as, role }] of Object.entries(masks[this.kind] ?? {})) {
      const list = this.chosen[slot];
      if (!list.some((p) => p[as])) continue;
      const white = list.every((p) => p[as]) ? null : await upload(await whiteMask());
      ids[role] = list.map((p) => (p[as] ?? white).id);
    }
    return ids;
  }

  /** Those of a recipe: [{role, picture}], in order. */
  setMasks(found) {
    for (const [slot, { as, role }] of Object.entries(masks[this.kind] ?? {}))
      found.filter((i) => i.role === role).forEach(({ picture }, k) => {
        if (this.chosen[slot][k]) this.chosen[slot][k][as] = picture;
      });
    this.render();
    this.changed();
  }

  isMask(role) {
    return Object.values(masks[this.kind] ?? {}).some((mask) => mask.role === role);
  }

  editMask(slot, picture) {
    const { as } = masks[this.kind][slot], photo = this.chosen.photo[0];
    if (!photo) {
      this.problem(t('want-photo'));
      return;
    }
    editMask({ photo: fileOf(photo.id), thumb: photo.thumb, mask: picture[as] && fileOf(picture[as].id),
      title: t('mask-' + as, { title: titleOf(picture) }), done: (file) => this.masked(slot, picture, as, file) });
  }

  async masked(slot, picture, as, file) {
    try {
      if (file) picture[as] = await upload(file);
      else delete picture[as];
    } catch (refusal) {
      this.problem(refusal.message);
    }
    this.render();
    this.changed();
    this.host.querySelector(`[data-slot="${slot}"] [data-mask="${picture.id}"]`)?.focus();
  }

  /** What is wanted and not there: the key of a sentence, or null. */
  missing() {
    if (!this.chosen.photo.length) return 'want-photo';
    return this.slotOf('style') && !this.chosen.painting.length ? 'want-painting' : null;
  }

  slotOf(role) {
    return roles[this.kind][role];
  }

  slots() {
    return [...Object.values(roles[this.kind]), ...(besides[this.kind] ?? [])];
  }

  put(slot, picture) {
    if (!Object.values(roles[this.kind]).includes(slot) && this.slots().includes(slot)) this.learnt(null); // a painting instead
    const list = this.chosen[slot];
    if (slots[slot].most === 1) list.length = 0;
    if (list.some((p) => p.id === picture.id) || list.length >= slots[slot].most) return;
    list.push(picture);
    this.render();
    this.changed();
  }

  /** Those of this kind of job; what others have is left to them. */
  set(chosen) {
    for (const slot of Object.values(roles[this.kind])) this.chosen[slot] = chosen[slot] ?? [];
    this.render();
    this.changed();
  }

  take(slot, id) {
    this.chosen[slot] = this.chosen[slot].filter((p) => p.id !== id);
    this.render();
    this.changed();
    this.host.querySelector(`[data-slot="${slot}"] input`)?.focus();
  }

  /** Where a file goes that was dropped anywhere: a photograph first, then paintings. */
  async files(files, slot) {
    for (const file of files) {
      const to = slot ?? (!this.chosen.photo.length || !this.slots().includes('painting') ? 'photo' : 'painting');
      await this.file(file, to);
    }
  }

  async file(file, slot) {
    if (file.size > this.most) {
      this.problem(t('too-large', { name: file.name, n: Math.round(this.most / 2 ** 20) }));
      return;
    }
    this.busy[slot] = true;
    this.render();
    try {
      const picture = await upload(file);
      this.busy[slot] = false;
      this.put(slot, picture);
      this.arrived(picture);
    } catch (refusal) {
      this.problem(file.name ? `${file.name}: ${refusal.message}` : refusal.message);
    }
    this.busy[slot] = false;
    this.render();
  }

  maskButton(slot, picture) {
    const as = masks[this.kind]?.[slot]?.as;
    return as ? make('button', { class: 'where', type: 'button', 'data-mask': picture.id, 'aria-pressed': String(Boolean(picture[as])),
      'aria-label': t('mask-' + as, { title: titleOf(picture) }), onclick: () => this.editMask(slot, picture) },
      picture[as] ? make('img', { src: picture[as].thumb, alt: '' }) : null, t('mask-button-' + as)) : null;
  }

  card(slot, picture) {
    return make('div', { class: 'card' },
      make('img', { src: picture.thumb, alt: titleOf(picture), draggable: 'false' }),
      this.maskButton(slot, picture),
      make('button', { class: 'take', type: 'button', 'aria-label': t('take-away', { title: titleOf(picture) }),
        onclick: () => this.take(slot, picture.id) }, '×'));
  }

  zone(slot, another) {
    const id = `file-${slot}`;
    const zone = make('label', { class: 'zone' + (another ? ' small' : ''), for: id },
      make('input', { id, class: 'visually-hidden', type: 'file', accept: 'image/*', multiple: slots[slot].most > 1,
        'aria-label': `${t(slots[slot].title)}: ${t('drop')}`,
        onchange: (e) => this.files([...e.target.files], slot) }),
      make('span', { class: 'plus', 'aria-hidden': 'true' }, this.busy[slot] ? '…' : '+'),
      make('span', { class: 'how' }, another ? t('drop-another') : t('drop')));
    return zone;
  }

  render() {
    this.host.replaceChildren(...this.slots().map((slot) => this.field(slot)));
  }

  field(slot) {
    const { most, title, examples } = slots[slot], rests = !Object.values(roles[this.kind]).includes(slot);
    const list = rests ? [] : this.chosen[slot];
    const field = make('fieldset', { class: `slot ${slot}`, 'data-slot': slot },
      make('legend', {}, t(title)),
      make('div', { class: 'cards' + (list.length > 1 ? ' many' : '') },
        ...list.map((p) => this.card(slot, p)),
        list.length < most ? this.zone(slot, list.length > 0) : null));
    const ours = this.examples.filter((p) => examples.includes(p.title) && !list.some((c) => c.id === p.id));
    if (ours.length && (!list.length || most > 1) && list.length < most)
      field.append(make('div', { class: 'examples' },
        make('span', {}, t('examples')),
        ...ours.map((p) => make('button', { type: 'button', title: titleOf(p), 'aria-label': titleOf(p),
          onclick: () => this.put(slot, p) }, make('img', { src: p.thumb, alt: '', loading: 'lazy' })))));
    if (slot === 'painting' && (rests || this.kind === 'style')) field.append(this.learntRow());
    this.droppable(field, slot);
    return field;
  }

  /** A click takes a style, one more on it lets it go. */
  learntRow() {
    const chip = ({ name, licence, thumb }) => {
      const on = this.with.includes(name), title = name.replaceAll('-', ' ');
      return make('button', { type: 'button', 'data-style': name, 'aria-pressed': String(on), 'aria-label': title,
        title: licence ? `${title} · ${licence}` : title, onclick: () => this.takeStyle(on ? null : name) },
        make('img', { src: thumb, alt: '', loading: 'lazy' }));
    };
    return make('div', { class: 'learnt', role: 'group', 'aria-label': t('learnt') }, make('span', {}, t('learnt')),
      make('div', {}, ...this.styles.map(chip)),
      this.with.length ? make('p', { class: 'help' }, this.with.map((name) => name.replaceAll('-', ' ')).join(', ')) : null);
  }

  takeStyle(name) {
    const at = name ?? this.with[0];
    this.learnt(name);
    this.host.querySelector(`[data-style="${CSS.escape(at)}"]`)?.focus();
  }

  droppable(field, slot) {
    field.addEventListener('dragover', (e) => { e.preventDefault(); field.classList.add('over'); });
    field.addEventListener('dragleave', () => field.classList.remove('over'));
    field.addEventListener('drop', (e) => {
      e.preventDefault();
      e.stopPropagation();
      field.classList.remove('over');
      document.body.classList.remove('dragging');
      this.drop(e.dataTransfer, slot);
    });
  }

  drop(data, slot) {
    const own = data.getData('application/x-reverie');
    if (own) this.put(slot ?? 'photo', JSON.parse(own));
    else this.files([...data.files], slot);
  }
}
