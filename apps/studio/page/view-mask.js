// Where to dream: areas, each with a look of its own, painted over the picture. What is painted is saved after each stroke
// as assets of the draft (`mask` for all of it, `@mask=` for each area), so that a reload loses nothing.
import * as actions from './actions.js';
import { sourceAddress, upload } from './api.js';
import { chooser, slider, toggle } from './controls.js';
import { button, fill, h, iconButton, rested, setVars } from './dom.js';
import { choose, chooseAll, look, network, value } from './draft.js';
import { addKeys } from './keys.js';
import { createPainter, inks } from './paint.js';
import { store, watch } from './store.js';
import { attempt, toast } from './toasts.js';
import { chooseFile } from './view-drop.js';
import { showGo } from './view-panel.js';
import { words } from './words.js';

/** @typedef {import('./paint.js').Area & {term: string, weight: number, asset: string}} Layered */

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
    save.flush();
    painter.remove();
    plain.remove();
    stage.classList.remove('is-painting');
    viewer.setPannable(true);
  });

  const save = saver(painter, areas);
  const list = h('div', { class: 'areas', role: 'radiogroup', 'aria-label': words.mask.title });
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
  const showAreas = () => {
    fill(
      list,
      areas.map((area, i) => areaRow(area, i)),
      h(
        'div',
        { class: 'area' },
        h('span', { class: 'area-ink area-none' }),
        h(
          'div',
          { class: 'area-text' },
          h('b', { class: 'mute' }, words.mask.stays),
          h('span', {}, words.mask.unpainted),
        ),
      ),
    );
    weight.set(areas[now].weight, 1);
    weight.root.hidden = areas.length < 2;
  };

  /** @param {Layered} area @param {number} i */
  function areaRow(area, i) {
    const input = h('input', {
      type: 'radio',
      name: 'area',
      checked: i === now,
      'aria-label': words.mask.area(i + 1),
      onchange: () => {
        now = i;
        showAreas();
      },
    });
    const choices = [
      { value: '', label: words.mask.asChosen(look()?.name ?? words.mask.theLayers) },
      ...network().looks.map(other => ({ value: other.name, label: other.name })),
      ...(network().looks.length
        ? []
        : network().good_layers.map(name => ({ value: name, label: name }))),
    ];
    if (area.term && !choices.some(choice => choice.value === area.term))
      choices.push({ value: area.term, label: area.term });
    const which = chooser(words.mask.look, choices, to => {
      area.term = to;
      save.later();
    });
    which.list.setAttribute('aria-label', words.mask.lookOf(i + 1));
    which.set(area.term);
    const ink = h('span', { class: 'area-ink', 'aria-hidden': 'true' });
    setVars(ink, {
      '--ink': inks[i % inks.length].colour,
      '--turn': `${inks[i % inks.length].angle}deg`,
    });
    return h(
      'div',
      { class: i === now ? 'area is-on' : 'area' },
      input,
      ink,
      which.root.querySelector('.select'),
      areas.length > 1 &&
        iconButton('bin', words.mask.remove(i + 1), () => {
          painter.removeArea(area);
          now = 0;
          showAreas();
          save.later();
        }),
    );
  }

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
      list,
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

/** Areas of the draft: each layer's `@mask=`, else the mask of all. @param {import('./paint.js').Painter} painter @param {(term?: string) => Layered} add */
async function restore(painter, add) {
  const terms = (store.place.draft.layer ?? [])
    .map((/** @type {string} */ term) =>
      /^(.*?)@mask=asset:([0-9a-f]{64})(?:=(-?[\d.]+))?$/.exec(term),
    )
    .filter(Boolean);
  const mask = /asset:([0-9a-f]{64})/.exec(value('mask') ?? '');
  for (const [, term, asset, weight] of terms.length
    ? terms
    : mask
      ? [[null, '', mask[1], '1']]
      : []) {
    const area = Object.assign(add(term), { weight: Number(weight ?? 1), asset });
    const image = await attempt(load(sourceAddress(`asset:${asset}`, 'view')));
    if (image) painter.take(area, image);
    area.changed = false;
    area.undo.length = 0;
  }
}

/** @param {string} url @returns {Promise<HTMLImageElement>} */
async function load(url) {
  const image = h('img', { alt: '', src: url });
  await image.decode();
  return image;
}

/**
 * Keeps what is painted as assets and in the draft, a moment after the last stroke.
 * @param {import('./paint.js').Painter} painter @param {Layered[]} areas
 */
function saver(painter, areas) {
  let open = false;
  const work = async () => {
    if (!open) return;
    open = false;
    const painted = areas.filter(area => !area.empty);
    for (const area of painted) {
      if (!area.changed && area.asset) continue;
      area.changed = false;
      const asset = await attempt(upload(await painter.toPng([area]), 'area.png'));
      if (!asset) return;
      area.asset = asset.id;
    }
    const own = painted.length > 1 || painted.some(area => area.term);
    const all =
      painted.length === 1
        ? painted[0].asset
        : painted.length
          ? (await attempt(upload(await painter.toPng(painted), 'mask.png')))?.id
          : '';
    const chosen = (store.place.draft.layer ?? []).filter(
      (/** @type {string} */ term) => !term.includes('@mask='),
    );
    const base = chosen[0] ?? network().default_layer;
    // From now on the draft's layers are those of the areas: what was chosen before stands in its area
    if (own) for (const area of painted) area.term ||= base;
    const layer = own
      ? painted.map(
          area =>
            `${area.term}@mask=asset:${area.asset}${area.weight === 1 ? '' : `=${area.weight}`}`,
        )
      : chosen.length
        ? chosen
        : undefined;
    chooseAll({ layer, mask: all ? `asset:${all}` : undefined });
  };
  const rest = rested(work, 500);
  return {
    later() {
      open = true;
      rest();
    },
    flush: work,
  };
}

/** @typedef {ReturnType<typeof saver>} Saver */

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

/**
 * @param {HTMLElement} stage @param {{size: number, softness: number, erase: boolean}} brush @param {AbortSignal} signal
 * @param {{invert: () => void, undo: () => void}} acts
 */
function showStrip(stage, brush, signal, acts) {
  const mode = (/** @type {boolean} */ erase) => {
    brush.erase = erase;
    for (const [item, on] of /** @type {[HTMLElement, boolean][]} */ ([
      [paint, !erase],
      [rubber, erase],
    ])) {
      item.classList.toggle('is-tool', on);
      item.setAttribute('aria-pressed', String(on));
    }
  };
  const paint = iconButton('brush', words.mask.paint, () => mode(false)),
    rubber = iconButton('erase', words.mask.erase, () => mode(true));
  const range = (
    /** @type {string} */ label,
    /** @type {number} */ at,
    /** @type {(to: number) => void} */ work,
  ) => {
    const input = h('input', {
      type: 'range',
      min: '0',
      max: '1',
      step: '0.01',
      value: String(at),
      'aria-label': label,
      oninput: () => take(),
    });
    const track = h('div', { class: 'slider-track' }, input);
    const take = () => {
      setVars(track, { '--at': `${Number(input.value) * 100}%` });
      work(Number(input.value));
    };
    take();
    return {
      root: h('span', { class: 'strip-range' }, h('span', { class: 'mute' }, label), track),
      by(/** @type {number} */ step) {
        input.value = String(Number(input.value) + step);
        take();
      },
    };
  };
  const size = range(words.mask.size, 0.5, to => {
      brush.size = 0.005 * 80 ** to;
    }),
    soft = range(words.mask.soft, brush.softness, to => {
      brush.softness = to;
    });
  const strip = h(
    'div',
    { class: 'strip', role: 'toolbar', 'aria-label': words.mask.tools },
    paint,
    rubber,
    size.root,
    soft.root,
    iconButton('invert', words.mask.invert, acts.invert),
    iconButton('undo', words.mask.undo, acts.undo),
    button(words.mask.done, () => actions.go('dream'), { class: 'button button-main' }),
  );
  stage.append(strip);
  mode(false);
  addKeys(signal, {
    x: () => mode(!brush.erase),
    '[': () => size.by(-0.05),
    ']': () => size.by(0.05),
    i: acts.invert,
    z: acts.undo,
    Escape: () => actions.go('dream'),
  });
  signal.addEventListener('abort', () => strip.remove());
}

/**
 * @param {import('./viewer.js').Viewer} viewer @param {{size: number}} brush @param {AbortSignal} signal
 * @param {() => (point: [number, number], pressure: number) => void} begin @param {() => void} end
 */
function listenToBrush(viewer, brush, signal, begin, end) {
  const ring = h('div', { class: 'brush-ring', hidden: true });
  viewer.root.append(ring);
  /** @type {((point: [number, number], pressure: number) => void)|null} */
  let stroke = null;
  let finger = -1;
  const pressure = (/** @type {PointerEvent} */ event) =>
    event.pointerType === 'pen' ? 0.25 + 0.75 * event.pressure : 1;
  const point = (/** @type {PointerEvent} */ event) => {
    const box = viewer.canvas.getBoundingClientRect();
    return /** @type {[number, number]} */ ([
      (event.clientX - box.left) / box.width,
      (event.clientY - box.top) / box.height,
    ]);
  };
  viewer.root.addEventListener(
    'pointerdown',
    event => {
      if (event.button !== 0) return;
      if (stroke) {
        stroke = null;
        return;
      } // a second finger moves the picture
      finger = event.pointerId;
      viewer.root.setPointerCapture(finger);
      stroke = begin();
      stroke(point(event), pressure(event));
    },
    { signal },
  );
  viewer.root.addEventListener(
    'pointermove',
    event => {
      const box = viewer.root.getBoundingClientRect(),
        picture = viewer.canvas.getBoundingClientRect();
      ring.hidden = event.pointerType === 'touch';
      setVars(ring, {
        '--x': `${event.clientX - box.left}px`,
        '--y': `${event.clientY - box.top}px`,
        '--size': `${brush.size * Math.max(picture.width, picture.height)}px`,
      });
      if (!stroke || event.pointerId !== finger) return;
      for (const each of event.getCoalescedEvents?.() ?? [event])
        stroke(point(each), pressure(each));
    },
    { signal },
  );
  const lift = () => {
    if (stroke) end();
    stroke = null;
  };
  viewer.root.addEventListener('pointerup', lift, { signal });
  viewer.root.addEventListener('pointercancel', lift, { signal });
  viewer.root.addEventListener(
    'pointerleave',
    () => {
      ring.hidden = true;
    },
    { signal },
  );
  signal.addEventListener('abort', () => ring.remove());
}
