// Networks: those that are here, and those that can be fetched, with licence and size before anything is downloaded.
import { patch, post, remove } from './api.js';
import { button, fill, h, openDialog, setVars } from './dom.js';
import { network } from './draft.js';
import { readLooks } from './actions.js';
import { setPlace, store, watch } from './store.js';
import { attempt } from './toasts.js';
import { words } from './words.js';

/** Where only the description of a network has a stated size, that of the network is unknown. */
const leastBytes = 1e5;

export function openNetworks() {
  const closed = new AbortController();
  const list = h('div', { class: 'networks' });
  const dialog = openDialog(
    words.networks.title,
    [list, h('p', { class: 'faint' }, words.networks.promise)],
    { class: 'dialog-networks' },
  );
  dialog.addEventListener('close', () => closed.abort());
  let drawn = '';
  /** @type {Map<string, HTMLElement>} */
  const bars = new Map();
  watch(['networks', 'jobs', 'draft'], closed.signal, () => {
    const key = JSON.stringify([
      network()?.name,
      store.networks.map(other => [other.name, other.state]),
    ]);
    if (key !== drawn) {
      drawn = key;
      bars.clear();
      fill(
        list,
        store.networks.map(other => row(other, bars)),
      );
    }
    for (const [name, root] of bars) showProgress(root, fetchOf(name));
  });
}

/** The download of a network. @param {string} name */
const fetchOf = name =>
  store.jobs.find(job => job.kind === 'fetch' && (job.name === name || job.source === name));

/** @param {import('./store.js').Network} of @param {Map<string, HTMLElement>} bars */
function row(of, bars) {
  const isHere = of.state === 'inside' || of.state === 'here',
    isOn = network().name === of.name;
  const size = h(
    'span',
    { class: 'mute network-size' },
    of.bytes > leastBytes
      ? words.bytes(of.bytes)
      : of.state === 'inside'
        ? ''
        : words.networks.unknownSize,
  );
  /** @type {HTMLElement[]} */
  const acts = [];
  if (isHere)
    acts.push(
      button(isOn ? words.networks.using : words.networks.use, () => use(of), {
        class: isOn ? 'button is-on' : 'button',
        'aria-pressed': String(isOn),
      }),
    );
  if (of.state === 'here' && !isOn)
    acts.push(
      button(words.networks.remove, () => attempt(remove(`/networks/${of.name}`)), {
        class: 'button button-quiet',
      }),
    );
  if (of.state === 'missing')
    acts.push(button(words.networks.fetch, () => attempt(post(`/networks/${of.name}/fetch`, {}))));
  if (of.state === 'fetching') {
    fill(size, h('div', { class: 'progress' }), h('span', {}));
    bars.set(of.name, size);
    acts.push(
      button(words.networks.pause, () => pause(of.name)),
      button(words.networks.stop, () => {
        const job = fetchOf(of.name);
        if (job) attempt(remove(`/jobs/${job.id}`));
      }),
    );
  }
  const about = [
    of.state === 'inside' ? words.networks.inside : of.title,
    of.looks.length ? words.networks.looks(of.looks.length) : '',
    of.licence,
  ]
    .filter(Boolean)
    .join('  ·  ');
  return h(
    'div',
    { class: 'network' },
    h('div', {}, h('b', {}, of.name), h('p', {}, about)),
    size,
    h('div', { class: 'buttons' }, acts),
  );
}

/** @param {string} name */
async function pause(name) {
  const job = fetchOf(name);
  if (job) await attempt(patch(`/jobs/${job.id}`, { paused: job.state !== 'paused' }));
}

/** @param {HTMLElement} root @param {import('./store.js').Job|undefined} job */
function showProgress(root, job) {
  if (!job) return;
  setVars(/** @type {HTMLElement} */ (root.firstElementChild), { '--done': job.fraction });
  root.lastElementChild.textContent = words.networks.progress(
    job.fraction * (job.total || 0),
    job.total,
    job.seconds_left,
    job.state === 'paused',
  );
}

/** Dreams with another network: its layers have other names, so the layer is its own default. @param {import('./store.js').Network} of */
function use(of) {
  const draft = { ...store.place.draft };
  delete draft.layer;
  delete draft.input_transform;
  if (of.state === 'inside') delete draft.model;
  else draft.model = of.name;
  setPlace({ draft });
  readLooks();
}
