// inputs.js -- inputs: pictures, videos and sets of pictures, dropped, pasted, chosen or examples; models.

import { fileOf, frameOf, get, isForeign, maskOf, thumbOf, upload, uploadLarge } from './api.js';
import { groundOf, isVideo, isVideoFile, masksOf, optional, roles, slots } from './kinds.js';
import { editMask, LONGEST, whiteMask } from './masks.js';
import { filesOf, send } from './sets.js';
import { make, t } from './text.js';

// Slots shown in addition: a painting may replace a learned style.
const besides = { 'style-learned': ['painting'], 'style-video': ['painting'] };

export const titleOf = (picture) =>
  picture.kind === 'example' ? t('example-' + picture.title)
    : picture.kind === 'set' ? t('set-of', { n: picture.pictures }) : picture.title || t('a-picture');

export class Inputs {
  /** changed(): called after a change of the choice. problem(sentence, id): shows an error at that element.
      arrived(picture): called for a new file, perhaps with a recipe. chooseStyle(name): chooses a learned style; null:
      none. wanted(slot): shows this slot. begins(): returns the start second in the video. masksChanged(slot): called
      after a change of masks. follows(): whether a running job takes the masks. */
  constructor(host, { changed, problem, arrived, chooseStyle, wanted, begins, masksChanged, follows }) {
    Object.assign(this, { host, changed, problem, arrived, chooseStyle, wanted, begins, masksChanged, follows });
    this.kind = 'style';
    this.chosen = Object.fromEntries(Object.keys(slots).map((slot) => [slot, []]));
    this.most = { picture: 64 * 2 ** 20, video: 2 ** 30 };
    this.videos = true; // whether the studio can read videos
    this.examples = [];
    this.models = []; // autoencoders: {id, title, version, latent}
    this.styles = []; // learned styles: {name, title, license, painter, thumb}
    this.learned = []; // names of chosen styles
    this.busy = {};
    this.adding = {}; // promises of uploads to sets
  }

  show(kind, names = []) {
    this.kind = kind;
    this.learned = names;
    this.render();
  }

  /** Slot of each role of this kind of job. A video in a learned style has no paintings. */
  get roles() {
    const { style, ...others } = roles[this.kind];
    return style && !(this.kind === 'style-video' && this.learned.length) ? roles[this.kind] : others;
  }

  /** Inputs as jobs take them: {role: [id, ...]}. If one painting has a mask, the others get white masks. */
  async ids() {
    const ids = {}, styleNets = this.styleNetsOf(this.learned);
    if (styleNets.length) ids.painter = styleNets;
    for (const [role, slot] of Object.entries(this.roles))
      if (this.chosen[slot].length) ids[role] = this.chosen[slot].map((p) => p.id);
    await this.sending; // masks that are being sent
    for (const [slot, { role }] of Object.entries(this.masks)) {
      const own = await this.maskIds(slot);
      if (own.length) ids[role] = own;
    }
    return ids;
  }

  /** Ids of the masks of a slot; empty if no picture has one. */
  async maskIds(slot) {
    const own = this.chosen[slot].map((p) => this.maskOf(slot, p));
    if (!own.some(Boolean)) return [];
    const white = own.every(Boolean) ? null : await upload(await whiteMask());
    return own.map((mask) => (mask ?? white).id);
  }

  /** Whether the job has the inputs that are chosen now, apart from masks. */
  isAskedFor({ inputs: given }) {
    return Object.entries(this.roles).every(([role, slot]) =>
      [given[role] ?? []].flat().join() === this.chosen[slot].map((p) => p.id).join());
  }

  /** Titles of chosen pictures that have been deleted. */
  async gone() {
    const chosen = Object.values(this.roles).flatMap((slot) => this.chosen[slot]);
    const own = Object.keys(this.masks).flatMap((slot) => this.chosen[slot].map((p) => this.maskOf(slot, p)));
    const all = [...chosen, ...own.filter(Boolean)];
    const there = await Promise.all(all.map((p) => get(`${p.kind === 'set' ? 'sets' : 'pictures'}/${p.id}`).catch(() => null)));
    return all.filter((p, k) => !there[k]).map(titleOf);
  }

  /** Ids of the models that contain these styles: jobs need both. */
  styleNetsOf(names) {
    return [...new Set(this.styles.filter((s) => s.painter && names.includes(s.name)).map((s) => s.painter))];
  }

  titleOfStyle(name) {
    return (this.styles.find((s) => s.name === name)?.title ?? name).replaceAll('-', ' ');
  }

  // ---- masks ------------------------------------------------------------------------------------------------------

  get masks() {
    return masksOf(this.kind, this.learned.length);
  }

  /** The photograph or video under the masks. */
  get ground() {
    return this.chosen[groundOf(this.kind)][0];
  }

  /** The mask of a picture, or null. A mask of another photograph does not fit. */
  maskOf(slot, picture) {
    const mask = picture[this.masks[slot].as];
    return mask && (!mask.over || mask.over === this.ground?.id) ? mask : null;
  }

  /** Sets the masks of a recipe: [{role, picture}], in order. */
  setMasks(found) {
    for (const [slot, { as, role }] of Object.entries(this.masks))
      found.filter((i) => i.role === role).forEach(({ picture }, k) => {
        if (this.chosen[slot][k]) this.chosen[slot][k][as] = { ...picture, over: this.ground?.id };
      });
    this.render();
    this.changed();
  }

  isMask(role) {
    return Object.values(this.masks).some((mask) => mask.role === role);
  }

  async editMask(slot, picture) {
    const { ground } = this, { as } = this.masks[slot], mask = this.maskOf(slot, picture), video = isVideo(this.kind);
    const frame = (p) => frameOf(p.id, LONGEST, this.begins());
    if (!ground) {
      this.problem(t('want-' + groundOf(this.kind)), 'file-' + groundOf(this.kind));
      return;
    }
    try {
      await editMask({ photo: frame(ground), thumb: ground.thumb, mask: mask && (mask.type === 'video' || isForeign(mask.title) ? frame(mask) : fileOf(mask.id)), video, moves: mask?.type === 'video', live: this.follows(),
        found: (part) => maskOf(ground.id, part, video ? this.begins() : 0),
        title: t('mask-' + as, { title: titleOf(picture) }),
        done: (file) => { this.sending = Promise.resolve(this.sending).then(() => this.masked(slot, picture, as, file, ground.id)); } });
    } catch {
      this.problem(t('missing', { names: titleOf(ground) }));
    }
  }

  async masked(slot, picture, as, coming, over) {
    const button = () => this.host.querySelector(`[data-slot="${slot}"] [data-mask="${picture.id}"]`);
    const said = (part) => button()?.replaceChildren(`${Math.round(100 * part)} %`);
    const file = await coming;
    let wrong = null;
    try {
      if (file) picture[as] = { ...await (isVideoFile(file) ? uploadLarge('videos', file, said) : upload(file)), over };
      else delete picture[as];
    } catch (refusal) {
      wrong = `${file.name}: ${refusal.message}`;
    }
    this.render();
    this.changed();
    button()?.focus();
    if (wrong) this.problem(wrong);
    else this.masksChanged(slot);
  }

  /** The first required slot that is empty, and the key of its message; or null. */
  missing() {
    const slot = Object.values(this.roles).find((one) => !this.chosen[one].length && !optional.includes(one));
    return slot ? { slot, key: 'want-' + slot } : null;
  }

  slots() {
    return [...new Set([...Object.values(this.roles), ...(besides[this.kind] ?? [])])];
  }

  /** Chooses paintings instead of a learned style, if the slot is for paintings. */
  replaceStyle(slot) {
    if (!Object.values(this.roles).includes(slot) && this.slots().includes(slot)) this.chooseStyle(null);
  }

  /** Whether the slot takes no more pictures. A slot for one replaces its picture. */
  isFull(slot) {
    const { most } = slots[slot];
    return most > 1 && this.chosen[slot].length >= most;
  }

  put(slot, picture) {
    this.replaceStyle(slot);
    const list = this.chosen[slot];
    if (slots[slot].most === 1) list.length = 0;
    if (list.some((p) => p.id === picture.id)) return;
    if (this.isFull(slot)) {
      this.problem(t('full', { n: slots[slot].most }));
      return;
    }
    list.push(picture);
    this.render();
    this.changed();
  }

  /** Sets the slots of this kind of job; other slots keep their pictures. */
  set(chosen) {
    for (const slot of Object.values(this.roles)) this.chosen[slot] = chosen[slot] ?? [];
    this.render();
    this.changed();
  }

  remove(slot, id) {
    this.chosen[slot] = this.chosen[slot].filter((p) => p.id !== id);
    this.render();
    this.changed();
    this.host.querySelector(`[data-slot="${slot}"] input`)?.focus();
  }

  /** Slot for a file that is dropped outside the slots: a photograph first, then paintings. */
  usualSlot(isOfVideo) {
    const shown = this.slots();
    if (isOfVideo) return 'video';
    if (shown.includes('photo') && (!this.chosen.photo.length || !shown.includes('painting'))) return 'photo';
    return shown.includes('painting') ? 'painting' : shown.find((one) => slots[one].type !== 'model');
  }

  /** Uploads files to the slot, or to their usual slots, except those for a full slot: uploads would only delete others. */
  async files(files, slot) {
    if (slots[slot]?.type === 'set' || (!slot && files.length > 1 && this.setSlot())) {
      await this.addToSet(files, slot ?? this.setSlot());
      return;
    }
    const filled = new Set(); // slots for one that have a file of these
    let full = null;
    for (const file of files) {
      const to = isVideoFile(file) ? 'video' : slot ?? this.usualSlot(false);
      this.wanted(to);
      if (filled.has(to) || this.isFull(to)) full = to;
      else if (await this.file(file, to) && slots[to].most === 1) filled.add(to);
    }
    if (!full) return;
    this.replaceStyle(full); // shows the pictures of the slot
    this.problem(t('full', { n: slots[full].most })); // last: each upload removes earlier messages
  }

  setSlot() {
    return this.slots().find((one) => slots[one].type === 'set');
  }

  /** Uploads one file to the slot. Returns whether it worked. */
  async file(file, slot) {
    if (slots[slot].type === 'set') {
      await this.addToSet([file], slot);
      return true;
    }
    const isVideo = slots[slot].type === 'video', most = this.most[isVideo ? 'video' : 'picture'];
    if (file.size > most) {
      this.problem(t('too-large', { name: file.name, n: Math.round(most / 2 ** 20) }), 'file-' + slot);
      return false;
    }
    let wrong = null;
    this.setBusy(slot, '…');
    try {
      const picture = await (isVideo ? uploadLarge('videos', file, (part) => this.setBusy(slot, `${Math.round(100 * part)} %`)) : upload(file));
      this.busy[slot] = false;
      this.put(slot, picture);
      if (!isVideo) this.arrived(picture);
    } catch (refusal) {
      wrong = file.name ? `${file.name}: ${refusal.message}` : refusal.message;
    }
    this.busy[slot] = false;
    this.render();
    if (wrong) this.problem(wrong, 'file-' + slot);
    return !wrong;
  }

  /** Adds pictures to the set of the slot, or to a new set, after earlier uploads to the slot. */
  addToSet(files, slot) {
    this.adding[slot] = Promise.resolve(this.adding[slot]).then(() => this.sendToSet(files, slot));
    return this.adding[slot];
  }

  async sendToSet(files, slot) {
    let wrong = null;
    try {
      const set = await send(files, this.chosen[slot][0], (n, of) => this.setBusy(slot, t('sending', { n, of })));
      this.chosen[slot] = set.pictures ? [{ id: set.id, pictures: set.pictures, thumb: thumbOf(set.id, true), kind: 'set' }] : [];
      wrong = set.wrong ?? (set.left ? t('left-out', { n: set.left }) : null);
    } catch (refusal) {
      wrong = refusal.message;
    }
    this.busy[slot] = false;
    this.render();
    this.changed();
    if (wrong) this.problem(wrong, 'file-' + slot);
  }

  /** Shows that the slot is busy. said: text of the progress. */
  setBusy(slot, said) {
    const there = this.busy[slot] && this.host.querySelector(`[data-slot="${slot}"] .plus`);
    this.busy[slot] = said;
    if (there) there.textContent = said;
    else this.render();
  }

  maskButton(slot, picture) {
    const as = this.masks[slot]?.as, mask = as && this.maskOf(slot, picture);
    return as ? make('button', { class: 'where', type: 'button', 'data-mask': picture.id, 'aria-pressed': String(Boolean(mask)),
      'aria-label': t('mask-' + as, { title: titleOf(picture) }), onclick: () => this.editMask(slot, picture) },
      mask ? make('img', { src: mask.thumb, alt: '' }) : null, t('mask-button-' + as)) : null;
  }

  card(slot, picture) {
    return make('div', { class: 'card' },
      make('img', { src: picture.thumb, alt: titleOf(picture), draggable: 'false' }),
      slots[slot].type ? make('span', { class: 'name', title: titleOf(picture) }, titleOf(picture)) : null,
      this.maskButton(slot, picture),
      make('button', { class: 'take', type: 'button', 'aria-label': t('take-away', { title: titleOf(picture) }),
        onclick: () => this.remove(slot, picture.id) }, '×'));
  }

  zone(slot, another) {
    const id = `file-${slot}`, { type, most, title } = slots[slot];
    const how = type === 'set' ? (another ? 'drop-more' : 'drop-many') : another ? 'drop-another' : 'drop';
    return make('label', { class: 'zone' + (another ? ' small' : ''), for: id },
      make('input', { id, class: 'visually-hidden', type: 'file', accept: type === 'video' ? 'video/*,.mkv' : 'image/*',
        multiple: most > 1 || type === 'set', 'aria-label': `${t(title)}: ${t(how)}`,
        onchange: (e) => this.files([...e.target.files], slot) }),
      make('span', { class: 'plus', 'aria-hidden': 'true' }, this.busy[slot] || '+'),
      make('span', { class: 'how' }, t(how)));
  }

  /** Button for a whole folder, which the dialog of a label cannot choose. */
  folderButton(slot) {
    const input = make('input', { type: 'file', webkitdirectory: true, multiple: true, hidden: true,
      onchange: (e) => this.files([...e.target.files].filter((f) => f.type.startsWith('image/')), slot) });
    return make('p', {}, input, make('button', { type: 'button', onclick: () => input.click() }, t('choose-folder')));
  }

  /** Select for trained autoencoders. Default: the newest. */
  modelField(field, slot) {
    const { models } = this;
    const chosen = models.find((m) => m.id === this.chosen[slot][0]?.id); // its file may have changed
    this.chosen[slot] = chosen ? [chosen] : models.slice(0, 1);
    if (!models.length) field.append(make('p', { class: 'help' }, t('model-none')));
    else field.append(make('select', { 'aria-label': t('model'), onchange: (e) => {
      this.chosen[slot] = models.filter((m) => m.id === e.target.value);
      this.changed();
    } }, ...models.map((m) => make('option', { value: m.id, selected: m.id === this.chosen[slot][0].id }, m.title.replace(/^Reverie |\.safetensors$/g, '')))));
    return field;
  }

  render() {
    this.host.replaceChildren(...this.slots().map((slot) => this.field(slot)));
  }

  field(slot) {
    const { most, title, examples } = slots[slot], rests = !Object.values(this.roles).includes(slot);
    const list = rests ? [] : this.chosen[slot];
    const { type, help } = slots[slot];
    const field = make('fieldset', { class: `slot ${slot}`, 'data-slot': slot }, make('legend', {}, t(title)));
    if (type === 'model') return this.modelField(field, slot);
    if (help) field.append(make('p', { class: 'help' }, t(help)));
    if (type === 'video' && !this.videos) field.append(make('p', { class: 'problem' }, t('no-ffmpeg')));
    field.append(
      make('div', { class: 'cards' + (list.length > 1 ? ' many' : '') },
        ...list.map((p) => this.card(slot, p)),
        list.length < most || type === 'set' ? this.zone(slot, list.length > 0) : null));
    if (type === 'set') field.append(this.folderButton(slot));
    const ours = this.examples.filter((p) => examples.includes(p.title) && !list.some((c) => c.id === p.id));
    if (ours.length && (!list.length || most > 1) && list.length < most)
      field.append(make('div', { class: 'examples' },
        make('span', {}, t('examples')),
        ...ours.map((p) => make('button', { type: 'button', title: titleOf(p), 'aria-label': titleOf(p),
          onclick: () => this.put(slot, p) }, make('img', { src: p.thumb, alt: '', loading: 'lazy' })))));
    if (slot === 'painting' && (rests || ['style', 'style-video'].includes(this.kind))) field.append(this.styleRow());
    this.droppable(field, slot);
    return field;
  }

  /** Buttons of learned styles: a click chooses a style, a second click removes it. */
  styleRow() {
    const chip = ({ name, painter, license, thumb }) => {
      const on = this.learned.includes(name), title = this.titleOfStyle(name);
      return make('button', { type: 'button', 'data-style': name, class: painter ? 'own' : null, 'aria-pressed': String(on), 'aria-label': title,
        title: license ? `${title} · ${license}` : title, onclick: () => this.toggleStyle(on ? null : name) },
        make('img', { src: thumb, alt: '', loading: 'lazy' }));
    };
    return make('div', { class: 'learned', role: 'group', 'aria-label': t('learned-or') }, make('span', {}, t('learned-or')),
      make('div', {}, ...this.styles.map(chip)),
      this.learned.length ? make('p', { class: 'help' }, this.learned.map((name) => this.titleOfStyle(name)).join(', ')) : null);
  }

  toggleStyle(name) {
    const at = name ?? this.learned[0];
    this.chooseStyle(name);
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

  async drop(data, slot) {
    const own = data.getData('application/x-reverie'), picture = own && JSON.parse(own);
    if (!own) {
      await this.files(await filesOf(data), slot);
      return;
    }
    const type = picture.type ?? 'picture', to = slot ?? this.usualSlot(type === 'video');
    this.wanted(to);
    if (type === (slots[to].type ?? 'picture')) this.put(to, picture);
    else this.problem(t('not-here', { name: titleOf(picture) }), 'file-' + to);
  }
}
