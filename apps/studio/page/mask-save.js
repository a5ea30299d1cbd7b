// Areas as assets of the draft: `mask` for all that is painted, `@mask=` of a layer for each area.
import { unfinished } from './actions.js';
import { sourceAddress, upload } from './api.js';
import { h, rested } from './dom.js';
import { chooseAll, network, value } from './draft.js';
import { store } from './store.js';
import { attempt } from './toasts.js';

/** @typedef {import('./paint.js').Area & {term: string, weight: number, asset: string}} Layered */

/** Areas of the draft: each layer's `@mask=`, else the mask of all. @param {import('./paint.js').Painter} painter @param {(term?: string) => Layered} add */
export async function restore(painter, add) {
  const terms = (store.place.draft.layer ?? [])
    .map((/** @type {string} */ term) =>
      /^(.*?)@mask=asset:([0-9a-f]{64})(?:=(-?[\d.]+))?$/.exec(term),
    )
    .filter(Boolean);
  const mask = /asset:([0-9a-f]{64})/.exec(value('mask') ?? '');
  for (const [, term, asset, weight] of terms.length
    ? terms
    : mask
      ? [[null, '', mask[1], '1']]
      : []) {
    const area = Object.assign(add(term), { weight: Number(weight ?? 1), asset });
    const image = await attempt(load(sourceAddress(`asset:${asset}`, 'view')));
    if (image) painter.take(area, image);
    area.changed = false;
    area.undo.length = 0;
  }
}

/** @param {string} url @returns {Promise<HTMLImageElement>} */
export async function load(url) {
  const image = h('img', { alt: '', src: url });
  await image.decode();
  return image;
}

/**
 * Keeps what is painted as assets and in the draft, a moment after the last stroke, and before anything is dreamed.
 * @param {import('./paint.js').Painter} painter @param {Layered[]} areas
 */
export function saver(painter, areas) {
  let isOpen = false;
  /** @type {Promise<void>} */
  let last = Promise.resolve();
  const flush = () => {
    last = last.then(async () => {
      if (!isOpen) return;
      isOpen = false;
      await save(painter, areas);
    });
    return last;
  };
  const rest = rested(flush, 500);
  unfinished.add(flush);
  return {
    later() {
      isOpen = true;
      rest();
    },
    /** Saves what is still unsaved, and is done. */
    close: () => flush().finally(() => unfinished.delete(flush)),
  };
}

/** @param {import('./paint.js').Painter} painter @param {Layered[]} areas */
async function save(painter, areas) {
  const painted = areas.filter(area => !area.empty);
  for (const area of painted) {
    if (!area.changed && area.asset) continue;
    area.changed = false;
    const asset = await attempt(upload(await painter.toPng([area]), 'area.png'));
    if (!asset) return;
    area.asset = asset.id;
  }
  chooseAll({ layer: layersOf(painted), mask: await maskOf(painter, painted) });
}

/** Each area's layer with its mask, where areas differ; else what is chosen. @param {Layered[]} painted @returns {string[]|undefined} */
function layersOf(painted) {
  const chosen = (store.place.draft.layer ?? []).filter(
    (/** @type {string} */ term) => !term.includes('@mask='),
  );
  if (painted.length < 2 && !painted.some(area => area.term))
    return chosen.length ? chosen : undefined;
  // From now on the draft's layers are those of the areas: what was chosen before stands in its area
  for (const area of painted) area.term ||= chosen[0] ?? network().default_layer;
  return painted.map(({ term, asset, weight }) => {
    const part = weight === 1 ? '' : `=${weight}`;
    return `${term}@mask=asset:${asset}${part}`;
  });
}

/** All areas together. @param {import('./paint.js').Painter} painter @param {Layered[]} painted @returns {Promise<string|undefined>} */
async function maskOf(painter, painted) {
  if (!painted.length) return undefined;
  if (painted.length === 1) return `asset:${painted[0].asset}`;
  const all = await attempt(upload(await painter.toPng(painted), 'mask.png'));
  return all ? `asset:${all.id}` : undefined;
}

/** @typedef {ReturnType<typeof saver>} Saver */
