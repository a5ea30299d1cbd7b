// The history rail: every dream of the open picture as a tree. Arrows walk it; holding a dream shows it for as long.
import * as actions from './actions.js';
import { sourceAddress } from './api.js';
import { fill, h, icon, iconButton, setVars } from './dom.js';
import { layerName, lookOf, spokenLayers, titleOf } from './draft.js';
import { setPlace, store, tell, watch } from './store.js';
import { placeTree } from './tree.js';
import { words } from './words.js';

const width = 82,
  height = 50,
  gap = 26,
  rowGap = 8,
  holdMs = 350;

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function showHistory(root, signal) {
  const undo = iconButton('undo', words.undoKey, () => actions.undo());
  const redo = iconButton('redo', words.redoKey, () => actions.redo());
  const sheet = h('div', {
    class: 'rail-sheet',
    role: 'tree',
    'aria-label': words.history.title,
    'aria-orientation': 'horizontal',
  });
  const rail = h('div', { class: 'rail' }, sheet);
  const empty = h('p', { class: 'rail-empty' }, words.history.empty);
  root.append(
    h('div', { class: 'past-buttons' }, undo, redo),
    rail,
    empty,
    iconButton('close', words.close, () => document.body.classList.remove('past-open'), {
      class: 'icon-button past-close',
    }),
  );
  let drawn = '';
  watch(['tree', 'dream', 'jobs', 'place'], signal, () => {
    undo.disabled = !actions.before();
    redo.disabled = !actions.after();
    const jobs = waiting();
    empty.hidden = store.tree.length + jobs.length > 0;
    const key = JSON.stringify([
      store.place.source,
      store.source?.name,
      store.place.following,
      store.dream?.id,
      ownNodes().map(dream => [dream.id, dream.star, dream.name, dream.parent]),
      store.tree.length,
      jobs.map(job => [job.id, job.state]),
    ]);
    if (key === drawn) return;
    drawn = key;
    draw(sheet, rail, jobs);
  });
  sheet.addEventListener('keydown', walk);
}

/** Dreams and jobs that are cells of the sweep; they stand in the rail as one node, but for those one went on with. */
const ofSweep = () => new Set(Object.values(store.place.sweep?.jobs ?? {}));

/** Dreams that have a node of their own. */
function ownNodes() {
  const cells = ofSweep(),
    parents = new Set(store.tree.map(dream => dream.parent));
  return store.tree.filter(
    dream =>
      !cells.has(dream.id) || dream.star || dream.id === store.dream?.id || parents.has(dream.id),
  );
}

/** Jobs that belong to the open tree. */
const waiting = () =>
  store.jobs.filter(
    job =>
      job.class === 'dream' &&
      job.kind === 'image' &&
      (!ofSweep().has(job.id) || job.id === store.place.following) &&
      (store.tree.some(dream => dream.id === job.parent) ||
        (!job.parent && job.source === (store.tree[0]?.source ?? store.place.source))),
  );

/** @param {HTMLElement} sheet @param {HTMLElement} rail @param {import('./store.js').Job[]} jobs */
function draw(sheet, rail, jobs) {
  const hadFocus = sheet.contains(document.activeElement);
  const source = store.tree[0]?.source ?? (store.dream?.source || store.place.source);
  const dreams = ownNodes(),
    cell = store.tree.find(dream => !dreams.includes(dream));
  const places = placeTree(
    [
      ...dreams,
      ...jobs.map(job => ({ id: job.id, parent: job.parent })),
      ...(cell ? [{ id: 'sweep', parent: cell.parent }] : []),
    ],
    'root',
  );
  const at = (/** @type {{column: number, row: number}} */ place) => ({
    x: 4 + place.column * (width + gap),
    y: 10 + place.row * (height + rowGap),
  });
  const all = [...places.values()];
  setVars(sheet, {
    '--w': `${at({ column: Math.max(...all.map(place => place.column)) + 1, row: 0 }).x}px`,
    '--h': `${at({ column: 0, row: Math.max(...all.map(place => place.row)) + 1 }).y}px`,
  });
  const now = actions.followed()?.id ?? store.dream?.id ?? 'root';
  const nodes = all.map(place => {
    const { x, y } = at(place);
    const job = jobs.find(other => other.id === place.id),
      dream = store.tree.find(other => other.id === place.id);
    const node = job
      ? jobNode(job)
      : dream
        ? dreamNode(dream)
        : place.id === 'sweep'
          ? sweepNode(cell)
          : rootNode(source);
    setVars(node, { '--x': `${x}px`, '--y': `${y}px` });
    node.dataset.node = place.id;
    node.setAttribute('role', 'treeitem');
    node.setAttribute('aria-level', String(place.column + 1));
    node.setAttribute('aria-selected', String(place.id === now));
    node.classList.toggle('is-now', place.id === now);
    node.tabIndex = place.id === now ? 0 : -1;
    node.dataset.column = String(place.column);
    node.dataset.row = String(place.row);
    return node;
  });
  fill(sheet, drawLines(all, places, at, jobs), nodes);
  const on = nodes.find(node => node.classList.contains('is-now'));
  if (!on) {
    nodes[0].tabIndex = 0;
    return;
  }
  if (hadFocus) on.focus({ preventScroll: true });
  rail.scrollTo({
    left: on.offsetLeft - rail.clientWidth * 0.6,
    top:
      on.offsetTop -
      10 -
      (rail.clientHeight > 120 ? height + rowGap : 0) * (Number(on.dataset.row) > 1 ? 1 : 0),
  });
}

/** @param {import('./tree.js').Placed[]} all @param {Map<string, import('./tree.js').Placed>} places
 * @param {(place: {column: number, row: number}) => {x: number, y: number}} at @param {import('./store.js').Job[]} jobs */
function drawLines(all, places, at, jobs) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', 'rail-lines');
  svg.setAttribute('aria-hidden', 'true');
  for (const place of all) {
    const parent = places.get(place.parent);
    if (!parent) continue;
    const a = at(parent),
      b = at(place),
      x = a.x + width,
      y = a.y + height / 2,
      down = b.y - a.y;
    const line = document.createElementNS('http://www.w3.org/2000/svg', 'path');
    line.setAttribute(
      'd',
      down ? `M${x} ${y + 8}c18 0 6 ${down - 8} ${gap} ${down - 8}` : `M${x} ${y}H${b.x}`,
    );
    const job = jobs.find(other => other.id === place.id);
    if (job) line.setAttribute('class', job.state === 'running' ? 'is-running' : 'is-waiting');
    svg.append(line);
  }
  return svg;
}

/** @param {string} source */
function rootNode(source) {
  const name = titleOf(store.tree[0]?.source_name ?? store.source?.name);
  return h(
    'button',
    {
      type: 'button',
      class: 'node',
      'aria-label': words.history.root(name),
      title: name,
      onclick: () => actions.openRoot(),
    },
    source && h('img', { alt: '', src: sourceAddress(source, 'thumb?h=100') }),
    h('span', { class: 'node-tag' }, name),
  );
}

/** @param {import('./store.js').Dream} cell */
function sweepNode(cell) {
  return h(
    'button',
    {
      type: 'button',
      class: 'node node-sweep',
      'aria-label': words.history.sweep,
      title: words.history.sweep,
      onclick: () => actions.go('sweep'),
    },
    h('img', { alt: '', src: sourceAddress(`dream:${cell.id}`, 'thumb?h=100') }),
    h('span', { class: 'node-tag' }, words.history.sweep),
  );
}

/** @param {import('./store.js').Dream} dream */
function dreamNode(dream) {
  const tag = tagOf(dream);
  const node = h(
    'button',
    {
      type: 'button',
      class: 'node',
      'aria-label': words.history.node(dream.name || tag, dream.star),
      title: [dream.name, ...dream.changes].join('\n'),
      onclick: () => actions.openDream(dream.id),
    },
    h('img', { alt: '', loading: 'lazy', src: sourceAddress(`dream:${dream.id}`, 'thumb?h=100') }),
    h('span', { class: 'node-tag' }, tag),
    dream.star && icon('star', 'node-star'),
  );
  hold(node, dream);
  return node;
}

/** @param {import('./store.js').Job} job */
function jobNode(job) {
  const name = job.name.split(', ').at(-1).replace(words.history.inWord, '');
  return h(
    'button',
    {
      type: 'button',
      class: 'node node-waiting',
      'aria-label': words.history.coming(job.name),
      title: job.name,
      onclick: () => setPlace({ following: job.id }),
    },
    h('span', {}, name),
  );
}

/** What a dream is in a word: its look where it changed, else the first setting that did. @param {import('./store.js').Dream} dream */
function tagOf(dream) {
  const parent = store.tree.find(other => other.id === dream.parent);
  const looks = [
    ...new Set(dream.layers.map(term => lookOf(term, dream.network)?.name ?? layerName(term))),
  ];
  const same = parent && spokenLayers(parent.layers) === spokenLayers(dream.layers);
  if (same && dream.changes.length) {
    const [key, ...rest] = dream.changes.find(change => !/^layer/.test(change))?.split(' ') ?? [
      'again',
    ];
    return `${key.replaceAll('_', '-')} ${rest.join(' ')}`.trim();
  }
  return looks.slice(0, 2).join(' + ');
}

/** Holding a dream shows it until it is let go. @param {HTMLElement} node @param {import('./store.js').Dream} dream */
function hold(node, dream) {
  let timer = 0,
    held = false;
  node.addEventListener('pointerdown', () => {
    held = false;
    timer = window.setTimeout(() => {
      held = true;
      tell('peek', dream);
    }, holdMs);
  });
  const end = () => {
    clearTimeout(timer);
    if (held) tell('peek', null);
  };
  for (const name of ['pointerup', 'pointerleave', 'pointercancel'])
    node.addEventListener(name, end);
  node.addEventListener(
    'click',
    event => {
      if (held) {
        event.stopImmediatePropagation();
        held = false;
      }
    },
    true,
  );
}

/** Arrows: left to the parent, right to a child, up and down between rows. @param {KeyboardEvent} event */
function walk(event) {
  const from = /** @type {HTMLElement} */ (event.target).closest('[data-node]');
  const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[
    event.key
  ];
  if (!from || !step) return;
  event.preventDefault();
  event.stopPropagation();
  const sheet = /** @type {HTMLElement} */ (event.currentTarget);
  const nodes = /** @type {HTMLElement[]} */ ([...sheet.querySelectorAll('[data-node]')]);
  const { column, row } = /** @type {HTMLElement} */ (from).dataset;
  const ahead = nodes.filter(node => {
    const dx = Number(node.dataset.column) - Number(column),
      dy = Number(node.dataset.row) - Number(row);
    return step[0] ? Math.sign(dx) === step[0] : Math.sign(dy) === step[1];
  });
  const far = (/** @type {HTMLElement} */ node) =>
    Math.abs(Number(node.dataset.column) - Number(column)) * (step[0] ? 1 : 10) +
    Math.abs(Number(node.dataset.row) - Number(row)) * (step[0] ? 10 : 1);
  const to = ahead.sort((a, b) => far(a) - far(b))[0];
  if (!to) return;
  for (const node of nodes) node.tabIndex = node === to ? 0 : -1;
  to.focus();
}
