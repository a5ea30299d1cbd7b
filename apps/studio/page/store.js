// What the page knows. The truth is on the server: this is a copy that events keep fresh, so that a reload,
// a second tab and a phone show the same.
import * as api from './api.js';
import { rested } from './dom.js';

/**
 * @typedef {{id: string, kind: 'image'|'video'|'network'|'recipe'|'other', name: string, width: number, height: number,
 *   bytes: number, dream: boolean}} Asset
 * @typedef {{id: string, parent: string|null, basis: 'again'|'go_on', kind: string, made: number, name: string, star: boolean,
 *   note: string, source: string, source_name: string, network: string, layers: string[], width: number, height: number,
 *   frames: number, seconds: number, file: string, bytes: number, deleted: number|null, lost: boolean, changes: string[]}} Dream
 * @typedef {{id: string, kind: string, class: string, name: string, state: string, parent: string|null, source: string,
 *   made: number, seconds: number, megabytes: number, unit: string, octave: number, octaves: number, iteration: number,
 *   iterations: number, done: number, total: number, fraction: number, seconds_left: number, preview: string|null,
 *   width: number, height: number, messages: string[], error: {kind: string, message: string}|null}} Job
 * @typedef {{name: string, description: string, layers: string[], settings: Record<string, any>}} Look
 * @typedef {{name: string, title: string, licence: string, state: 'inside'|'here'|'missing'|'fetching', bytes: number,
 *   default_layer: string, good_layers: string[], looks: Look[],
 *   layers?: {name: string, channels: number, stride: number, receptive_field: number}[]}} Network
 * @typedef {{name: string, key: string, group: string, kind: string, unit: string, help: string, default: any, low?: number,
 *   high?: number, scale?: string, step?: number, choices?: {name: string, help: string}[], reads_file: boolean,
 *   needs?: {setting: string, is?: string, is_not?: string}, presets?: Record<string, any>, faithful?: Record<string, any>,
 *   form: string}} Setting
 * @typedef {Record<string, any>} Recipe settings by their keys in recipe files, only what differs from the defaults
 */

export const store = {
  /** @type {{recipe: Setting[], zoom: Setting[], video: Setting[], presets: {name: string, help: string}[],
   *   commands: Record<string, Recipe>, version: string}} */
  settings: null,
  /** @type {Network[]} */
  networks: [],
  /** What is open: dream, source, draft, and what else a view wants to remember.
   * @type {{dream: string|null, source: string|null, draft: Recipe, view: string|null, [key: string]: any}} */
  place: { dream: null, source: null, draft: {}, view: null },
  /** Jobs that wait or run, in order of work. @type {Job[]} */
  jobs: [],
  paused: false,
  /** The dream that is open. @type {Dream|null} */
  dream: null,
  /** What the next dream is made of. @type {{name: string, width: number, height: number}|null} */
  source: null,
  /** Every dream of the open picture, oldest first. @type {Dream[]} */
  tree: [],
  /** Look tiles on the open picture: address by look. @type {Map<string, string>} */
  looks: new Map(),
  /** @type {{seconds: number, megabytes: number, width: number, height: number}|null} */
  estimate: null,
  connected: true,
  /** What this studio can do besides dreaming: a server without it does not show it. */
  can: { look: true, atlas: true },
};

/** @typedef {'place'|'draft'|'chosen'|'jobs'|'peek'|'dream'|'tree'|'looks'|'estimate'|'networks'|'atlas'|'preview'|'dreams'|'connected'|'end'|'closed'} Topic */
/** @type {Map<Topic, Set<(data: any) => void>>} */
const watchers = new Map();

/**
 * Calls `work` now and after each change of one of the topics, until the signal is aborted.
 * @param {Topic[]} topics
 * @param {AbortSignal} signal
 * @param {(data?: any) => void} work
 */
export function watch(topics, signal, work) {
  hear(topics, signal, work);
  work();
}

/**
 * Calls `work` after each change of one of the topics, until the signal is aborted.
 * @param {Topic[]} topics
 * @param {AbortSignal} signal
 * @param {(data?: any) => void} work
 */
export function hear(topics, signal, work) {
  for (const topic of topics) {
    if (!watchers.has(topic)) watchers.set(topic, new Set());
    watchers.get(topic).add(work);
    signal.addEventListener('abort', () => watchers.get(topic).delete(work));
  }
}

/** @param {Topic} topic @param {any} [data] */
export function tell(topic, data) {
  for (const work of [...(watchers.get(topic) ?? [])]) work(data);
}

// Keys of the place that were changed here and that the server does not have yet
/** @type {Set<string>} */
const unsent = new Set();
/** @type {Set<string>} */
const underWay = new Set();

/** @param {boolean} [leaving] whether the page closes, and only a request that outlives it will do */
async function sendNow(leaving = false) {
  if (!unsent.size) return;
  const changes = Object.fromEntries([...unsent].map(key => [key, store.place[key] ?? null]));
  for (const key of unsent) underWay.add(key);
  unsent.clear();
  try {
    await api.patch('/state', changes, leaving);
  } finally {
    underWay.clear();
  }
}

const sendPlace = rested(() => sendNow().catch(() => {}), 300);
addEventListener('pagehide', () => sendNow(true).catch(() => {}));

/**
 * Changes what is open; the server hears of it after a short rest.
 * @param {Record<string, any>} changes
 */
export function setPlace(changes) {
  Object.assign(store.place, changes);
  for (const key of Object.keys(changes)) unsent.add(key);
  sendPlace();
  if ('draft' in changes) tell('draft');
  if (Object.keys(changes).some(key => key !== 'draft')) tell('place');
}

/** Takes over what another tab opened. @param {Record<string, any>} state */
function receivePlace(state) {
  const before = JSON.stringify(store.place);
  for (const key of new Set([...Object.keys(state), ...Object.keys(store.place)]))
    if (!unsent.has(key) && !underWay.has(key) && key !== 'view')
      store.place[key] = state[key] ?? (key === 'draft' ? {} : null);
  if (JSON.stringify(store.place) === before) return;
  tell('draft');
  tell('place');
}

/** Reads everything that the page shows first. */
export async function load() {
  const [settings, networks, place, queue] = await Promise.all([
    api.get('/settings'),
    api.get('/networks'),
    api.get('/state'),
    api.get('/jobs'),
    api.resumeSession(),
  ]);
  store.settings = settings;
  store.networks = networks.networks;
  Object.assign(store.place, place);
  store.place.draft ??= {};
  takeQueue(queue);
  await readAbilities();
  api.listen(receive, connected => {
    if (store.connected === connected) return;
    store.connected = connected;
    tell('connected');
  });
}

/** Asks once for what may be missing; its views are hidden then. */
async function readAbilities() {
  const inside = store.networks.find(network => network.state === 'inside');
  const layer = inside?.default_layer.replaceAll('/', '.');
  store.can.atlas = !!inside && (await api.has(`/atlas/${inside.name}/${layer}`));
  store.can.look = store.can.atlas;
}

/** @param {{jobs: Job[], paused: boolean}} queue */
function takeQueue(queue) {
  store.jobs = queue.jobs;
  store.paused = queue.paused;
}

/** Reads the queue again; its order is the server's. */
export async function refreshQueue() {
  takeQueue(await api.get('/jobs'));
  tell('jobs');
}

/** Every state in which a job is over. */
const over = ['done', 'kept', 'cancelled', 'failed'];

/** Jobs that ended a moment ago: a small dream may be ready before the answer to its request is read. @type {Map<string, Job>} */
const ended = new Map();

/** @param {string} id @returns {Job|undefined} */
export const endedJob = id => ended.get(id);

/** @param {Job} job */
export const isOver = job => over.includes(job.state);

/** @param {string} name @param {any} data */
function receive(name, data) {
  if (name === 'state') receivePlace(data);
  else if (name === 'job') receiveJob(data);
  else if (name === 'preview') receivePreview(data);
  else if (name === 'dream') receiveDream(data);
  else if (name === 'look') receiveLook(data);
  else if (name === 'network') receiveNetwork(data);
  else if (name === 'atlas') tell('atlas', data);
  else if (name === 'resync') resync().catch(() => {});
  else if (name === 'closed') tell('closed');
  else if (name === 'bye') {
    store.connected = false;
    tell('connected');
  }
}

/** @param {Job} job */
function receiveJob(job) {
  const at = store.jobs.findIndex(other => other.id === job.id);
  if (isOver(job)) {
    if (at >= 0) store.jobs.splice(at, 1);
    ended.set(job.id, job);
    if (ended.size > 200) ended.delete(ended.keys().next().value);
    tell('end', job);
  } else if (at >= 0) store.jobs[at] = job;
  else store.jobs.push(job);
  tell('jobs');
}

/** @param {any} data */
function receivePreview(data) {
  const job = store.jobs.find(other => other.id === data.job);
  if (job) job.preview = data.url;
  tell('preview', data);
}

/** @param {Dream} dream */
function receiveDream(dream) {
  if (store.dream?.id === dream.id) {
    store.dream = dream;
    tell('dream');
  }
  const at = store.tree.findIndex(other => other.id === dream.id);
  if (at >= 0 && dream.deleted) store.tree.splice(at, 1);
  else if (at >= 0) store.tree[at] = dream;
  else if (!dream.deleted && belongs(dream)) store.tree.push(dream);
  tell('tree');
  tell('dreams', dream);
}

/** Whether a new dream is one of the open picture. @param {Dream} dream */
function belongs(dream) {
  return (
    store.tree.some(other => other.id === dream.parent) ||
    (!dream.parent && [store.place.source, store.tree[0]?.source].includes(dream.source))
  );
}

/** @param {{source: string, look: string, url: string}} data */
function receiveLook({ source, look, url }) {
  if (source !== store.place.source) return;
  store.looks.set(look, api.address(url));
  tell('looks');
}

/** @param {Network} network */
function receiveNetwork(network) {
  const at = store.networks.findIndex(other => other.name === network.name);
  if (at >= 0) Object.assign(store.networks[at], network);
  else store.networks.push(network);
  tell('networks');
}

async function resync() {
  const [networks, place] = await Promise.all([
    api.get('/networks'),
    api.get('/state'),
    refreshQueue(),
  ]);
  store.networks = networks.networks;
  tell('networks');
  receivePlace(place);
  tell('dreams');
  const { following } = store.place;
  if (following && !store.jobs.some(job => job.id === following))
    tell('end', { id: following, state: 'done' });
}
