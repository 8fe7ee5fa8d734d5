// kinds.js -- the kinds of jobs there is a tab for, and what each wants: pictures, films, models; not what can be set,
// which the library's own tables say.

/** The kinds of each tab, the usual one first. */
export const tabs = {
  style: ['style', 'style-with'],
  dream: ['dream'],
  video: ['style-film', 'dream-film'],
  learn: ['learn'],
  vae: ['vae-train', 'vae-picture'],
  explore: ['explore-style', 'explore-dream', 'explore-with'],
};

/** What a tab's kinds are called, where one is to be chosen: keys of texts. */
export const choices = {
  video: { 'style-film': 'style', 'dream-film': 'dream' },
  vae: { 'vae-train': 'vae-train', 'vae-picture': 'vae-look' },
  explore: { 'explore-style': 'style', 'explore-dream': 'dream', 'explore-with': 'learnt-styles' },
};

export const tabOf = (kind) => Object.keys(tabs).find((tab) => tabs[tab].includes(kind));
export const isSheet = (kind) => tabOf(kind) === 'explore';
export const isFilm = (kind) => kind.endsWith('-film');
export const isFilmFile = (file) => file.type.startsWith('video/') || /\.(mkv|mov|m4v|avi|mpe?g|ogv)$/i.test(file.name ?? '');
export const isDream = (kind) => kind.includes('dream');
export const isVae = (kind) => kind.startsWith('vae');
/** Whether it is painted in one pass, in a style that was learnt. */
export const isLearnt = (kind, values) => kind.endsWith('-with') || (kind === 'style-film' && Boolean(values?.with));
export const hasAxes = (kind) => isSheet(kind) && kind !== 'explore-with';
/** Whether the page's own controls say anything to it. */
export const hasSize = (kind) => kind !== 'learn' && !isVae(kind);
export const hasStrength = (kind) => hasSize(kind) && !hasAxes(kind);
/** Whether settings count while one is made. */
export const canSteer = (kind) => ['style', 'dream'].includes(kind);
/** And whether masks do. */
export const canSteerMasks = (kind) => kind === 'style';
export const hasTime = (kind) => ['style', 'dream', 'learn'].includes(kind);

// Where pictures go. type: of what goes there; else a picture.
export const slots = {
  photo: { most: 1, title: 'photo', examples: ['lake', 'table'] },
  film: { most: 1, title: 'film', examples: [], type: 'film' },
  painting: { most: 4, title: 'paintings', examples: ['strokes', 'waves', 'glass'] },
  guide: { most: 1, title: 'guide', examples: [] },
  photos: { most: 1, title: 'photos', help: 'photos-help', examples: [], type: 'set' },
  data: { most: 1, title: 'data', help: 'data-help', examples: [], type: 'set' },
  input: { most: 1, title: 'input', examples: [], type: 'set' },
  model: { most: 1, title: 'model', type: 'model', examples: [] },
};

/** What each kind of job calls them. */
export const roles = {
  style: { content: 'photo', style: 'painting' },
  'style-with': { content: 'photo' },
  dream: { picture: 'photo', guide: 'guide' },
  'style-film': { content: 'film', style: 'painting' },
  'dream-film': { content: 'film', guide: 'guide' },
  learn: { style: 'painting', photo: 'photos' },
  'vae-train': { data: 'data' },
  'vae-picture': { model: 'model', input: 'input' },
  'explore-style': { content: 'photo', style: 'painting' },
  'explore-dream': { picture: 'photo' },
  'explore-with': { content: 'photo' },
};
/** Those of its slots that may be left empty. */
export const optional = ['guide', 'input'];

/** Where masks are painted over: the slot of what is painted or dreamt on. */
export const groundOf = (kind) => roles[kind].content ?? roles[kind].picture;

// Masks, which belong to a picture that was chosen: as what, and what jobs call them.
const masks = {
  style: { photo: { as: 'protect', role: 'protect' }, painting: { as: 'mask', role: 'mask' } },
  dream: { photo: { as: 'where', role: 'mask' } },
  'style-film': { film: { as: 'protect', role: 'protect' }, painting: { as: 'mask', role: 'mask' } },
  'dream-film': { film: { as: 'where', role: 'mask' } },
};
const maskOfStyle = { as: 'painted', role: 'mask' };
export const maskNames = ['protect', 'mask', 'where', 'painted'];

/** {slot: mask}; n: how many styles that were learnt are wanted, of which one may have a mask. */
export const masksOf = (kind, n) => (n === 0 ? masks[kind] ?? {} : n === 1 ? { [groundOf(kind)]: maskOfStyle } : {});

/** Inputs of a job that are sets: their thumbs are found elsewhere. */
export const isSetRole = (role) => ['photo', 'data', 'input'].includes(role);
