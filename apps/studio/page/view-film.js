// Films: an endless zoom into a picture, or a video dreamed frame by frame. Without an open one, those that exist.
import * as actions from './actions.js';
import { get, sourceAddress } from './api.js';
import { fill, h, icon, setVars } from './dom.js';
import { titleOf } from './draft.js';
import { hear, setPlace, store } from './store.js';
import { attempt } from './toasts.js';
import { chooseFile, open } from './view-drop.js';
import { mountEditor } from './view-film-editor.js';
import { words } from './words.js';

/** @typedef {{kind: 'zoom'|'video', source: string, name: string, width: number, height: number, zoom: Record<string, any>, video: Record<string, any>,
 *   keys: import('./timeline.js').Keyframe[], frame: number, frames?: number, job: string|null, dream: string|null}} Film */

/** @returns {Film|null} */
export const film = () => store.place.film ?? null;

/** @param {Partial<Film>} change */
export const changeFilm = change => setPlace({ film: { ...film(), ...change } });

/** Opens a picture as an endless zoom, a video as a film. @param {{id: string, kind: string, name: string, width: number, height: number}} asset @param {'asset'|'dream'} [of] */
export function openFilm(asset, of = 'asset') {
  setPlace({
    film: {
      kind: asset.kind === 'video' ? 'video' : 'zoom',
      source: `${of}:${asset.id}`,
      name: titleOf(asset.name).split(', in ')[0],
      width: asset.width,
      height: asset.height,
      zoom: {},
      video: {},
      keys: [],
      frame: 0,
      job: null,
      dream: null,
    },
  });
  actions.go('film/open');
}

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function mount(root, signal) {
  /** @type {AbortController} */
  let leave = null;
  let shown = '';
  const follow = async () => {
    if (actions.route()[0] !== 'film') return;
    const [, id] = actions.route();
    if (id && id !== 'open' && film()?.dream !== id && !(await openDreamed(id))) {
      actions.go('film');
      return;
    }
    const now = id && film() ? `${film().source} ${film().dream}` : 'list';
    if (now === shown) return;
    shown = now;
    leave?.abort();
    leave = new AbortController();
    fill(root);
    if (now === 'list') mountList(root, leave.signal);
    else mountEditor(root, leave.signal);
  };
  addEventListener('hashchange', follow, { signal });
  hear(['end'], signal, async job => {
    if (film() && job.id === film().job && ['done', 'kept'].includes(job.state)) {
      await openDreamed(job.id);
      follow();
    } else if (film() && job.id === film().job) changeFilm({ job: null });
  });
  signal.addEventListener('abort', () => leave?.abort());
  settle().then(follow);
}

/** A film that ended while one looked elsewhere. */
async function settle() {
  const id = film()?.job;
  if (!id || store.jobs.some(job => job.id === id)) return;
  const dream = await get(`/dreams/${id}`).catch(/** @returns {any} */ () => null);
  if (dream) await openDreamed(id);
  else changeFilm({ job: null });
}

/** Opens a film that was dreamed, with what made it. @param {string} id */
async function openDreamed(id) {
  const answers = await attempt(
    Promise.all([
      get(`/dreams/${id}`),
      get(`/dreams/${id}/document`).catch(/** @returns {any} */ () => null),
    ]),
  );
  if (!answers) return false;
  const [dream, document] = answers;
  const { timeline, ...settings } = document?.[dream.kind] ?? {};
  setPlace({
    film: {
      kind: dream.kind === 'video' ? 'video' : 'zoom',
      source: dream.source,
      name: dream.name || titleOf(dream.file),
      width: dream.width,
      height: dream.height,
      zoom: dream.kind === 'zoom' ? settings : {},
      video: dream.kind === 'video' ? settings : {},
      keys: timeline ?? [],
      frame: 0,
      frames: dream.frames,
      job: null,
      dream: id,
    },
  });
  return true;
}

/** @param {HTMLElement} root @param {AbortSignal} signal */
async function mountList(root, signal) {
  const from =
    store.source && store.place.source
      ? [
          store.dream
            ? {
                id: store.dream.id,
                kind: 'image',
                name: store.dream.name || store.dream.file,
                width: store.dream.width,
                height: store.dream.height,
                of: /** @type {'dream'} */ ('dream'),
              }
            : {
                id: store.place.source.split(':')[1],
                kind: 'image',
                name: store.source.name,
                width: store.source.width,
                height: store.source.height,
                of: /** @type {'asset'|'dream'} */ (store.place.source.split(':')[0]),
              },
        ]
      : [];
  const cards = [
    ...from.map(picture =>
      h(
        'button',
        { type: 'button', class: 'film-card', onclick: () => openFilm(picture, picture.of) },
        h('img', { alt: '', src: sourceAddress(`${picture.of}:${picture.id}`, 'thumb?h=400') }),
        h(
          'span',
          { class: 'film-card-text' },
          h('b', {}, words.film.zoomCard),
          h('span', {}, words.film.into(picture.name)),
        ),
      ),
    ),
    film() &&
      h(
        'button',
        { type: 'button', class: 'film-card', onclick: () => actions.go('film/open') },
        h('img', {
          alt: '',
          src: sourceAddress(
            film().source,
            film().kind === 'video' ? 'thumb?h=400' : 'thumb?h=400',
          ),
        }),
        h(
          'span',
          { class: 'film-card-text' },
          h('b', {}, words.film.goOnCard),
          h('span', {}, film().name),
        ),
      ),
    h(
      'button',
      {
        type: 'button',
        class: 'film-card film-card-empty',
        onclick: () => chooseFile(file => open(file)),
      },
      icon('film'),
      h(
        'span',
        { class: 'film-card-text' },
        h('b', {}, words.film.openCard),
        h('span', {}, words.film.openNote),
      ),
    ),
  ];
  const wall = h('div', { class: 'film-wall' });
  const running = h('div', { class: 'film-wall' });
  root.append(
    h(
      'div',
      { class: 'page' },
      h('div', { class: 'page-head' }, h('h1', {}, words.film.title)),
      h('div', { class: 'film-cards' }, cards),
      running,
      wall,
    ),
  );
  const list = async () => {
    const answers = await attempt(
      Promise.all(['zoom', 'video'].map(kind => get(`/dreams?kind=${kind}&limit=60`))),
    );
    if (!answers || signal.aborted) return;
    const dreams = answers.flatMap(answer => answer.dreams).sort((a, b) => b.made - a.made);
    fill(
      wall,
      dreams.length > 0 && h('h2', {}, words.film.made),
      dreams.map(dream =>
        h(
          'a',
          { class: 'film-tile', href: `#film/${dream.id}` },
          h('img', {
            alt: '',
            loading: 'lazy',
            src: sourceAddress(`dream:${dream.id}`, 'thumb?h=400'),
          }),
          h('b', {}, dream.name || titleOf(dream.file)),
          h('span', {}, words.gallery.frames(dream.frames)),
        ),
      ),
    );
  };
  const queue = () => {
    const jobs = store.jobs.filter(job => job.kind === 'zoom' || job.kind === 'video');
    fill(
      running,
      jobs.map(job => {
        const bar = h('div', { class: 'progress' });
        setVars(bar, { '--done': job.fraction });
        return h(
          'div',
          { class: 'film-tile' },
          bar,
          h('b', {}, job.name),
          h('span', {}, words.running.unit(job.unit, job.done, job.total)),
        );
      }),
    );
  };
  hear(['dreams'], signal, list);
  hear(['jobs'], signal, queue);
  queue();
  await list();
}
