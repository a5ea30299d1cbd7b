// The dream view: the stage with the picture, the panel beside it, and the history below.
// Tools (compare, point, paint) and "All settings" change the stage or the panel, and have addresses of their own.
import * as actions from './actions.js';
import { address, patch, sourceAddress } from './api.js';
import { button, fill, h, icon, iconButton, openPopover, rested } from './dom.js';
import { draftShown, dreamDrafts, switchDrafts } from './drafts.js';
import { spokenLayers, titleOf } from './draft.js';
import { addKeys } from './keys.js';
import { hear, store, watch } from './store.js';
import { attempt } from './toasts.js';
import { showHistory } from './view-history.js';
import { showPanel } from './view-panel.js';
import { showWork } from './view-running.js';
import { openSave } from './view-save.js';
import { createViewer } from './viewer.js';
import { words } from './words.js';

/** Tools with their icons; those without a module are the plain view. */
const tools = [
  { name: 'dream', icon: 'move', label: words.tools.move },
  { name: 'point', icon: 'point', label: words.tools.point, load: () => import('./view-point.js') },
  { name: 'mask', icon: 'brush', label: words.tools.mask, load: () => import('./view-mask.js') },
  {
    name: 'compare',
    icon: 'compare',
    label: words.tools.compare,
    load: () => import('./view-compare.js'),
  },
];

/** @typedef {{stage: HTMLElement, side: HTMLElement, viewer: import('./viewer.js').Viewer, head: HTMLElement}} Parts */

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function mount(root, signal) {
  const stage = h('section', { class: 'stage', 'aria-label': words.dream.stage });
  const side = h('aside', { class: 'side', 'aria-label': words.dream.panel });
  const past = h('footer', { class: 'past', 'aria-label': words.history.title });
  root.append(h('div', { class: 'dream' }, stage, side, past));
  const glow = h('img', { class: 'glow', alt: '' });
  stage.append(glow);
  const viewer = createViewer(stage, signal);
  const head = showTitle(stage, signal);
  showTools(stage, signal);
  showZoom(stage, viewer);
  showDraftNote(stage, signal);
  dreamDrafts(signal);
  showWork(stage, signal);
  showHistory(past, signal);
  showPicture(viewer, glow, signal);
  switchTools({ stage, side, viewer, head }, signal);
  addKeys(signal, {
    f: () => viewer.fit(),
    1: () => viewer.zoomTo(1),
    '+': () => viewer.zoomBy(1.25),
    '-': () => viewer.zoomBy(0.8),
  });
}

/** Keeps the tool and the panel that the address names. @param {Parts} parts @param {AbortSignal} signal */
function switchTools(parts, signal) {
  /** @type {AbortController} */
  let leave = null;
  let now = '';
  const follow = async () => {
    let name = actions.route()[0] || 'dream';
    if (name === 'compare' && !store.dream && !actions.route()[1]) name = 'dream';
    if (name === 'point' && !store.can.look) name = 'dream';
    const address = name === 'compare' ? actions.route().join('/') : name;
    if (address === now) return;
    now = address;
    leave?.abort();
    leave = new AbortController();
    signal.addEventListener('abort', () => leave.abort());
    parts.side.className = 'side';
    fill(parts.side);
    const own = leave.signal;
    const tool = tools.find(other => other.name === name);
    if (tool?.load) {
      const module = await tool.load();
      if (!own.aborted) module.mount(parts, own);
    } else if (name === 'settings') {
      const module = await import('./view-settings.js');
      if (!own.aborted) module.mount(parts.side, own);
    } else showPanel(parts.side, own);
  };
  addEventListener('hashchange', follow, { signal });
  follow();
}

/** What is open: name, size, layers, network. @param {HTMLElement} stage @param {AbortSignal} signal */
function showTitle(stage, signal) {
  const name = h('button', {
    type: 'button',
    class: 'title-name',
    'aria-haspopup': 'dialog',
    'aria-expanded': 'false',
    onclick: () => rename(name),
  });
  const about = h('p', {});
  const title = h('div', { class: 'title' }, h('h1', {}, name), about);
  const star = iconButton('star', words.history.star, () => actions.star(store.dream));
  const save = iconButton('share', words.save.title, () => openSave(save), {
    'aria-haspopup': 'dialog',
    'aria-expanded': 'false',
  });
  const acts = h('div', { class: 'acts' }, star, save);
  stage.append(title, acts);
  watch(['dream', 'jobs', 'place'], signal, () => {
    const job = actions.followed(),
      dream = store.dream;
    name.textContent = job?.name || dream?.name || titleOf(store.source?.name ?? dream?.file ?? '');
    name.disabled = !dream || !!job;
    name.title = dream ? words.history.rename : '';
    const width = job?.width || dream?.width || store.source?.width,
      height = job?.height || dream?.height || store.source?.height;
    about.textContent =
      [
        width ? words.size(width, height) : '',
        !job && dream ? spokenLayers(dream.layers) : '',
        !job && dream ? dream.network : '',
      ]
        .filter(Boolean)
        .join('  ·  ') || ' ';
    acts.hidden = !dream || !!job;
    star.classList.toggle('is-on', !!dream?.star);
    star.setAttribute('aria-pressed', String(!!dream?.star));
  });
  return title;
}

/** @param {HTMLElement} by */
function rename(by) {
  const dream = store.dream;
  const change = (/** @type {Record<string, string>} */ to) =>
    attempt(patch(`/dreams/${dream.id}`, to));
  const name = h('input', {
    class: 'text',
    type: 'text',
    value: dream.name,
    maxlength: 200,
    'aria-label': words.history.name,
    onchange: () => change({ name: name.value.trim() }),
  });
  const note = h('textarea', {
    class: 'text',
    rows: 3,
    maxlength: 2000,
    value: dream.note ?? '',
    placeholder: words.history.notePlaceholder,
    'aria-label': words.history.note,
    onchange: () => change({ note: note.value }),
  });
  openPopover(
    by,
    words.history.rename,
    h(
      'div',
      { class: 'naming' },
      name,
      note,
      button(
        words.history.toBin,
        () => {
          openPopover(by, '', []);
          actions.toBin(dream);
        },
        { icon: 'bin' },
      ),
    ),
  );
}

/** The bar of tools, and the chips that stand for it on a phone. @param {HTMLElement} stage @param {AbortSignal} signal */
function showTools(stage, signal) {
  const toggle = (/** @type {string} */ name) =>
    actions.go(actions.route()[0] === name ? 'dream' : name);
  const bar = tools.map(tool =>
    h(
      'button',
      {
        type: 'button',
        'aria-label': tool.label,
        title: tool.label,
        onclick: () => (tool.load ? toggle(tool.name) : actions.go('dream')),
      },
      icon(tool.icon),
    ),
  );
  const chips = tools
    .slice(1)
    .map(tool =>
      button(words.tools.short[/** @type {'point'} */ (tool.name)], () => toggle(tool.name), {
        icon: tool.icon,
        class: 'chip',
      }),
    );
  const share = h(
    'button',
    {
      type: 'button',
      class: 'chip',
      'aria-label': words.save.title,
      'aria-haspopup': 'dialog',
      'aria-expanded': 'false',
      onclick: () => openSave(share),
    },
    icon('share'),
  );
  stage.append(
    h(
      'div',
      {
        class: 'tools',
        role: 'toolbar',
        'aria-label': words.tools.title,
        'aria-orientation': 'vertical',
      },
      bar.slice(0, 3),
      h('hr'),
      bar[3],
    ),
    h('div', { class: 'phone-bar' }, chips, h('span', { class: 'grow' }), share),
  );
  const mark = () => {
    const now = actions.route()[0];
    [...bar].forEach((item, i) => {
      const on = tools[i].name === now || (i === 0 && !tools.some(tool => tool.name === now));
      item.classList.toggle('is-on', on);
      item.setAttribute('aria-pressed', String(on));
    });
    bar[3].disabled = chips[2].disabled = !store.dream;
    bar[1].hidden = chips[0].hidden = !store.can.look;
    share.hidden = !store.dream;
  };
  addEventListener('hashchange', mark, { signal });
  watch(['dream'], signal, mark);
}

/** @param {HTMLElement} stage @param {import('./viewer.js').Viewer} viewer */
function showZoom(stage, viewer) {
  const fit = h('button', { type: 'button', onclick: () => viewer.fit() }, words.tools.fit);
  const full = h('button', { type: 'button', onclick: () => viewer.zoomTo(1) }, words.percent(1));
  stage.append(
    h('div', { class: 'zoom', role: 'group', 'aria-label': words.tools.zoom }, fit, full),
  );
  viewer.onplace(() => {
    const { fitted, scale } = viewer.state();
    fit.classList.toggle('is-on', fitted);
    full.classList.toggle('is-on', !fitted);
    full.textContent = words.percent(fitted ? 1 : scale);
    fit.setAttribute('aria-pressed', String(fitted));
  });
}

/** Says that what one sees is a draft. @param {HTMLElement} stage @param {AbortSignal} signal */
function showDraftNote(stage, signal) {
  const off = button(words.drafts.off, () => switchDrafts(false), { class: 'link' });
  const note = h('div', { class: 'draft-note', hidden: true }, words.drafts.note, off);
  stage.append(note);
  watch(['preview', 'jobs', 'place', 'dream'], signal, () => {
    note.hidden = !draftShown() || !!actions.followed();
  });
}

/**
 * What the stage shows: a dream that is held in the history, the dream under way, a draft, the open dream, the picture to dream on.
 * @param {import('./store.js').Dream|null} held
 * @returns {{url: string, under: string, picture: import('./viewer.js').Picture}|null}
 */
function whatToShow(held) {
  const job = held ? undefined : actions.followed();
  const { place, source } = store;
  const dream = held ?? (place.dream ? store.dream : null);
  if (!place.source || !source) return null;
  const under = sourceAddress(dream ? `dream:${dream.id}` : place.source, 'view');
  const draft = held || job ? null : draftShown();
  const live = job?.preview ? { ...job, url: job.preview } : draft;
  const of = live ?? dream ?? source;
  const alt = live
    ? words.dream.altLive
    : dream
      ? words.dream.altDream(dream.name)
      : words.dream.altSource(titleOf(source.name));
  const isLarge = !live && dream && Math.max(dream.width, dream.height) > 2048;
  return {
    url: live ? address(live.url) : under,
    under,
    picture: {
      width: of.width || 16,
      height: of.height || 9,
      alt,
      tiles: isLarge ? dream.id : undefined,
    },
  };
}

/** @param {import('./viewer.js').Viewer} viewer @param {HTMLImageElement} glow @param {AbortSignal} signal */
function showPicture(viewer, glow, signal) {
  /** @type {import('./store.js').Dream|null} */
  let held = null;
  const light = rested((/** @type {string} */ url) => {
    if (glow.getAttribute('src') !== url) glow.src = url;
  }, 60);
  const update = () => {
    // Between the end of a job and the opening of its dream the last preview stays
    if (!held && store.place.following && !actions.followed()) return;
    const what = whatToShow(held);
    if (!what) {
      viewer.clear();
      return;
    }
    viewer.show(what.url, what.picture);
    if (!held) light(what.under);
  };
  hear(['peek'], signal, dream => {
    held = dream;
    update();
  });
  watch(['place', 'dream', 'preview', 'jobs'], signal, update);
}
