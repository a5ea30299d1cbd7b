// A sweep: the same picture with several values of one or two settings, small, side by side. One can go on with a cell
// before the rest is ready. Each cell is a dream of its own at most 512 px wide.
import * as actions from './actions.js';
import { address, get, post, sourceAddress } from './api.js';
import { button, fill, h, setVars } from './dom.js';
import { jobRequest, titleOf, value } from './draft.js';
import { hear, setPlace, store, watch } from './store.js';
import { axisChip, firstValues } from './sweep-axes.js';
import { attempt, toast } from './toasts.js';
import { words } from './words.js';

const cellSide = 512,
  mostCells = 36;

/** @typedef {import('./sweep-axes.js').Axis} Axis
 *  @typedef {{source: string, down: Axis, across: Axis|null, jobs: Record<string, string>, chosen: string|null}} Sweep */

/** @returns {Sweep} */
const sweep = () => store.place.sweep;

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function mount(root, signal) {
  if (!store.place.source) {
    actions.go('dream');
    return;
  }
  if (!sweep() || sweep().source !== store.place.source)
    setPlace({
      sweep: {
        source: store.place.source,
        down: { key: 'layer', values: firstValues('layer') },
        across: { key: 'step', values: firstValues('step') },
        jobs: {},
        chosen: null,
      },
    });
  const axes = h('div', { class: 'axes' });
  const all = button('', () => dreamAll(), { class: 'button button-main' });
  const sheet = button(words.sweep.sheet, saveSheet),
    goOn = button(words.sweep.goOn, goOnWith);
  const grid = h('div', { class: 'sweep' });
  root.append(
    h(
      'div',
      { class: 'page' },
      h(
        'div',
        { class: 'page-head' },
        h('h1', {}, words.sweep.title),
        axes,
        h('span', { class: 'grow' }),
        sheet,
        goOn,
        all,
      ),
      h('p', { class: 'mute sweep-note' }, words.sweep.note),
      grid,
    ),
  );
  /** Dreams of cells by id. @type {Map<string, import('./store.js').Dream>} */
  const finished = new Map();
  let drawn = '';

  const change = (/** @type {Partial<Sweep>} */ to) => setPlace({ sweep: { ...sweep(), ...to } });
  const keyOf = (/** @type {any} */ down, /** @type {any} */ across) =>
    JSON.stringify([down, across ?? null]);
  const cells = () =>
    sweep().down.values.flatMap(down =>
      (sweep().across?.values ?? [null]).map(across => ({
        down,
        across,
        key: keyOf(down, across),
      })),
    );

  /** @param {{down: any, across: any}} cell @returns {import('./store.js').Recipe} */
  function recipeOf({ down, across }) {
    const set = (/** @type {Axis} */ axis, /** @type {any} */ to) => ({
      [axis.key]: axis.key === 'layer' ? [to] : to,
    });
    return {
      ...set(sweep().down, down),
      ...(sweep().across ? set(sweep().across, across) : {}),
      size: String(Math.min(cellSide, Number.parseInt(value('size'), 10) || cellSide)),
    };
  }

  async function dreamAll() {
    const jobs = { ...sweep().jobs };
    for (const cell of cells().slice(0, mostCells)) {
      if (jobs[cell.key]) continue;
      const request = jobRequest({ recipe: recipeOf(cell) });
      request.name = words.dream.name(
        titleOf(store.source?.name),
        [cell.down, cell.across].filter(part => part !== null).join(', '),
      );
      request.chosen = Object.keys(request.recipe);
      const job = await actions.send(request);
      if (!job) break;
      jobs[cell.key] = job.id;
      change({ jobs: { ...jobs } });
    }
    await readFinished();
  }

  async function saveSheet() {
    const write = (/** @type {Axis} */ axis) =>
      `${axis.key.replaceAll('_', '-')}=${axis.values.join(',')}`;
    const job = await attempt(
      post(
        '/jobs',
        jobRequest({
          kind: 'sweep',
          class: 'sweep',
          name: words.sweep.sheetName(titleOf(store.source?.name)),
          recipe: { size: String(cellSide) },
          sweep: [sweep().down, sweep().across].filter(Boolean).map(write),
        }),
      ),
    );
    if (job) toast(words.sweep.sheetComes);
  }

  async function goOnWith() {
    const id = sweep().jobs[sweep().chosen],
      size = value('size');
    if (!id) return;
    if (finished.has(id)) {
      await actions.openDream(id);
      const draft = { ...store.place.draft };
      delete draft.size;
      setPlace({ draft: size ? { ...draft, size } : draft });
      actions.go('dream');
    } else {
      setPlace({ following: id });
      actions.go('dream');
    }
  }

  function draw() {
    const now = JSON.stringify([sweep().down, sweep().across]);
    all.textContent = words.sweep.dream(cells().filter(cell => !sweep().jobs[cell.key]).length);
    all.hidden = cells().every(cell => sweep().jobs[cell.key]);
    goOn.disabled = !sweep().jobs[sweep().chosen];
    if (now !== drawn) {
      drawn = now;
      fill(
        axes,
        axisChip('down', sweep().down, to => change({ down: to, chosen: null })),
        sweep().across
          ? axisChip('across', sweep().across, to => change({ across: to, chosen: null }))
          : button(
              words.sweep.axis,
              () => change({ across: { key: 'step', values: firstValues('step') } }),
              { class: 'chip chip-empty', icon: 'plus' },
            ),
      );
      const across = sweep().across?.values ?? [null];
      setVars(grid, { '--columns': across.length });
      fill(
        grid,
        sweep().across && [
          h('span', {}),
          ...across.map(to =>
            h(
              'span',
              { class: 'sweep-across' },
              `${sweep().across.key.replaceAll('_', '-')} ${to}`,
            ),
          ),
        ],
        sweep().down.values.flatMap(down => [
          h(
            'span',
            { class: 'sweep-down' },
            String(down),
            sweep().down.key !== 'layer' && h('small', {}, sweep().down.key.replaceAll('_', '-')),
          ),
          ...across.map(to => cellButton({ down, across: to, key: keyOf(down, to) })),
        ]),
      );
    }
    for (const cell of /** @type {NodeListOf<HTMLElement>} */ (grid.querySelectorAll('.cell')))
      showCell(cell);
  }

  /** @param {{down: any, across: any, key: string}} cell */
  function cellButton(cell) {
    return h(
      'button',
      {
        type: 'button',
        class: 'cell',
        data: { key: cell.key },
        'aria-label': [cell.down, cell.across].filter(part => part !== null).join(', '),
        'aria-pressed': 'false',
        onclick: () => change({ chosen: cell.key }),
        ondblclick: goOnWith,
      },
      h('img', { alt: '', hidden: true }),
      h('span', { class: 'progress' }),
    );
  }

  /** @param {HTMLElement} cell */
  function showCell(cell) {
    const id = sweep().jobs[cell.dataset.key],
      job = store.jobs.find(other => other.id === id),
      image = /** @type {HTMLImageElement} */ (cell.firstElementChild);
    const url =
      id && finished.has(id)
        ? sourceAddress(`dream:${id}`, 'thumb?h=400')
        : job?.preview
          ? address(job.preview)
          : '';
    if (url && image.getAttribute('src') !== url) image.src = url;
    image.hidden = !url;
    cell.classList.toggle('is-running', job?.state === 'running');
    cell.classList.toggle('is-waiting', !url);
    cell.classList.toggle('is-on', sweep().chosen === cell.dataset.key);
    cell.setAttribute('aria-pressed', String(sweep().chosen === cell.dataset.key));
    const bar = /** @type {HTMLElement} */ (cell.lastElementChild);
    bar.hidden = job?.state !== 'running';
    setVars(bar, { '--done': job?.fraction ?? 0 });
  }

  /** Which cells are finished, after a reload, too. */
  async function readFinished() {
    for (const id of Object.values(sweep().jobs)) {
      if (finished.has(id) || store.jobs.some(job => job.id === id)) continue;
      const dream = await get(`/dreams/${id}`).catch(/** @returns {any} */ () => null);
      if (dream && !dream.deleted) finished.set(id, dream);
      else {
        const jobs = { ...sweep().jobs };
        for (const key of Object.keys(jobs)) if (jobs[key] === id) delete jobs[key];
        change({ jobs });
      }
    }
    if (!signal.aborted) draw();
  }

  watch(['place', 'jobs', 'preview'], signal, draw);
  hear(['dreams'], signal, dream => {
    if (dream && Object.values(sweep().jobs).includes(dream.id)) {
      finished.set(dream.id, dream);
      draw();
    }
  });
  readFinished();
}
