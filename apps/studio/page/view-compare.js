// Compare: any two dreams, or a dream and its picture, by a slider, side by side, or as a difference; and what made them differ.
import * as actions from './actions.js';
import { get, sourceAddress } from './api.js';
import { segments } from './controls.js';
import { button, h, icon, setVars } from './dom.js';
import { lookOf, settingOf, titleOf, toDraft } from './draft.js';
import { addKeys } from './keys.js';
import { hear, setPlace, store } from './store.js';
import { attempt } from './toasts.js';
import { words } from './words.js';

/** @typedef {{source: string, name: string, width: number, height: number, dream: import('./store.js').Dream|null}} Side */

/** @param {import('./view-dream.js').Parts} parts @param {AbortSignal} signal */
export async function mount({ stage, side, viewer, head }, signal) {
  const pair = await attempt(readPair());
  if (!pair || signal.aborted) {
    if (!signal.aborted) actions.go('dream');
    return;
  }
  const [a, b] = pair;
  stage.classList.add('is-comparing');
  viewer.setPannable(false);
  const about = head.querySelector('p'),
    name = head.querySelector('button');
  showStage(stage, viewer, a, b, signal);
  showSide(side, a, b, signal);
  const describe = () => {
    name.textContent = b.name;
    about.textContent = words.compare.beside(a.name);
  };
  describe();
  hear(['dream', 'jobs', 'place'], signal, describe);
  hear(['place'], signal, () => {
    if (!actions.route()[1] && store.dream && b.dream?.id !== store.dream.id) actions.go('dream');
  });
  signal.addEventListener('abort', () => {
    stage.classList.remove('is-comparing');
    viewer.setPannable(true);
  });
}

/** The two that the address names: #compare/A/B, else the open dream and its picture. @returns {Promise<[Side, Side]>} */
async function readPair() {
  const [, first, second] = actions.route();
  if (first && second) return Promise.all([readDream(first), readDream(second)]);
  const dream = store.dream;
  const b = {
    source: `dream:${dream.id}`,
    name: dream.name || titleOf(dream.file),
    width: dream.width,
    height: dream.height,
    dream,
  };
  // A dream's own source, which is not what the next dream is made of
  const [kind, id] = dream.source.split(':');
  const source = await get(kind === 'asset' ? `/assets/${id}/info` : `/dreams/${id}`);
  return [
    {
      source: dream.source,
      name: kind === 'asset' ? titleOf(source.name) : source.name,
      width: source.width,
      height: source.height,
      dream: kind === 'dream' ? source : null,
    },
    b,
  ];
}

/** @param {string} id @returns {Promise<Side>} */
async function readDream(id) {
  const dream = await get(`/dreams/${id}`);
  return {
    source: `dream:${id}`,
    name: dream.name || titleOf(dream.file),
    width: dream.width,
    height: dream.height,
    dream,
  };
}

/** @param {HTMLElement} stage @param {import('./viewer.js').Viewer} viewer @param {Side} a @param {Side} b @param {AbortSignal} signal */
function showStage(stage, viewer, a, b, signal) {
  const before = h('img', {
    class: 'compare-a',
    alt: a.name,
    src: sourceAddress(a.source, 'view'),
  });
  const after = h('img', { class: 'compare-b', alt: b.name, src: sourceAddress(b.source, 'view') });
  const grip = h('input', {
    type: 'range',
    min: '0',
    max: '100',
    step: '0.1',
    value: '50',
    class: 'compare-range',
    'aria-label': words.compare.slider,
  });
  const knob = h('span', { class: 'compare-grip', 'aria-hidden': 'true' }, icon('leftright'));
  const root = h(
    'div',
    { class: 'compare', data: { mode: 'slider' } },
    before,
    after,
    h('div', { class: 'compare-cut' }),
    knob,
    h('span', { class: 'compare-name compare-name-a' }, shortName(a)),
    h('span', { class: 'compare-name compare-name-b' }, shortName(b)),
    grip,
  );
  const double = h('div', { class: 'compare-double', hidden: true });
  for (const [of, image] of /** @type {[Side, HTMLImageElement][]} */ ([
    [a, before],
    [b, after],
  ]))
    double.append(
      h('figure', {}, h('img', { alt: of.name, src: image.src }), h('figcaption', {}, of.name)),
    );
  viewer.overlay.append(root);
  stage.append(double);
  const cut = (/** @type {number} */ at) => {
    setVars(root, { '--cut': `${at}%` });
    grip.setAttribute('aria-valuetext', words.percent(at / 100));
  };
  grip.addEventListener('input', () => cut(Number(grip.value)));
  cut(50);
  const mode = segments(
    words.compare.way,
    [
      { value: 'slider', label: words.compare.bySlider },
      { value: 'double', label: words.compare.double },
      { value: 'difference', label: words.compare.difference },
    ],
    to => {
      root.dataset.mode = to;
      double.hidden = to !== 'double';
      viewer.canvas.classList.toggle('unshown', to === 'double');
      store.place.compareMode = to;
    },
  );
  mode.root.classList.add('compare-modes');
  stage.append(mode.root);
  const start = store.place.compareMode ?? 'slider';
  mode.set(start);
  mode.root.querySelector(':checked').dispatchEvent(new Event('change'));
  addKeys(signal, {
    ArrowLeft: () => {
      grip.value = String(Number(grip.value) - 2);
      cut(Number(grip.value));
    },
    ArrowRight: () => {
      grip.value = String(Number(grip.value) + 2);
      cut(Number(grip.value));
    },
  });
  signal.addEventListener('abort', () => {
    root.remove();
    double.remove();
    mode.root.remove();
    viewer.canvas.classList.remove('unshown');
  });
}

/** @param {Side} of */
function shortName(of) {
  if (!of.dream) return words.compare.picture;
  return lookOf(of.dream.layers[0] ?? '', of.dream.network)?.name ?? of.name;
}

/** What made them differ, and what to take along. @param {HTMLElement} side @param {Side} a @param {Side} b @param {AbortSignal} signal */
async function showSide(side, a, b, signal) {
  const scroll = h(
    'div',
    { class: 'scroll' },
    h(
      'div',
      { class: 'section' },
      h('h2', {}, words.compare.made),
      h('a', { href: '#gallery' }, words.compare.another),
    ),
  );
  const go = button(
    words.compare.goOn,
    async () => {
      await actions.openDream(b.dream.id, { keepDraft: true });
      await actions.dreamOnDream(true);
      actions.go('dream');
    },
    { class: 'go-button' },
  );
  side.append(
    scroll,
    h(
      'div',
      { class: 'go go-alone' },
      go,
      h(
        'div',
        { class: 'cost' },
        h('span', {}, words.compare.goOnNote),
        h('a', { class: 'size', href: '#dream' }, words.compare.leave),
      ),
    ),
  );
  const documents = await Promise.all(
    [a, b].map(of =>
      of.dream
        ? get(`/dreams/${of.dream.id}/document`).catch(/** @returns {any} */ () => null)
        : null,
    ),
  );
  if (signal.aborted) return;
  const [ra, rb] = documents.map(document => (document?.recipe ? toDraft(document.recipe) : {}));
  const keys = [...new Set([...Object.keys(ra), ...Object.keys(rb)])].filter(
    key => JSON.stringify(ra[key]) !== JSON.stringify(rb[key]),
  );
  const both = !!a.dream && !!b.dream;
  const cell = (/** @type {any} */ recipe, /** @type {string} */ key) =>
    h('td', {}, spoken(recipe[key] ?? settingOf(key).default));
  scroll.append(
    keys.length
      ? h(
          'table',
          { class: 'differences' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              h('th', { scope: 'col' }, h('span', { class: 'unseen' }, words.compare.setting)),
              both && h('th', { scope: 'col' }, shortName(a)),
              h('th', { scope: 'col' }, both ? shortName(b) : words.compare.thisOne),
            ),
          ),
          h(
            'tbody',
            {},
            keys.map(key =>
              h(
                'tr',
                {},
                h('th', { scope: 'row' }, key.replaceAll('_', '-')),
                both && cell(ra, key),
                cell(rb, key),
              ),
            ),
          ),
        )
      : h('p', { class: 'mute' }, both ? words.compare.same : words.compare.standard),
    h(
      'p',
      { class: 'faint compare-rest' },
      words.compare.rest(store.settings.recipe.length - keys.length),
    ),
  );
  if (keys.length) takeAlong(scroll, keys, rb);
}

/** @param {any} to */
function spoken(to) {
  if (Array.isArray(to))
    return (
      to
        .map(item =>
          typeof item === 'string' ? item.replace(/(asset|dream):\w+/g, '…') : words.guides.picture,
        )
        .join(' ') || '–'
    );
  return to === ''
    ? '–'
    : to === true
      ? words.yes
      : to === false
        ? words.no
        : String(to).replace(/^(asset|dream):\w+/, '…');
}

/** @param {HTMLElement} root @param {string[]} keys @param {import('./store.js').Recipe} recipe */
function takeAlong(root, keys, recipe) {
  const boxes = keys.map(key => ({
    key,
    box: h('input', {
      type: 'checkbox',
      role: 'switch',
      class: 'switch',
      checked: key !== 'seed' && key !== 'size',
    }),
  }));
  root.append(
    h('div', { class: 'section' }, h('h2', {}, words.compare.along)),
    ...boxes.map(({ key, box }) =>
      h(
        'label',
        { class: 'row' },
        h(
          'span',
          { class: 'row-label row-cut' },
          `${key.replaceAll('_', '-')} ${spoken(recipe[key] ?? settingOf(key).default)}`,
        ),
        box,
      ),
    ),
    button(words.compare.take, () => {
      const draft = { ...store.place.draft };
      for (const { key } of boxes.filter(other => other.box.checked)) {
        delete draft[key];
        if (key in recipe) draft[key] = recipe[key];
      }
      setPlace({ draft });
      actions.go('dream');
    }),
  );
}
