// models.js -- networks: sizes, downloads and checks.

import { get, post } from './api.js';
import { make, t } from './text.js';

const LOOK_AGAIN_MS = 500; // between two requests during a download or check

export class Models {
  /** changed(networks): called with each new list of networks. */
  constructor(host, { changed }) {
    Object.assign(this, { host, changed });
    this.problem = make('p', { class: 'problem', role: 'alert', hidden: true });
    this.list = make('ul', { class: 'models' });
    this.host.append(make('p', { class: 'help', 'data-t': 'models-help' }, t('models-help')), this.problem, this.list);
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
    this.list.replaceChildren(...networks.map((n) => this.item(n)));
    if (name) (this.list.querySelector(`[data-name="${name}"][data-does="${does}"]`) ?? this.list.querySelector(`[data-name="${name}"]`))?.focus();
  }

  button(network, does, attributes = {}) {
    return make('button', { type: 'button', 'data-does': does, 'data-name': network.name, ...attributes,
      'aria-label': `${t('model-' + does)}: ${network.name}`, onclick: async () => {
        this.say(null);
        try {
          await post(`networks/${does}`, { name: network.name });
        } catch (refusal) {
          this.say(refusal.message);
        }
        this.show();
      } }, t('model-' + does));
  }

  item(n) {
    const moves = ['getting', 'checking'].includes(n.state);
    const size = n.bytes && !n.builtin ? ` · ${Math.round(n.bytes / 1e6)} MB` : '';
    const state = n.builtin ? 'builtin' : moves ? n.state : n.installed ? (n.verified ? 'whole' : 'here') : n.published ? 'missing' : 'unpublished';
    return make('li', { 'data-state': state },
      make('div', {}, make('strong', {}, n.name), make('p', { class: 'help' }, t('model-is-' + state) + size, n.license ? ` · ${n.license}` : '')),
      make('div', { class: 'buttons' },
        moves ? this.button(n, 'stop') : n.builtin ? null : n.installed ? this.button(n, 'check')
          : n.published ? this.button(n, 'get', { class: 'primary' }) : null),
      moves ? make('progress', { max: 1, value: n.total ? n.done / n.total : null, 'aria-label': `${t('model-is-' + state)}: ${n.name}` }) : null,
      n.waiting ? make('p', { class: 'help' }, n.waiting) : null,
      n.error ? make('p', { class: 'problem' }, n.error) : null);
  }
}
