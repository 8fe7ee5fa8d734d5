// recipes.js -- recipes as command lines, and their differences.

import { plain, Settings } from './settings.js';
import { make } from './text.js';

const quote = (word) => (/^[\w.,:=/+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
const renamedRoles = { where: 'word-mask', key: 'keyframes', keyframe: 'keyframes' }; // inputs whose option has another name

/** Option for an input; null: an argument. */
const optionOf = (role, command) => (['content', 'picture'].includes(role) || (role === 'style' && !command.endsWith('dream')) ? null
  : renamedRoles[role] ?? role);

/** Options of older recipes: {old name: current name}. */
export const renamed = { with: 'learned', turn: 'random-rotate', rescale: 'random-scale', whiten: 'scale-channels', slices: 'micro-batches',
  licence: 'license', 'calm-style': 'denoise-style', 'climb-from': 'start-size', 'memory-frames': 'long-term-frames',
  'frame-by-frame': 'baseline-pairs' };

/** Returns a recipe as command line. found: [{role, picture}], the inputs. titleOf(picture): title of the picture. */
export function commandLine(recipe, given, { tables, networks, found, titleOf, out }) {
  const differs = new Settings(make('div'), { changed: () => {} });
  differs.show(tables, networks, given.preset ? { preset: given.preset } : {});
  for (const [name, value] of Object.entries(given)) if (name !== 'preset') differs.set(name, value);
  const { size, height, width, ...values } = differs.values; // replaced by the size of the result
  if (found.some((i) => i.role === 'init')) delete values.init; // "picture": the input names the file
  const words = ['reverie', ...recipe.command.split(' ')], files = found.map((i) => [optionOf(i.role, recipe.command), titleOf(i.picture)]);
  for (const [option, file] of files) if (!option) words.push(file);
  for (const [option, file] of files) if (option) words.push(`--${option}`, file);
  for (const [name, value] of Object.entries(values)) words.push(`--${name}=${plain(value)}`);
  if (!recipe.command.startsWith('explore')) words.push(`--size=${Math.max(recipe.width, recipe.height)}`);
  const upload = networks.find((n) => n.title && n.facts?.sha256 === recipe.network?.sha256)?.title;
  if (recipe.network?.name && recipe.network.name !== 'builtin') words.push(`--network=${upload ?? recipe.network.name}`);
  return [...words, '-o', out].map(quote).join(' ');
}

/** Returns [name, first value, second value] for each setting that differs. */
export function differences(one, other) {
  const all = (recipe) => ({ ...recipe?.settings, size: recipe ? `${recipe.width} × ${recipe.height}` : undefined });
  const a = all(one), b = all(other);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((name) => plain(a[name]) !== plain(b[name]))
    .map((name) => [name, a[name] ?? '–', b[name] ?? '–']);
}
