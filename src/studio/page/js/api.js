// api.js -- requests to the studio's server.

import { t } from './text.js';

export class Refusal extends Error {
  constructor(status, said) {
    super(status === 401 ? t('locked') : said?.error ?? t('away'));
    this.status = status;
    this.option = said?.option ?? null;
  }
}

/** The reply, or a Refusal. */
async function reply(method, path, options = {}) {
  const headers = { ...options.headers };
  if (method !== 'GET') headers['X-Reverie'] = '1';
  if (method === 'POST') headers['Content-Type'] ??= 'application/json';
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: options.body });
  } catch {
    throw new Refusal(0);
  }
  if (answer.ok) return answer;
  throw new Refusal(answer.status, await answer.json().catch(() => null)); // null: the answer is not from the studio
}

const ask = async (...request) => (await reply(...request)).json().catch(() => null);

const API = '/api/v1/';

/** The picture at an address of this file's functions. */
export const getPicture = async (address) => createImageBitmap(await (await reply('GET', address)).blob());
export const get = (path) => ask('GET', API + path);
export const post = (path, value = {}) => ask('POST', API + path, { body: JSON.stringify(value) });
export const remove = (path) => ask('DELETE', API + path);
const aboutFile = (name) => ({ 'Content-Type': 'application/octet-stream', 'X-Name': encodeURIComponent(name ?? '') });
export const sendTo = (path, file, name) => ask('POST', API + path, { headers: aboutFile(name), body: file });
export const upload = (file) => sendTo('pictures', file, file.name);

/** Uploads a large file. to: "videos" or "networks". done(part): fraction sent, 0 to 1. */
export function uploadLarge(to, file, done) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', API + to);
    for (const [name, value] of Object.entries({ ...aboutFile(file.name), 'X-Reverie': '1' })) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', (e) => done(e.loaded / e.total));
    request.addEventListener('error', () => reject(new Refusal(0)));
    request.addEventListener('load', () => {
      let said = null;
      try { said = JSON.parse(request.responseText); } catch { /* the answer is not from the studio */ }
      if (request.status === 201) resolve(said);
      else reject(new Refusal(request.status, said));
    });
    request.send(file);
  });
}

/** Exchanges the token or code in the address for a cookie, and removes it from the address. */
export async function enter() {
  const [, mark, secret] = /^#([tc])=([0-9a-f]{32})$/.exec(location.hash) ?? [];
  if (!secret) return;
  history.replaceState(null, '', location.pathname);
  await ask('POST', API + 'session', { headers: { Authorization: (mark === 't' ? 'Bearer ' : 'Code ') + secret } });
}

export const thumbOf = (id, isSet) => `${API}${isSet ? 'sets' : 'pictures'}/${id}/thumb`;
/** Address of a picture, or of the frame of a video at the second `at`, as a JPEG with this longest side. Unlike browsers, the studio
    rotates all formats as their EXIF data say. */
export const frameOf = (id, width, at = 0) => `${API}pictures/${id}/thumb?w=${width}&at=${at}`;
/** Address of a mask of a part of a picture, or of the frame of a video at the second `at`. */
export const maskOf = (id, part, at) => `${API}pictures/${id}/mask?of=${part}&at=${at}`;
/** Whether browsers cannot show a picture with this title; frameOf() can. */
export const isForeign = (title) => /\.(tiff?|hei[cf])$/i.test(title);
export const fileOf = (id) => `${API}pictures/${id}/file`;
export const previewOf = (id, version, width) => `${API}jobs/${id}/preview?v=${version}&w=${width}`;
export const snapshotOf = (id, iteration, width) => `${API}jobs/${id}/snapshot?iteration=${iteration}&w=${width}`;
export const events = (id) => new EventSource(`${API}jobs/${id}/events`);
