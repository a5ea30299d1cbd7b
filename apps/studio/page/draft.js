// The draft: settings of the next dream. Only what was chosen by hand is kept; the rest follows from the look and the preset.
import { store, setPlace, tell } from './store.js';
import { words } from './words.js';

/** @param {string} key @returns {import('./store.js').Setting} */
export const settingOf = key => store.settings.recipe.find(setting => setting.key === key);

/** The network that the draft dreams with. @returns {import('./store.js').Network} */
export function network() {
  const name = store.place.draft.model;
  return (
    (name && store.networks.find(other => other.name === name)) ||
    store.networks.find(other => other.state === 'inside') ||
    store.networks[0]
  );
}

/** A layer's name without channels, keys and weight: "4c/output:36@mask=...=2" is "4c/output". @param {string} term */
export const layerName = term => term.split(/[:@=]/)[0];

/** The look that the draft's first layer is, if any. @returns {import('./store.js').Look|undefined} */
export function look() {
  const layers = store.place.draft.layer ?? [];
  if (layers.length > 1) return undefined;
  const term = layers[0] ?? network().default_layer;
  return network().looks.find(
    other => other.name === term || (other.layers.length === 1 && other.layers[0] === term),
  );
}

/** The look that a layer's name belongs to. @param {string} term @param {string} [networkName] */
export function lookOf(term, networkName) {
  const of = store.networks.find(other => other.name === networkName) ?? network();
  const name = layerName(term);
  return of.looks.find(
    other => other.name === name || (other.layers.length === 1 && other.layers[0] === name),
  );
}

/** A look's setting, which may be written as on a command line. @param {import('./store.js').Setting} setting @param {any} to */
function typed(setting, to) {
  if (typeof to !== 'string') return to;
  if (setting?.kind === 'integer' || setting?.kind === 'number') return Number(to);
  return setting?.kind === 'flag' ? to === 'true' : to;
}

/** What a setting is when nothing was chosen by hand: as the look has it, else the preset. @param {string} key */
export function standard(key) {
  const setting = settingOf(key),
    draft = store.place.draft;
  const ofLook = look()?.settings ?? {};
  if (key !== 'layer' && key in ofLook) return typed(setting, ofLook[key]);
  if (key === 'preset' || key === 'faithful' || !setting) return setting?.default;
  const preset = draft.preset ?? 'classic';
  return (draft.faithful ? setting.faithful : setting.presets)?.[preset] ?? setting.default;
}

/** @param {string} key */
export const value = key => store.place.draft[key] ?? standard(key);

/** @param {string} key */
export const isChanged = key => key in store.place.draft;

/** Changes a setting; a value that is the standard one is not kept. @param {string} key @param {any} to */
export function choose(key, to) {
  chooseAll({ [key]: to });
}

/** Changes several settings; undefined gives the standard. @param {import('./store.js').Recipe} changes */
export function chooseAll(changes) {
  const draft = { ...store.place.draft };
  for (const [key, to] of Object.entries(changes)) {
    delete draft[key];
    if (to !== undefined && JSON.stringify(to) !== JSON.stringify(standard(key))) draft[key] = to;
  }
  setPlace({ draft });
  tell('chosen');
}

/** Chooses a look by its name, or a layer. @param {string} name */
export function chooseLook(name) {
  const only = network().looks.find(other => other.name === name);
  const isDefault = only
    ? only.layers[0] === network().default_layer && only.layers.length === 1
    : name === network().default_layer;
  const draft = { ...store.place.draft };
  delete draft.layer;
  if (!isDefault) draft.layer = [name];
  setPlace({ draft });
  tell('chosen');
}

/** Settings that were chosen by hand and that "All settings" counts. */
export const changedKeys = () =>
  Object.keys(store.place.draft).filter(key => !['layer', 'model', 'size'].includes(key));

/**
 * Why a setting has no effect now, or "" where it has one.
 * @param {import('./store.js').Setting} setting
 */
export function reasonWithout(setting) {
  const needs = setting.needs;
  if (!needs) return '';
  const on = value(needs.setting.replaceAll('-', '_'));
  const now = Array.isArray(on) ? on.join() : String(on ?? '');
  const fits = needs.is !== undefined ? now === needs.is : now !== needs.is_not;
  if (fits) return '';
  return words.settings.reason(words.settings.names[needs.setting] ?? needs.setting, now, needs);
}

/**
 * A recipe of a document as a draft: without what is standard.
 * @param {import('./store.js').Recipe} recipe
 * @returns {import('./store.js').Recipe}
 */
export function toDraft(recipe) {
  /** @type {import('./store.js').Recipe} */
  const draft = {};
  const preset = recipe.preset ?? 'classic';
  for (const [key, to] of Object.entries(recipe)) {
    const setting = settingOf(key);
    if (!setting) continue;
    const base =
      key === 'preset' || key === 'faithful'
        ? setting.default
        : ((recipe.faithful ? setting.faithful : setting.presets)?.[preset] ?? setting.default);
    if (JSON.stringify(to) !== JSON.stringify(base)) draft[key] = to;
  }
  return draft;
}

/** "Sky" of "sky.dream.png". @param {string} file */
export function titleOf(file) {
  const stem = (file || words.dream.picture)
    .replace(/\.[A-Za-z0-9]{2,5}$/, '')
    .replace(/\.dream$/, '')
    .replace(/[_-]+/g, ' ')
    .trim();
  return stem.charAt(0).toUpperCase() + stem.slice(1);
}

/** What a dream's name says of its picture: "Sky" of "Sky, in whirls". @param {string} name */
export const baseOf = name => titleOf(name).split(words.dream.join)[0];

/** Layers of a dream in words: at most two by name. @param {string[]} layers */
export function spokenLayers(layers) {
  const names = [...new Set(layers.map(layerName))];
  return names.length > 2 ? words.dream.layers(names.length) : names.join(' + ');
}

/** What the draft dreams of, in a word or two. */
export function subject() {
  const layers = store.place.draft.layer ?? [];
  if (layers.length > 1)
    return words.dream.several([
      ...new Set(layers.map((/** @type {string} */ term) => lookOf(term)?.name ?? layerName(term))),
    ]);
  return look()?.name ?? layers[0] ?? network().default_layer;
}

/** A guide is matched in a layer that is named. @param {import('./store.js').Recipe} recipe */
function withLayer(recipe) {
  if (!recipe.guide?.length || recipe.layer?.length) return recipe;
  return { ...recipe, layer: [network().default_layer] };
}

/**
 * What POST /jobs, /estimate and /command take.
 * @param {{kind?: string, source?: string, recipe?: import('./store.js').Recipe, [key: string]: any}} [more]
 */
export function jobRequest(more = {}) {
  const { draft, dream } = store.place;
  const source = more.source ?? store.place.source;
  return {
    kind: 'image',
    source,
    parent: dream,
    basis: source.startsWith('dream:') ? 'go_on' : 'again',
    name: words.dream.name(baseOf(store.source?.name), subject()),
    chosen: Object.keys(draft),
    class: 'dream',
    ...more,
    recipe: withLayer({ ...draft, ...more.recipe }),
  };
}
