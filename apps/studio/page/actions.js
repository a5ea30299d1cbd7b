// What the user does: open a picture, dream, stop, go back. Every key and every button ends here.
import * as api from './api.js';
import { changedKeys, jobRequest, layerName, network, titleOf, toDraft } from './draft.js';
import { endedJob, isOver, refreshQueue, setPlace, store, tell } from './store.js';
import { attempt, sayError, toast } from './toasts.js';
import { words } from './words.js';

const firstSize = 1024;
/** For answers that may be missing. @returns {any} */
const nothing = () => null;

/** Shows a view: "dream", "gallery", "atlas/reverie-4/4c.output/36". @param {string} view */
export function go(view) {
  location.hash = view;
}

/** The view that the address names. @returns {string[]} */
export const route = () => location.hash.slice(1).split('/').map(decodeURIComponent);

// ---- opening

/** Sends a file and gives its asset; a message where it cannot be read. @param {Blob} file @param {string} name */
export const upload = (file, name) => attempt(api.upload(file, name));

/** Opens a picture to dream on. @param {import('./store.js').Asset} asset */
export async function openAsset(asset) {
  const draft = { ...store.place.draft };
  for (const key of ['mask', 'mask_invert', 'mask_feather', 'size']) delete draft[key];
  if (draft.layer?.some((/** @type {string} */ term) => term.includes('@mask=')))
    delete draft.layer;
  if (Math.max(asset.width, asset.height) > firstSize) draft.size = String(firstSize);
  store.dream = null;
  setPlace({ dream: null, source: `asset:${asset.id}`, draft, following: null });
  go('dream');
  await readPlace();
}

/** Opens the sky that the program renders itself. */
export async function openSky() {
  const sky = await attempt(api.get('/sky'));
  if (sky) await openAsset(sky);
}

/** Opens a dream, with the settings that made it. @param {string} id @param {{keepDraft?: boolean}} [options] */
export async function openDream(id, options = {}) {
  const answers = await attempt(
    Promise.all([api.get(`/dreams/${id}`), api.get(`/dreams/${id}/document`).catch(nothing)]),
  );
  if (!answers) return;
  const [dream, document] = answers;
  const visited = { ...store.place.visited };
  if (dream.parent) visited[dream.parent] = id;
  for (const old of Object.keys(visited).slice(0, -60)) delete visited[old];
  const draft =
    !options.keepDraft && document?.recipe ? toDraft(document.recipe) : store.place.draft;
  store.dream = dream;
  setPlace({ dream: id, source: dream.source, draft, following: null, visited });
  if (!['dream', 'compare'].includes(route()[0])) go('dream');
  await readPlace();
}

/** Back to the picture that the tree began with. */
export async function openRoot() {
  const root = store.tree[0];
  if (!root) return;
  store.dream = null;
  setPlace({ dream: null, source: root.source, following: null });
  await readPlace();
}

/** @type {string} */
let looksFor = '';

/** Reads what belongs to the place: the dream, its picture, the tree, the look tiles. */
export async function readPlace() {
  const { dream, source } = store.place;
  try {
    if (dream && store.dream?.id !== dream) store.dream = await api.get(`/dreams/${dream}`);
    if (!dream) store.dream = null;
    store.source = source ? await readSource(source) : null;
    if (
      !store.tree.some(other => other.id === dream) &&
      !(source && !dream && store.tree[0]?.source === source)
    )
      store.tree = source
        ? ((
            await api
              .get(dream ? `/dreams/${dream}/tree` : `/${source.replace(':', 's/')}/tree`)
              .catch(nothing)
          )?.dreams ?? [])
        : [];
  } catch (error) {
    // What was open is gone: an empty studio is better than one that cannot be left
    if (error.status === 404) setPlace({ dream: null, source: null });
    sayError(error);
    store.dream = null;
    store.source = null;
  }
  tell('dream');
  tell('tree');
  tell('draft');
  tell('place');
  readLooks();
}

/** @param {string} source */
async function readSource(source) {
  const [kind, id] = source.split(':');
  return kind === 'asset' ? api.get(`/assets/${id}/info`) : api.get(`/dreams/${id}`);
}

/** Asks for the look tiles of the open picture; each comes by an event when it is ready. */
export async function readLooks() {
  const source = store.place.source,
    of = network();
  if (!source || !of || looksFor === source + of.name) return;
  looksFor = source + of.name;
  store.looks.clear();
  tell('looks');
  try {
    const { tiles } = await api.post('/looks', { source, network: of.name });
    if (looksFor !== source + of.name) return;
    for (const tile of tiles) if (tile.ready) store.looks.set(tile.look, api.address(tile.url));
  } catch {
    looksFor = '';
  }
  tell('looks');
}

// ---- dreaming

/** Sends a job; it is in the queue of this page at once. @param {object} request @returns {Promise<import('./store.js').Job|undefined>} */
export async function send(request) {
  const job = await attempt(api.post('/jobs', request));
  if (!job) return undefined;
  const known = store.jobs.some(other => other.id === job.id) || endedJob(job.id);
  if (!known && !isOver(job)) store.jobs.push(job);
  tell('jobs');
  return job;
}

/** What must be finished before the draft is dreamed, such as saving what was painted a moment ago. @type {Set<() => Promise<void>>} */
export const unfinished = new Set();

/** Dreams the draft. @param {object} [more] */
export async function dream(more = {}) {
  if (!store.place.source) return;
  await Promise.all([...unfinished].map(finish => finish()));
  const job = await send(jobRequest(more));
  if (!job) return;
  if (!followed()) setPlace({ following: job.id });
  tell('jobs');
  const over = endedJob(job.id);
  if (over) await ended(over);
}

/** The job that the stage shows. @returns {import('./store.js').Job|undefined} */
export const followed = () => store.jobs.find(job => job.id === store.place.following);

/** Stops the job that the stage shows, and keeps what is finished. */
export async function stop() {
  const job = followed() ?? store.jobs.find(other => other.state === 'running');
  if (!job) return;
  await attempt(
    job.state === 'running' ? api.post(`/jobs/${job.id}/keep`, {}) : api.remove(`/jobs/${job.id}`),
  );
  await refreshQueue();
}

/** @param {import('./store.js').Job} job */
export async function cancel(job) {
  await attempt(api.remove(`/jobs/${job.id}`));
  await refreshQueue();
}

/** When a job ends: its dream is opened where the stage waited for it. @param {import('./store.js').Job} job */
export async function ended(job) {
  if (job.error && job.class !== 'draft') toast(job.error.message, { error: true });
  if (job.id !== store.place.following) return;
  for (const message of job.messages ?? []) toast(message);
  const made =
    job.state === 'done' || job.state === 'kept'
      ? await api.get(`/dreams/${job.id}`).catch(nothing)
      : null;
  if (made) await openDream(job.id, { keepDraft: true });
  // Dreams that were asked for meanwhile are followed in turn; cells of a sweep have their own view
  const cells = Object.values(store.place.sweep?.jobs ?? {});
  const next = store.jobs.find(
    other => other.class === 'dream' && other.kind === 'image' && !cells.includes(other.id),
  );
  setPlace({ following: next?.id ?? null });
}

/** Goes on with the open dream as the picture, or dreams on its picture again. @param {boolean} on */
export async function dreamOnDream(on) {
  if (!store.dream) return;
  setPlace({ source: on ? `dream:${store.dream.id}` : store.dream.source });
  await readPlace();
}

// ---- history

/** The dream before the open one; null is the picture itself. */
export const before = () => (store.dream ? (store.dream.parent ?? 'root') : null);

/** The child last visited, else the newest. */
export function after() {
  const open = store.dream?.id ?? null;
  const children = store.tree.filter(dream => dream.parent === open);
  const visited = store.place.visited?.[open ?? 'root'];
  return children.find(dream => dream.id === visited) ?? children.at(-1) ?? null;
}

export async function undo() {
  const to = before();
  if (to === 'root') {
    setPlace({ visited: { ...store.place.visited, root: store.dream.id } });
    await openRoot();
  } else if (to) await openDream(to);
}

export async function redo() {
  const to = after();
  if (to) await openDream(to.id);
}

/** @param {import('./store.js').Dream} dream */
export async function star(dream) {
  if (dream) await attempt(api.patch(`/dreams/${dream.id}`, { star: !dream.star }));
}

/** Moves a dream to the bin, with a way back. @param {import('./store.js').Dream} dream */
export async function toBin(dream) {
  if (!(await attempt(api.remove(`/dreams/${dream.id}`)))) return;
  if (store.dream?.id === dream.id) await undo();
  toast(words.history.binned(dream.name || titleOf(dream.file)), {
    action: words.undo,
    onaction: () => attempt(api.post(`/dreams/${dream.id}/restore`, {})),
  });
}

/** Takes the recipe that a file carries for the open picture. @param {string} assetId */
export async function takeRecipe(assetId) {
  const answer = await attempt(api.post('/recipe', { asset: assetId }));
  if (!answer) return;
  const { size, ...recipe } = toDraft(answer.recipe);
  setPlace({ draft: recipe });
  toast(words.drop.taken(changedKeys().length + (recipe.layer ? 1 : 0)));
}

/** Chooses what to amplify by terms of a recipe. @param {string[]} layer */
export function chooseLayers(layer) {
  const draft = { ...store.place.draft };
  delete draft.layer;
  if (!(layer.length === 1 && layer[0] === network().default_layer)) draft.layer = layer;
  setPlace({ draft });
}

/** How a layer or look is called in a sentence. @param {string} term */
export const spoken = term =>
  network().looks.find(look => look.layers[0] === layerName(term))?.name ?? layerName(term);
