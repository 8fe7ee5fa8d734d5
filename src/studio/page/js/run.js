// run.js -- a running job: preview, progress and actions.

import { events, get, snapshotOf, post, previewOf } from './api.js';
import { Curves } from './curves.js';
import { isVideo } from './kinds.js';
import { duration, make, t } from './text.js';

const ended = (state) => ['done', 'failed', 'cancelled'].includes(state);

export class Run {
  /** Called when: shown(job): a preview or snapshot is there; changed(): the state has changed; done(job): the job has
      ended; branched(job): there is a branch; rewound(isPast): a snapshot, or the present, is shown. problem(sentence,
      option): shows an error. away(gone): shows whether the studio answers. steering(job): returns the promise of
      changes for a branch, see steer(). */
  constructor(host, { viewer, shown, changed, done, problem, away, width, steering, branched, rewound }) {
    Object.assign(this, { host, viewer, shown, changed, done, problem, away, width, steering, branched, rewound });
    this.stateReports = 0;
    this.snapshots = [];
    this.past = null; // iteration of the shown snapshot; null: the present
    this.bar = make('progress', { max: 1, value: 0, 'aria-label': t('running') });
    this.state = make('span', { class: 'state' });
    this.left = make('span', { class: 'left' });
    this.detail = make('span', { class: 'detail' });
    this.note = make('p', { class: 'detail' });
    this.wrong = make('p', { class: 'problem', role: 'alert' }); // error that paused the job
    this.buttons = make('div', { class: 'buttons' });
    this.canvas = make('canvas', { class: 'curves', role: 'img', 'aria-label': t('losses') });
    this.slider = make('input', { id: 'snapshot', type: 'range', min: 0, max: 0, step: 1, value: 0,
      oninput: () => this.rewind(Number(this.slider.value)) });
    this.when = make('output', { for: 'snapshot' });
    this.rewinding = make('div', { class: 'field rewind', hidden: true },
      make('label', { for: 'snapshot', 'data-t': 'rewind' }, t('rewind')), this.when, this.slider);
    this.host.append(
      make('div', { class: 'how-far' }, make('p', {}, this.state, this.left), this.bar, this.detail, this.note, this.wrong),
      this.canvas, this.buttons, this.rewinding);
    this.curves = new Curves(this.canvas);
    addEventListener('resize', () => this.curves.draw());
  }

  /** The followed job if it is shown, else null. */
  get watched() {
    return this.host.hidden ? null : this.job;
  }

  /** Follows a job from now on, also after a reload. hidden: another picture is shown. */
  follow(job, hidden = false) {
    this.leave();
    this.job = job;
    this.host.hidden = hidden;
    this.curves.clear();
    this.bar.removeAttribute('value');
    this.setSnapshots([]);
    this.applyState(job);
    if (!this.job) return; // the job has ended
    if (job.preview) this.preview(job.preview);
    this.source = events(job.id);
    const on = (name, func) => this.source.addEventListener(name, (e) => func(e.data ? JSON.parse(e.data) : null));
    on('progress', (p) => this.progress(p));
    on('losses', (l) => this.curves.add(l));
    on('preview', (p) => this.preview(p.version));
    on('state', (j) => { this.applyState(j); this.changed(); });
    on('done', (j) => this.end(j));
    this.source.addEventListener('open', () => this.away(false));
    this.source.addEventListener('error', (e) => (e.data ? this.end(JSON.parse(e.data)) : this.lost()));
  }

  /** Changes a running job from its next iteration on. changes: {option, value}, or {role: [id, ...]}. Returns
      whether it succeeded. */
  async steer(changes) {
    try {
      await post(`jobs/${this.job.id}/steer`, changes);
      return true;
    } catch (refusal) {
      this.problem(refusal.message, changes.option);
      return false;
    }
  }

  leave() {
    this.source?.close();
    this.source = null;
  }

  /** Hides the job, which is still followed. */
  hide() {
    this.host.hidden = true;
  }

  drop() {
    this.leave();
    this.job = null;
    this.hide();
  }

  /** Handles a broken connection: the browser reconnects, unless the job no longer exists. */
  async lost() {
    this.away(true);
    if (this.source?.readyState !== EventSource.CLOSED) return;
    const id = this.job?.id;
    await new Promise((resolve) => setTimeout(resolve, 1500));
    if (!id || this.job?.id !== id) return;
    try {
      const job = await get(`jobs/${id}`);
      this.away(false);
      if (ended(job.state)) this.end(job);
      else this.follow(job, this.host.hidden);
    } catch (refusal) {
      if (refusal.status === 401) this.problem(refusal.message);
      else if (refusal.status !== 404) this.lost();
      else {
        this.away(false);
        this.drop();
      }
    }
  }

  applyState(job) {
    this.job = job;
    this.stateReports++;
    if (ended(job.state)) {
      this.end(job);
      return;
    }
    this.state.textContent = job.state !== 'running' ? t(job.state) : job.progress ? this.doing() : t('starting');
    this.host.dataset.state = job.state;
    if (job.state !== 'running') this.left.textContent = '';
    if (job.progress) this.progress(job.progress);
    else this.setSnapshots([]);
    this.wrong.textContent = job.error ?? '';
    this.drawButtons(job.state);
  }

  button(key, path, attributes = {}) {
    return make('button', { type: 'button', ...attributes, onclick: async (e) => {
      e.target.disabled = true;
      const before = this.stateReports;
      try {
        const job = await post(`jobs/${this.job.id}/${path}`);
        if (this.stateReports === before) this.applyState(job); // else an event has brought a newer state
      } catch (refusal) {
        this.problem(refusal.message);
      }
      e.target.disabled = false;
    } }, t(key));
  }

  drawButtons(state) {
    const focus = document.activeElement?.dataset?.does;
    const buttons = [];
    if (this.past !== null) {
      this.buttons.replaceChildren(
        make('button', { type: 'button', class: 'primary', 'data-does': 'branch', onclick: (e) => this.branch(e.target) }, t('branch')),
        make('button', { type: 'button', 'data-does': 'now', onclick: () => this.now() }, t('now')));
      return;
    }
    if (state === 'paused') buttons.push(this.button('resume', 'resume', { 'data-does': 'pause', class: 'primary' }));
    else if (state !== 'pausing') buttons.push(this.button('pause', 'pause', { 'data-does': 'pause' }));
    if (state === 'running') buttons.push(this.button('stop', 'stop', { title: t('stop-help'), 'data-does': 'stop' }));
    buttons.push(this.button('cancel', 'cancel', { 'data-does': 'cancel' }));
    this.buttons.replaceChildren(...buttons);
    if (focus) this.buttons.querySelector(`[data-does="${focus}"]`)?.focus();
  }

  doing() {
    return t(['learn', 'vae-train'].includes(this.job.kind) ? 'learning' : 'running');
  }

  progress(p) {
    if (this.host.dataset.state === 'running') this.state.textContent = this.doing();
    this.bar.value = p.done;
    this.left.textContent = p.seconds_left === undefined ? '' : t('left', { time: duration(p.seconds_left) });
    this.detail.textContent = p.label ? p.label.replaceAll('-', ' ')
      : isVideo(this.job.kind) && p.frames ? t('frame', { k: p.frame, n: p.frames })
      : this.job.kind === 'vae-train' && p.stages ? t('epoch', { k: p.stage, n: p.stages })
      : this.job.kind === 'learn' ? t('step-of', { k: p.iteration, n: p.iterations })
      : p.stages > 0 ? t('stage', { k: p.stage, n: p.stages, w: p.width, h: p.height }) : '';
    this.note.textContent = p.note ?? '';
    if (this.snapshots.join() !== (p.snapshots ?? []).join()) this.setSnapshots(p.snapshots ?? []);
  }

  // ---- snapshots ----------------------------------------------------------------------------------------------------

  /** Sets the slider. snapshots: iterations of the snapshots. The last position of the slider is the present. */
  setSnapshots(snapshots) {
    const past = this.past === null ? null : snapshots.indexOf(this.past);
    this.snapshots = snapshots;
    this.rewinding.hidden = snapshots.length === 0;
    this.slider.max = snapshots.length;
    if (past === null || past < 0) this.now();
    else this.slider.value = past;
  }

  rewind(place) {
    const was = this.past;
    this.past = this.snapshots[place] ?? null;
    this.when.textContent = this.past === null ? '' : t('step', { n: this.past });
    this.slider.setAttribute('aria-valuetext', this.when.textContent || t('now'));
    if (this.past !== null) {
      this.shown(this.job);
      this.viewer.show(snapshotOf(this.job.id, this.past, this.width()));
    } else if (was !== null && this.job?.preview) this.preview(this.job.preview);
    if ((was === null) === (this.past === null)) return;
    this.drawButtons(this.host.dataset.state);
    this.rewound(this.past !== null);
  }

  now() {
    this.slider.value = this.slider.max;
    this.rewind(this.snapshots.length);
  }

  async branch(button) {
    button.disabled = true;
    try {
      const job = await post(`jobs/${this.job.id}/branch`, { iteration: this.past, ...await this.steering(this.job) });
      this.past = null;
      this.branched(job);
    } catch (refusal) {
      this.problem(refusal.message, refusal.option);
    }
    button.disabled = false;
  }

  preview(version) {
    this.job.preview = version;
    if (this.host.hidden || this.past !== null) return;
    this.shown(this.job);
    this.viewer.show(previewOf(this.job.id, version, this.width()));
  }

  end(job) {
    this.stateReports++;
    this.drop();
    if (job.state === 'failed') this.problem(job.error, job.option);
    this.done(job);
  }
}
