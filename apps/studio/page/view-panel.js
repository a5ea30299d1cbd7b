// The panel: looks on the user's own picture, and the few settings that matter most. The rest is under "All settings".
import * as actions from './actions.js';
import { sourceAddress } from './api.js';
import { segments, slider, toggle } from './controls.js';
import { fill, h, icon, isPhone, iconButton, setVars } from './dom.js';
import {
  changedKeys,
  choose,
  chooseLook,
  look,
  lookOf,
  network,
  settingOf,
  standard,
  value,
} from './draft.js';
import { store, watch } from './store.js';
import { showGo } from './view-go.js';
import { guidesRow } from './view-guides.js';
import { words } from './words.js';

/** Ranges within which most dreams lie; any other value can be typed. */
const comfort = {
  iterations: { low: 1, high: 100, log: true, whole: true },
  step: { low: 0.1, high: 10, log: true },
  octaves: { low: 1, high: 10, whole: true },
};

/** @param {HTMLElement} side @param {AbortSignal} signal */
export function showPanel(side, signal) {
  const handle = h('button', {
    type: 'button',
    class: 'handle',
    'aria-label': words.panel.taller,
    'aria-expanded': 'false',
    onclick: () => {
      const tall = document.body.classList.toggle('tall');
      handle.setAttribute('aria-expanded', String(tall));
      handle.setAttribute('aria-label', tall ? words.panel.lower : words.panel.taller);
    },
  });
  const scroll = h('div', { class: 'scroll' });
  side.append(handle, scroll, showGo(signal));
  signal.addEventListener('abort', () => document.body.classList.remove('tall'));
  showLooks(scroll, signal);
  showDepth(scroll, signal);
  showSliders(scroll, signal);
  showRows(scroll, signal);
}

/** @param {HTMLElement} root @param {AbortSignal} signal */
function showLooks(root, signal) {
  const grid = h('div', { class: 'looks', role: 'radiogroup', 'aria-label': words.panel.look });
  root.append(
    h(
      'div',
      { class: 'section' },
      h('h2', {}, words.panel.look),
      store.can.atlas && h('a', { href: '#atlas' }, words.panel.anyLayer),
    ),
    grid,
  );
  let made = '';
  /** @type {Map<string, {input: HTMLInputElement, image: HTMLImageElement}>} */
  const tiles = new Map();
  watch(['draft', 'place', 'looks', 'networks'], signal, () => {
    const offered = offers();
    if (made !== offered.map(offer => offer.name).join()) {
      made = offered.map(offer => offer.name).join();
      tiles.clear();
      fill(
        grid,
        offered.map(offer => {
          const input = h('input', {
            type: 'radio',
            name: 'look',
            value: offer.name,
            onchange: () => chooseLook(offer.name),
          });
          const image = h('img', {
            alt: '',
            hidden: true,
            onload: () => {
              image.hidden = false;
            },
          });
          tiles.set(offer.name, { input, image });
          return h(
            'label',
            { class: 'look', title: offer.description },
            input,
            image,
            h('span', {}, offer.name),
          );
        }),
      );
    }
    const layers = store.place.draft.layer ?? [],
      now = layers.length > 1 ? undefined : (look()?.name ?? layers[0] ?? network().default_layer);
    for (const [name, { input, image }] of tiles) {
      const url =
        store.looks.get(name) ??
        (store.source && store.place.source
          ? sourceAddress(store.place.source, 'thumb?h=200')
          : '');
      image.classList.toggle('is-waiting', !store.looks.has(name));
      if (url && image.getAttribute('src') !== url) image.src = url;
      const changed = input.checked !== (name === now);
      input.checked = name === now;
      if (changed && input.checked) bringIntoView(grid, input.parentElement);
    }
  });
  requestAnimationFrame(() => {
    const on = grid.querySelector(':checked');
    if (on) bringIntoView(grid, on.parentElement);
  });
}

/** On a phone the looks are a row that scrolls: the chosen one comes to its middle. @param {HTMLElement} row @param {HTMLElement} item */
function bringIntoView(row, item) {
  if (isPhone())
    row.scrollTo({
      left: item.offsetLeft - (row.clientWidth - item.clientWidth) / 2,
      behavior: 'instant',
    });
}

/** What the tiles offer: the network's looks, else its good layers. */
function offers() {
  const of = network();
  return of.looks.length
    ? of.looks
    : of.good_layers.map(name => ({ name, description: words.panel.layer(name) }));
}

/** The depth: from fine layers, which make strokes, to deep ones, which make beings. @param {HTMLElement} root @param {AbortSignal} signal */
function showDepth(root, signal) {
  const range = h('input', { type: 'range', min: '0', step: '1', 'aria-label': words.panel.depth });
  const track = h('div', { class: 'depth-track' }, range);
  root.append(
    h(
      'div',
      { class: 'depth' },
      track,
      h(
        'div',
        { class: 'depth-ends', 'aria-hidden': 'true' },
        h('span', {}, words.panel.shallow),
        h('span', {}, words.panel.deep),
      ),
    ),
  );
  const pick = () => {
    const layer = network().good_layers[Number(range.value)];
    chooseLook(lookOf(layer)?.name ?? layer);
  };
  range.addEventListener('change', pick);
  range.addEventListener('input', () =>
    setVars(track, { '--at-part': Number(range.value) / Math.max(1, Number(range.max)) }),
  );
  watch(['draft', 'networks'], signal, () => {
    const layers = network().good_layers,
      term = store.place.draft.layer?.[0] ?? network().default_layer;
    const now = layers.indexOf(look()?.layers[0] ?? lookOf(term)?.layers[0] ?? term);
    range.max = String(layers.length - 1);
    setVars(track, {
      '--stops': layers.length - 1,
      '--at-part': Math.max(0, now) / Math.max(1, layers.length - 1),
    });
    range.value = String(Math.max(0, now));
    range.setAttribute('aria-valuetext', layers[now] ?? words.panel.noDepth);
    track.classList.toggle('is-off', now < 0);
  });
}

/** @param {HTMLElement} root @param {AbortSignal} signal */
function showSliders(root, signal) {
  const list = Object.entries(comfort).map(([key, range]) => {
    const setting = settingOf(key);
    const control = slider({
      ...range,
      label: words.panel.names[/** @type {'step'} */ (key)],
      note: setting.name,
      help: setting.help,
      onchange: to => choose(key, to),
    });
    root.append(control.root);
    return { key, control };
  });
  watch(['draft'], signal, () => {
    for (const { key, control } of list) control.set(value(key), standard(key));
  });
}

/** @param {HTMLElement} root @param {AbortSignal} signal */
function showRows(root, signal) {
  const light = toggle(words.panel.light, on => choose('match_tone', on ? 'full' : 'none'), {
    help: settingOf('match_tone').help,
  });
  const colours = toggle(words.panel.colours, on => choose('color', on ? 'keep' : 'free'), {
    help: settingOf('color').help,
  });
  const where = h('button', { type: 'button', class: 'chip', onclick: () => actions.go('mask') });
  const seed = h('input', {
    class: 'seed',
    type: 'text',
    inputmode: 'numeric',
    'aria-label': words.panel.variation,
    autocomplete: 'off',
    onchange: () => choose('seed', Math.max(0, Math.floor(Number(seed.value) || 0))),
  });
  const dice = iconButton(
    'dice',
    words.panel.dice,
    () => choose('seed', 1 + Math.floor(Math.random() * 9999)),
    { class: 'icon-button dice' },
  );
  const onDream = segments(
    words.panel.on,
    [
      { value: 'again', label: words.panel.onPicture },
      { value: 'go_on', label: words.panel.onDream },
    ],
    to => actions.dreamOnDream(to === 'go_on'),
  );
  const onRow = h(
    'div',
    { class: 'row' },
    h('span', { class: 'row-label' }, words.panel.on),
    onDream.root,
  );
  const count = h('span', { class: 'count' });
  root.append(
    onRow,
    light.root,
    colours.root,
    h('div', { class: 'row' }, h('span', { class: 'row-label' }, words.panel.where), where),
    guidesRow(signal),
    h(
      'div',
      { class: 'row' },
      h('span', { class: 'row-label', title: settingOf('seed').help }, words.panel.variation),
      h('span', { class: 'variation' }, dice, seed),
    ),
    h(
      'a',
      { class: 'all-settings', href: '#settings' },
      icon('sliders'),
      words.settings.title,
      count,
    ),
  );
  watch(['draft', 'dream', 'place'], signal, () => {
    light.set(value('match_tone') !== 'none');
    colours.set(value('color') === 'keep');
    fill(where, icon('brush'), value('mask') ? words.panel.painted : words.panel.everywhere);
    if (document.activeElement !== seed) seed.value = String(value('seed'));
    onRow.hidden = !store.dream;
    onDream.set(
      store.dream && store.place.source === `dream:${store.dream.id}` ? 'go_on' : 'again',
    );
    const changed = changedKeys().length;
    count.textContent = changed ? words.settings.changed(changed) : '';
  });
}
