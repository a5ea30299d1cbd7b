// The head: name, views, the queue, networks, and a menu; on a phone the views stand in the menu.
import * as actions from './actions.js';
import { fill, h, icon, iconButton, isPhone, openPopover, setVars } from './dom.js';
import { draftsAreOn, switchDrafts } from './drafts.js';
import { showKeys } from './keys.js';
import { store, watch } from './store.js';
import { chooseFile } from './view-drop.js';
import { openNetworks } from './view-networks.js';
import { openQueue } from './view-queue.js';
import { words } from './words.js';

/** @type {['dream'|'gallery'|'atlas'|'film', string][]} */
const everyView = [
  ['dream', 'eye'],
  ['gallery', 'grid'],
  ['atlas', 'network'],
  ['film', 'film'],
];

const offered = () => everyView.filter(([view]) => view !== 'atlas' || store.can.atlas);

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function showHead(root, signal) {
  const views = offered();
  const links = views.map(([view]) => h('a', { href: `#${view}` }, words.views[view]));
  const bottom = views.map(([view, name]) =>
    h('a', { href: `#${view}` }, icon(name), words.views[view]),
  );
  const pill = queuePill();
  const more = iconButton('more', words.head.more, () => openMenu(more), {
    'aria-haspopup': 'dialog',
    'aria-expanded': 'false',
  });
  fill(
    root,
    h(
      'a',
      { class: 'mark', href: '#dream', 'aria-label': words.head.home },
      icon('eye', 'mark-eye'),
      'reverie',
    ),
    h('nav', { class: 'tabs', 'aria-label': words.head.views }, links),
    h('div', { class: 'grow' }),
    pill.root,
    iconButton('network', words.head.networks, () => openNetworks(), { class: 'icon-button wide' }),
    more,
  );
  fill(document.querySelector('#foot'), bottom);
  const mark = () => {
    const now = document.body.dataset.view;
    for (const list of [links, bottom])
      list.forEach((link, i) => {
        const on =
          views[i][0] === now || (views[i][0] === 'dream' && ['first', 'sweep'].includes(now));
        if (on) link.setAttribute('aria-current', 'page');
        else link.removeAttribute('aria-current');
      });
  };
  new MutationObserver(mark).observe(document.body, { attributeFilter: ['data-view'] });
  mark();
  watch(['jobs'], signal, pill.update);
}

/** The pill that shows how far the queue is; it opens the queue. */
function queuePill() {
  const ring = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  ring.setAttribute('viewBox', '0 0 18 18');
  ring.setAttribute('class', 'ring');
  ring.setAttribute('aria-hidden', 'true');
  for (const name of ['ring-all', 'ring-part']) {
    const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
    for (const [key, at] of [
      ['cx', '9'],
      ['cy', '9'],
      ['r', '6.5'],
      ['class', name],
      ['pathLength', '100'],
    ])
      circle.setAttribute(key, at);
    ring.append(circle);
  }
  const part = h('b', {}),
    rest = h('span', {});
  const root = h(
    'button',
    {
      type: 'button',
      class: 'pill',
      'aria-label': words.queue.title,
      'aria-haspopup': 'dialog',
      'aria-expanded': 'false',
      onclick: () => openQueue(root),
    },
    ring,
    part,
    rest,
  );
  return {
    root,
    update() {
      const jobs = store.jobs.filter(job => job.class !== 'draft');
      const running = jobs.find(job => job.state === 'running' || job.state === 'cancelling');
      root.hidden = jobs.length === 0;
      if (!jobs.length) return;
      const fraction = running?.fraction ?? 0,
        waiting = jobs.length - (running ? 1 : 0);
      setVars(root, { '--part': Math.round(fraction * 100) });
      part.textContent = running
        ? words.percent(fraction)
        : store.paused
          ? words.queue.paused
          : words.queue.waiting(waiting);
      rest.textContent = running && waiting ? words.queue.waiting(waiting) : '';
      rest.hidden = !rest.textContent;
    },
  };
}

/** @param {HTMLElement} by */
function openMenu(by) {
  const item = (
    /** @type {string} */ name,
    /** @type {string} */ label,
    /** @type {() => void} */ act,
  ) =>
    h(
      'button',
      {
        type: 'button',
        class: 'menu-item',
        onclick: () => {
          openPopover(by, '', []);
          act();
        },
      },
      icon(name),
      label,
    );
  openPopover(
    by,
    words.head.more,
    [
      ...(isPhone()
        ? offered().map(([view, name]) => item(name, words.views[view], () => actions.go(view)))
        : []),
      item('plus', words.first.open, () => chooseFile()),
      ...(store.place.source ? [item('sweep', words.sweep.open, () => actions.go('sweep'))] : []),
      item(draftsAreOn() ? 'check' : 'close', words.drafts.menu(draftsAreOn()), () =>
        switchDrafts(!draftsAreOn()),
      ),
      item('network', words.head.networks, () => openNetworks()),
      item('keys', words.keys.title, showKeys),
    ],
    { class: 'menu' },
  );
}
