// The brush: the strip of its settings above the picture, and what the mouse, a finger or a pen does with it.
import * as actions from './actions.js';
import { button, h, iconButton, setVars } from './dom.js';
import { addKeys } from './keys.js';
import { words } from './words.js';

/**
 * @param {HTMLElement} stage @param {{size: number, softness: number, erase: boolean}} brush @param {AbortSignal} signal
 * @param {{invert: () => void, undo: () => void}} acts
 */
export function showStrip(stage, brush, signal, acts) {
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
export function listenToBrush(viewer, brush, signal, begin, end) {
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
