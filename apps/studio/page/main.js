// Starts the page: the key, what is open, the views, and what concerns all of them (dropping, pasting, keys).
import * as actions from './actions.js';
import { connect } from './api.js';
import { fill, find, h } from './dom.js';
import { listenToKeys } from './keys.js';
import { hear, load, setPlace, store, watch } from './store.js';
import { toast } from './toasts.js';
import { listenToFiles } from './view-drop.js';
import { showHead } from './view-head.js';
import { words } from './words.js';

/** Views by the first word of the address; each is loaded when it is first shown. */
const views = {
  dream: () => import('./view-dream.js'),
  first: () => import('./view-first.js'),
  gallery: () => import('./view-gallery.js'),
  atlas: () => import('./view-atlas.js'),
  film: () => import('./view-film.js'),
  sweep: () => import('./view-sweep.js'),
};
// Tools of the dream's stage have addresses of their own
const ofDream = ['dream', 'compare', 'point', 'mask', 'settings'];

/** @type {AbortController} */
let leave = null;
let shown = '';

async function show() {
  let name = actions.route()[0] || store.place.view || 'dream';
  if (name === 'atlas' && !store.can.atlas) name = 'dream';
  const view = ofDream.includes(name)
    ? store.place.source
      ? 'dream'
      : 'first'
    : name in views
      ? name
      : 'dream';
  document.body.dataset.view = view;
  document.body.dataset.tool = ofDream.includes(name) ? name : '';
  document.title = words.title(store.dream?.name, words.views[/** @type {'dream'} */ (view)] ?? '');
  if (view === shown) return;
  shown = view;
  const module = await views[/** @type {keyof typeof views} */ (view)]();
  if (shown !== view) return;
  leave?.abort();
  leave = new AbortController();
  const main = find('#view');
  fill(main);
  module.mount(main, leave.signal);
}

async function start() {
  try {
    await connect();
    await load();
  } catch (error) {
    fill(
      find('#view'),
      h('div', { class: 'closed' }, h('h1', {}, words.errors.closed), h('p', {}, error.message)),
    );
    document.body.dataset.view = 'closed';
    return;
  }
  const forever = new AbortController().signal;
  showHead(find('#head'), forever);
  listenToKeys();
  listenToFiles();
  if (!location.hash && store.place.view) history.replaceState(null, '', `#${store.place.view}`);
  addEventListener('hashchange', () => {
    setPlace({ view: location.hash.slice(1) });
    show();
  });
  await actions.readPlace();
  if (store.place.following && !actions.followed())
    actions.ended(/** @type {any} */ ({ id: store.place.following, state: 'done' }));
  hear(['end'], forever, actions.ended);
  let open = '';
  watch(['place'], forever, () => {
    // Another tab may have opened something else
    const now = `${store.place.dream} ${store.place.source}`;
    if (open && open !== now && (store.dream?.id ?? null) !== store.place.dream)
      actions.readPlace();
    open = now;
    show();
  });
  hear(['closed'], forever, () => toast(words.errors.restarted, { error: true }));
  hear(['connected'], forever, () => {
    document.body.classList.toggle('unconnected', !store.connected);
    if (!store.connected) toast(words.errors.lost);
  });
}

start();
