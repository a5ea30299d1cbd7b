// Where to dream: areas, each with a look of its own, painted over the picture. What is painted is saved after each stroke
// as assets of the draft (`mask` for all of it, `@mask=` for each area), so that a reload loses nothing.
import * as actions from './actions.js';
import { sourceAddress } from './api.js';
import { listenToBrush, showStrip } from './brush.js';
import { slider, toggle } from './controls.js';
import { button, h } from './dom.js';
import { choose, look, network, value } from './draft.js';
import { createAreaList } from './mask-areas.js';
import { load, restore, saver } from './mask-save.js';
import { createPainter, inks } from './paint.js';
import { store, watch } from './store.js';
import { attempt, toast } from './toasts.js';
import { chooseFile } from './view-drop.js';
import { showGo } from './view-go.js';
import { words } from './words.js';

/** @typedef {import('./mask-save.js').Layered} Layered */

/** @param {import('./view-dream.js').Parts} parts @param {AbortSignal} signal */
export async function mount({ stage, side, viewer, head }, signal) {
  const source = store.source;
  if (!source) return;
  const painter = createPainter(viewer.overlay, source);
  const areas = /** @type {Layered[]} */ (painter.areas);
  const brush = { size: 0.09, softness: 0.3, erase: false };
  let now = 0;
  stage.classList.add('is-painting');
  viewer.setPannable(false);
  // One paints on the picture, not on the dream that it became
  const plain = h('img', {
    class: 'paint-ground',
    alt: words.dream.altSource(source.name),
    src: sourceAddress(store.place.source, 'view'),
  });
  viewer.overlay.prepend(plain);
  signal.addEventListener('abort', () => {
    save.close();
    painter.remove();
    plain.remove();
    stage.classList.remove('is-painting');
    viewer.setPannable(true);
  });

  const save = saver(painter, areas);
  const weight = slider({
    label: words.mask.weight,
    low: -1,
    high: 2,
    step: 0.05,
    onchange: to => {
      areas[now].weight = to;
      save.later();
    },
  });
  const list = createAreaList({
    choose(i) {
      now = i;
      weight.set(areas[i].weight, 1);
    },
    change: () => save.later(),
    remove(area) {
      painter.removeArea(area);
      now = 0;
      showAreas();
      save.later();
    },
  });
  const showAreas = () => {
    list.draw(areas, now);
    weight.set(areas[now].weight, 1);
    weight.root.hidden = areas.length < 2;
  };

  /** @param {string} [term] */
  function add(term = '') {
    const area = Object.assign(painter.addArea(), { term, weight: 1, asset: '' });
    now = areas.length - 1;
    return area;
  }

  showStrip(stage, brush, signal, {
    invert: () => {
      painter.invert(areas[now]);
      save.later();
    },
    undo: () => {
      if (painter.undo(areas[now])) save.later();
    },
  });
  listenToBrush(
    viewer,
    brush,
    signal,
    () => painter.stroke(areas[now], brush),
    () => save.later(),
  );

  await restore(painter, add);
  if (signal.aborted) return;
  if (!areas.length) add();
  now = 0;

  const feather = slider({
    label: words.settings.names['mask-feather'],
    note: 'mask-feather',
    low: 0,
    high: 100,
    whole: true,
    unit: 'px',
    onchange: to => choose('mask_feather', to),
  });
  const inverse = toggle(words.mask.inverse, on => choose('mask_invert', on));
  side.append(
    h(
      'div',
      { class: 'scroll' },
      h('div', { class: 'section' }, h('h2', {}, words.mask.title)),
      list.root,
      button(
        words.mask.another,
        () => {
          if (areas.length < inks.length) {
            add(network().looks.find(other => other.name !== look()?.name)?.name);
            showAreas();
          }
        },
        { class: 'chip chip-empty', icon: 'plus' },
      ),
      h(
        'div',
        { class: 'mask-settings' },
        weight.root,
        feather.root,
        inverse.root,
        h(
          'div',
          { class: 'row' },
          h('span', { class: 'row-label' }, words.mask.alpha),
          button(words.mask.take, () => takeAlpha(painter, areas[now], save), { class: 'chip' }),
        ),
        h(
          'div',
          { class: 'row' },
          h('span', { class: 'row-label' }, words.mask.file),
          button(words.mask.open, () => takeFile(painter, areas[now], save), {
            class: 'chip chip-empty',
            icon: 'plus',
          }),
        ),
        h(
          'div',
          { class: 'row' },
          h('span', { class: 'row-label' }, words.mask.all),
          button(
            words.mask.clear,
            () => {
              clear();
              showAreas();
            },
            { class: 'chip' },
          ),
        ),
      ),
    ),
    showGo(signal),
  );
  const clear = () => {
    for (const area of [...areas]) painter.removeArea(area);
    add();
    save.later();
  };
  showAreas();
  watch(['draft'], signal, () => {
    feather.set(value('mask_feather'), 0);
    inverse.set(value('mask_invert'));
  });
  head.querySelector('p').textContent = words.mask.hint;
  signal.addEventListener('abort', () => {
    head.querySelector('p').textContent = '';
  });
}

/** @typedef {import('./mask-save.js').Saver} Saver */

/** @param {import('./paint.js').Painter} painter @param {Layered} area @param {Saver} save */
async function takeAlpha(painter, area, save) {
  const image = await attempt(load(sourceAddress(store.place.source, 'view')));
  if (!image) return;
  if (painter.take(area, image, true)) save.later();
  else toast(words.mask.noAlpha);
}

/** @param {import('./paint.js').Painter} painter @param {Layered} area @param {Saver} save */
function takeFile(painter, area, save) {
  chooseFile(async file => {
    const asset = await actions.upload(file, file.name);
    const image = asset && (await attempt(load(sourceAddress(`asset:${asset.id}`, 'view'))));
    if (image) {
      painter.take(area, image);
      save.later();
    }
  });
}
