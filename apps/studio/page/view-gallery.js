// The gallery: every dream, newest first, as a wall of rows. Only rows in sight are in the page, and the list comes page by
// page, so that ten thousand dreams scroll as easily as ten.
import * as actions from './actions.js';
import { get, remove } from './api.js';
import { button, fill, h, icon, iconButton, isPhone, openDialog, rested, setVars } from './dom.js';
import { network } from './draft.js';
import { drawTile } from './gallery-tile.js';
import { addKeys } from './keys.js';
import { hear, store } from './store.js';
import { attempt } from './toasts.js';
import { openSave } from './view-save.js';
import { layOut } from './wall.js';
import { words } from './words.js';

const page = 60,
  ahead = 900;

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function mount(root, signal) {
  /** @type {import('./store.js').Dream[]} */
  let dreams = [];
  let total = 0,
    next = '',
    filter = '',
    text = '',
    loading = false,
    done = false,
    asked = 0;
  /** @type {Set<string>} */
  const chosen = new Set();
  /** @type {import('./wall.js').Row[]} */
  let rows = [];
  /** @type {Map<number, HTMLElement>} */
  const shown = new Map();
  const wall = h('div', { class: 'wall', role: 'list', 'aria-label': words.gallery.title });
  const empty = h('p', { class: 'gallery-empty', hidden: true });
  const filters = h('div', {
    class: 'filters',
    role: 'radiogroup',
    'aria-label': words.gallery.filter,
  });
  const search = h('input', {
    type: 'search',
    'aria-label': words.gallery.search,
    placeholder: words.gallery.search,
    autocomplete: 'off',
  });
  const scroller = h(
    'div',
    { class: 'page gallery' },
    h(
      'div',
      { class: 'page-head' },
      h('h1', {}, words.gallery.title),
      filters,
      h('span', { class: 'grow' }),
      h('label', { class: 'search' }, icon('search'), search),
    ),
    empty,
    wall,
  );
  const bar = h('div', { class: 'selection', hidden: true });
  root.append(scroller, bar);

  const kinds = () => [
    ['', words.gallery.all],
    ['star=1', words.gallery.starred],
    ['kind=zoom', words.gallery.zooms],
    ['kind=video', words.gallery.films],
    ...network()
      .looks.slice(-3)
      .map(look => [`layer=${encodeURIComponent(look.layers[0])}`, look.name]),
    ['bin=1', words.gallery.bin],
  ];
  const count = h('span', { class: 'count' });
  fill(
    filters,
    kinds().map(([value, label]) => {
      const input = h('input', {
        type: 'radio',
        name: 'filter',
        value,
        checked: value === '',
        onchange: () => {
          filter = value;
          input.parentElement.append(count);
          reload();
        },
      });
      return h('label', { class: 'filter' }, input, h('span', {}, label), value === '' && count);
    }),
  );
  search.addEventListener(
    'input',
    rested(() => {
      text = search.value.trim();
      reload();
    }, 250),
  );

  async function reload() {
    dreams = [];
    next = '';
    done = false;
    loading = false;
    chosen.clear();
    showBar();
    await more();
  }

  async function more() {
    if (loading || done) return;
    loading = true;
    const mine = ++asked;
    const query = new URLSearchParams(filter);
    query.set('limit', String(page));
    if (text) query.set('q', text);
    if (next) query.set('before', next);
    const answer = await attempt(get(`/dreams?${query}`));
    if (mine !== asked || signal.aborted) return;
    loading = false;
    if (!answer) return;
    dreams.push(...answer.dreams);
    next = answer.next;
    total = answer.total;
    done = !next;
    count.textContent = total.toLocaleString('en');
    arrange();
  }

  function arrange() {
    const width = wall.clientWidth;
    rows = layOut(dreams, width, isPhone());
    empty.hidden = dreams.length > 0;
    empty.textContent = text
      ? words.gallery.nothing
      : filter === 'bin=1'
        ? words.gallery.binEmpty
        : filter
          ? words.gallery.none
          : words.gallery.empty;
    setVars(wall, { '--h': `${(rows.at(-1)?.bottom ?? 0) + 20}px` });
    for (const row of shown.values()) row.remove();
    shown.clear();
    update();
  }

  /** Puts rows in sight into the page, and takes the others out. */
  function update() {
    const top = scroller.scrollTop - wall.offsetTop - ahead,
      bottom = top + scroller.clientHeight + 2 * ahead;
    rows.forEach((row, i) => {
      const isNear = row.bottom > top && row.top < bottom;
      if (isNear && !shown.has(i)) {
        const element = drawRow(row);
        shown.set(i, element);
        wall.append(element);
      }
      if (!isNear && shown.has(i) && !shown.get(i).contains(document.activeElement)) {
        shown.get(i).remove();
        shown.delete(i);
      }
    });
    if (!done && bottom > (rows.at(-1)?.bottom ?? 0)) more();
  }

  /** @param {import('./wall.js').Row} row */
  function drawRow(row) {
    if (row.day) {
      const title = h(
        'h2',
        { class: 'day' },
        words.gallery.day(row.day),
        filter === 'bin=1' &&
          row.top === 0 &&
          button(words.gallery.emptyBin, askEmpty, { class: 'link' }),
      );
      setVars(title, { '--y': `${row.top}px` });
      return title;
    }
    const element = h(
      'div',
      { class: 'wall-row', role: 'presentation' },
      row.tiles.map(tile => drawTile(tile, chosen.has(tile.dream.id), { pick, mark })),
    );
    setVars(element, { '--y': `${row.top}px`, '--h': `${row.height}px` });
    return element;
  }

  /** @param {MouseEvent} event @param {import('./store.js').Dream} dream */
  function pick(event, dream) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || chosen.size)
      mark(dream.id, !chosen.has(dream.id));
    else if (filter === 'bin=1') mark(dream.id, true);
    else if (dream.kind === 'zoom' || dream.kind === 'video') actions.go(`film/${dream.id}`);
    else actions.openDream(dream.id);
  }

  /** @param {string} id @param {boolean} on */
  function mark(id, on) {
    if (on) chosen.add(id);
    else chosen.delete(id);
    const tile = wall.querySelector(`[data-dream="${id}"]`);
    tile?.classList.toggle('is-chosen', on);
    const box = /** @type {HTMLInputElement} */ (tile?.querySelector('.tile-box'));
    if (box) box.checked = on;
    showBar();
  }

  function showBar() {
    bar.hidden = chosen.size === 0;
    scroller.classList.toggle('is-choosing', chosen.size > 0);
    if (!chosen.size) return;
    const ids = [...chosen],
      list = dreams.filter(dream => chosen.has(dream.id));
    const each = async (
      /** @type {(dream: import('./store.js').Dream) => Promise<any>} */ work,
    ) => {
      for (const dream of list) await work(dream);
      reload();
    };
    const save = button(
      words.gallery.save,
      async () => {
        store.dream = list[0];
        openSave(save);
      },
      { 'aria-expanded': 'false' },
    );
    fill(
      bar,
      h('b', {}, words.gallery.chosen(ids.length)),
      ids.length === 2 && filter !== 'bin=1' && button(words.gallery.compare, () => compare(list)),
      ids.length === 1 && filter !== 'bin=1' && save,
      filter !== 'bin=1' && button(words.gallery.star, () => each(dream => actions.star(dream))),
      filter === 'bin=1'
        ? button(words.gallery.restore, () => each(restore), { class: 'button button-main' })
        : button(words.gallery.toBin, () => each(dream => attempt(remove(`/dreams/${dream.id}`))), {
            icon: 'bin',
          }),
      iconButton('close', words.gallery.chooseNone, () => {
        for (const id of ids) mark(id, false);
      }),
    );
  }

  /** @param {import('./store.js').Dream[]} list */
  async function compare(list) {
    const [b, a] = list;
    await actions.openDream(b.id);
    actions.go(`compare/${a.id}/${b.id}`);
  }

  function askEmpty() {
    const dialog = openDialog(
      words.gallery.emptyBin,
      [
        h('p', { class: 'mute' }, words.gallery.emptyBinNote),
        h(
          'div',
          { class: 'buttons dialog-buttons' },
          button(
            words.gallery.emptyBinYes,
            async () => {
              dialog.close();
              await attempt(remove('/bin'));
              reload();
            },
            { class: 'button button-main' },
          ),
          button(words.close, () => dialog.close()),
        ),
      ],
      { class: 'dialog-small' },
    );
  }

  const fresh = rested(async () => {
    // New dreams come to the front without moving what one looks at
    if (scroller.scrollTop < 200 && !chosen.size) await reload();
  }, 400);
  hear(['dreams'], signal, fresh);
  scroller.addEventListener('scroll', () => requestAnimationFrame(update), { passive: true });
  let before = 0;
  const resized = new ResizeObserver(() => {
    if (wall.clientWidth !== before) {
      before = wall.clientWidth;
      arrange();
    }
  });
  resized.observe(scroller);
  signal.addEventListener('abort', () => resized.disconnect());
  addKeys(signal, {
    Escape: () => {
      if (chosen.size) for (const id of [...chosen]) mark(id, false);
      else actions.go('dream');
    },
  });
  reload();
}

/** @param {import('./store.js').Dream} dream */
async function restore(dream) {
  const { post } = await import('./api.js');
  await attempt(post(`/dreams/${dream.id}/restore`, {}));
}
