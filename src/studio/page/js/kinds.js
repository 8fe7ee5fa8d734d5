// kinds.js -- kinds of jobs of each tab, and their inputs. Settings come from the library's tables.

/** Kinds of each tab, the default first. */
export const tabs = {
  style: ['style', 'style-learned'],
  dream: ['dream'],
  video: ['style-video', 'dream-video'],
  learn: ['learn'],
  vae: ['vae-train', 'vae-picture'],
  explore: ['explore-style', 'explore-dream', 'explore-learned'],
};

/** Keys of the names of a tab's kinds. */
export const choices = {
  video: { 'style-video': 'style', 'dream-video': 'dream' },
  vae: { 'vae-train': 'vae-train', 'vae-picture': 'vae-look' },
  explore: { 'explore-style': 'style', 'explore-dream': 'dream', 'explore-learned': 'learned-styles' },
};

export const tabOf = (kind) => Object.keys(tabs).find((tab) => tabs[tab].includes(kind));
export const isSheet = (kind) => tabOf(kind) === 'explore';
export const isVideo = (kind) => kind.endsWith('-video');
export const isVideoFile = (file) => file.type.startsWith('video/') || /\.(mkv|mov|m4v|avi|mpe?g|ogv)$/i.test(file.name ?? '');
export const isDream = (kind) => kind.includes('dream');
export const isVae = (kind) => kind.startsWith('vae');
/** Whether a style network makes the result, in one pass. */
export const isLearned = (kind, values) => kind.endsWith('-learned') || (kind === 'style-video' && Boolean(values?.learned));
export const hasAxes = (kind) => isSheet(kind) && kind !== 'explore-learned';
/** Whether the page's own control for the size applies. */
export const hasSize = (kind) => kind !== 'learn' && !isVae(kind);
export const hasStrength = (kind) => hasSize(kind) && !hasAxes(kind);
/** Whether settings can change while such a job runs. */
export const canSteer = (kind) => ['style', 'dream'].includes(kind);
/** Whether masks can change while such a job runs. */
export const canSteerMasks = (kind) => kind === 'style';
export const hasTime = (kind) => ['style', 'dream', 'learn'].includes(kind);

// Slots for inputs. type: type of the files; default: a picture.
export const slots = {
  photo: { most: 1, title: 'photo', examples: ['lake', 'table'] },
  video: { most: 1, title: 'video', examples: [], type: 'video' },
  painting: { most: 4, title: 'paintings', examples: ['strokes', 'waves', 'glass'] },
  guide: { most: 1, title: 'guide', examples: [] },
  photos: { most: 1, title: 'photos', help: 'photos-help', examples: [], type: 'set' },
  data: { most: 1, title: 'data', help: 'data-help', examples: [], type: 'set' },
  input: { most: 1, title: 'input', examples: [], type: 'set' },
  model: { most: 1, title: 'model', type: 'model', examples: [] },
};

/** Slot of each role. */
export const roles = {
  style: { content: 'photo', style: 'painting' },
  'style-learned': { content: 'photo' },
  dream: { picture: 'photo', guide: 'guide' },
  'style-video': { content: 'video', style: 'painting' },
  'dream-video': { content: 'video', guide: 'guide' },
  learn: { style: 'painting', photo: 'photos' },
  'vae-train': { data: 'data' },
  'vae-picture': { model: 'model', input: 'input' },
  'explore-style': { content: 'photo', style: 'painting' },
  'explore-dream': { picture: 'photo' },
  'explore-learned': { content: 'photo' },
};
/** Slots that may be empty. */
export const optional = ['guide', 'input'];

/** Slot of the photograph or video that masks are painted over. */
export const groundOf = (kind) => roles[kind].content ?? roles[kind].picture;

// Masks of the pictures in a slot: property of the picture, and role in jobs.
const masks = {
  style: { photo: { as: 'protect', role: 'protect' }, painting: { as: 'mask', role: 'mask' } },
  dream: { photo: { as: 'where', role: 'mask' } },
  'style-video': { video: { as: 'protect', role: 'protect' }, painting: { as: 'mask', role: 'mask' } },
  'dream-video': { video: { as: 'where', role: 'mask' } },
};
const maskOfStyle = { as: 'painted', role: 'mask' };
export const maskNames = ['protect', 'mask', 'where', 'painted'];

/** Masks of the slots: {slot: mask}. n: number of learned styles; with several there is no mask. */
export const masksOf = (kind, n) => (n === 0 ? masks[kind] ?? {} : n === 1 ? { [groundOf(kind)]: maskOfStyle } : {});

/** Roles whose inputs are sets: their thumbnails have another address. */
export const isSetRole = (role) => ['photo', 'data', 'input'].includes(role);
