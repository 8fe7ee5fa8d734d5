// sets.js -- sets of training pictures from files or a folder: reduced here, and sent one after another.

import { post, sendTo } from './api.js';

const LONGEST_PX = 768, SMALL_BYTES = 300 * 1024, MAX_BYTES = 2 << 20, QUALITY = 0.92, MOST = 5000;

/** Files of a drop, including those in its folders. */
export async function filesOf(data) {
  const entries = [...(data.items ?? [])].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  if (!entries.some((entry) => entry.isDirectory)) return [...data.files];
  const files = [];
  const read = async (entry) => {
    if (entry.isFile) files.push(await new Promise((resolve, reject) => { entry.file(resolve, reject); }));
    else {
      const reader = entry.createReader();
      for (;;) { // each call of readEntries() returns some entries
        const some = await new Promise((resolve, reject) => { reader.readEntries(resolve, reject); });
        if (!some.length) break;
        for (const one of some) await read(one);
      }
    }
  };
  for (const entry of entries) await read(entry);
  return files;
}

/** Reduces a large picture. Sends unchanged: files that the browser cannot read, and WebP files that the studio accepts
    (MAX_BYTES), because browsers ignore their EXIF rotation. */
async function shrunk(file) {
  if (file.type === 'image/webp' && file.size <= MAX_BYTES) return file;
  let bitmap;
  try { bitmap = await createImageBitmap(file); } catch { return file; }
  const scale = Math.min(LONGEST_PX / Math.max(bitmap.width, bitmap.height), 1);
  if (scale === 1 && file.size < SMALL_BYTES) {
    bitmap.close();
    return file;
  }
  const canvas = new OffscreenCanvas(Math.max(Math.round(bitmap.width * scale), 1), Math.max(Math.round(bitmap.height * scale), 1));
  const pen = canvas.getContext('2d');
  pen.imageSmoothingQuality = 'high';
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.convertToBlob({ type: 'image/jpeg', quality: QUALITY });
}

/** Adds files to the set {id, pictures}, or to a new set. done(n, of): progress. Returns {id, pictures, left, wrong}; left:
    number of files that are no pictures, or too large; wrong: error that ended the upload. */
export async function send(files, old, done) {
  const some = files.filter((file) => !file.name.startsWith('.')).slice(0, MOST);
  let set = old ?? await post('sets'), left = 0;
  for (const [k, file] of some.entries()) {
    done(k, some.length);
    try {
      set = await sendTo(`sets/${set.id}/pictures`, await shrunk(file), file.name);
    } catch (refusal) {
      if (![413, 422].includes(refusal.status)) return { ...set, left, wrong: `${file.name}: ${refusal.message}` };
      left++;
    }
  }
  return { ...set, left };
}
