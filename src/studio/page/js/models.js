// models.js -- networks: sizes, downloads, checks and uploads.

import { get, post, remove, uploadLarge } from './api.js';
import { make, t } from './text.js';

const LOOK_AGAIN_MS = 500; // between two requests during a download or check

const suffixes = ['.onnx', '.pth', '.pt', '.safetensors', '.h5', '.keras', '.caffemodel'];
export const isNetworkFile = ({ name }) => suffixes.some((suffix) => name.toLowerCase().endsWith(suffix));
const sizeOf = ({ bytes }) => (bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${Math.round(bytes / 1e6)} MB`);

export class Models {
  /** changed(networks): called with each new list of networks. most(): largest upload, bytes. */
  constructor(host, { changed, most }) {
    Object.assign(this, { host, changed, most });
    this.problem = make('p', { class: 'problem', role: 'alert', hidden: true });
    this.list = make('ul', { class: 'models' });
    this.host.append(make('p', { class: 'help', 'data-t': 'models-help' }, t('models-help')),
      make('label', { class: 'zone small', for: 'file-network' },
        make('input', { id: 'file-network', class: 'visually-hidden', type: 'file', accept: suffixes.join(), multiple: true,
          onchange: (e) => this.files([...e.target.files]).then(() => { e.target.value = ''; }) }),
        make('span', { class: 'plus', 'aria-hidden': 'true' }, '+'), make('span', { class: 'how', 'data-t': 'model-add' }, t('model-add'))),
      this.problem, this.list);
  }

  /** Uploads files, one after another. Reports refused ones together. */
  async files(files) {
    const plus = this.host.querySelector('.plus'), wrong = [];
    for (const file of files)
      try {
        if (file.size > this.most()) throw new Error(t('too-large', { name: file.name, n: Math.round(this.most() / 2 ** 20) }));
        await uploadLarge('networks', file, (part) => { plus.textContent = part < 1 ? `${Math.round(100 * part)} %` : '…'; });
      } catch (refusal) {
        wrong.push(refusal.status ? `${file.name}: ${refusal.message}` : refusal.message);
      }
    plus.textContent = '+';
    this.say(wrong.join(' '));
    await this.show();
  }

  async show() {
    clearTimeout(this.timer);
    try {
      const { networks } = await get('networks');
      this.render(networks);
      this.changed(networks);
      if (networks.some((n) => ['getting', 'checking'].includes(n.state)))
        this.timer = setTimeout(() => this.show(), LOOK_AGAIN_MS);
    } catch (refusal) {
      this.say(refusal.message);
    }
  }

  say(sentence) {
    this.problem.textContent = sentence ?? '';
    this.problem.hidden = !sentence;
  }

  render(networks) {
    const { name, does } = document.activeElement?.dataset ?? {};
    this.open = [...this.list.querySelectorAll('details[open]')].map((e) => e.dataset.name);
    this.list.replaceChildren(...networks.map((n) => this.item(n)));
    if (name) (this.list.querySelector(`[data-name="${name}"][data-does="${does}"]`) ?? this.list.querySelector(`[data-name="${name}"]`))?.focus();
  }

  button(network, does, attributes = {}) {
    return make('button', { type: 'button', 'data-does': does, 'data-name': network.name, ...attributes,
      'aria-label': `${t('model-' + does)}: ${network.title ?? network.name}`, onclick: async () => {
        this.say(null);
        if (does === 'delete' && !confirm(t('model-delete-sure'))) return;
        try {
          await (does === 'delete' ? remove(`pictures/${network.name}`) : post(`networks/${does}`, { name: network.name }));
        } catch (refusal) {
          this.say(refusal.message);
        }
        this.show();
      } }, t('model-' + does));
  }

  item(n) {
    const moves = ['getting', 'checking'].includes(n.state);
    const size = n.bytes && !n.builtin ? ` · ${sizeOf(n)}` : '', { network, preprocessing, sha256, layers } = n.facts ?? {};
    const state = n.builtin ? 'builtin' : n.title ? 'given' : moves ? n.state : n.installed ? (n.verified ? 'whole' : 'here') : n.published ? 'missing' : 'unpublished';
    return make('li', { 'data-state': state },
      make('div', {}, make('strong', {}, n.title ?? n.name), make('p', { class: 'help' }, t('model-is-' + state) + size, [network, n.license].filter((one) => one && one !== n.name).map((one) => ` · ${one}`).join(''))),
      make('div', { class: 'buttons' },
        moves ? this.button(n, 'stop') : n.title ? this.button(n, 'delete') : n.builtin ? null : n.installed ? this.button(n, 'check')
          : n.published ? this.button(n, 'get', { class: 'primary' }) : null),
      moves ? make('progress', { max: 1, value: n.total ? n.done / n.total : null, 'aria-label': `${t('model-is-' + state)}: ${n.name}` }) : null,
      n.title && n.facts ? make('details', { 'data-name': n.name, open: this.open.includes(n.name) }, make('summary', {}, t('model-facts')),
        make('p', {}, `${t('model-preprocessing')}: ${preprocessing}`), make('p', {}, `SHA-256: ${sha256}`),
        make('p', {}, `${t('model-layers', { n: layers.length })}: ${layers.join(', ')}`)) : null,
      n.waiting ? make('p', { class: 'help' }, n.waiting) : null,
      n.error ? make('p', { class: 'problem' }, n.error) : null);
  }
}
