// The picture on the stage: fit, zoom and pan by wheel, drag and pinch; sharper pictures fade in over softer ones.
// Large dreams are drawn as tiles, only those in sight, so that a gigapixel never reaches the tab.
import { fill, h, isCalm, isPhone, setVars } from './dom.js';
import { createTiles } from './tiles.js';

/** @typedef {{width: number, height: number, alt: string, tiles?: string}} Picture `tiles`: id of a dream that has tiles */

const mostMagnified = 8,
  tinyMagnified = 4,
  leastShown = 240; // px that a picture of a few pixels is shown at

/**
 * @param {HTMLElement} stage
 * @param {AbortSignal} signal
 */
export function createViewer(stage, signal) {
  const layers = h('div', { class: 'layers' }),
    overlay = h('div', { class: 'overlay' });
  const canvas = h('div', { class: 'picture', hidden: true }, layers, overlay);
  const root = h('div', { class: 'viewer' }, canvas);
  stage.append(root);
  /** @type {Picture} */
  let picture = null;
  let fitted = true,
    scale = 1,
    x = 0,
    y = 0,
    latest = '',
    pannable = true,
    covers = true;
  /** @type {(() => void)[]} */
  const changed = [];
  const tiles = createTiles(layers, () => ({
    picture,
    scale,
    x,
    y,
    box: root.getBoundingClientRect(),
  }));

  // ---- where the picture lies

  function area() {
    const style = getComputedStyle(root),
      box = root.getBoundingClientRect();
    const [top, right, bottom, left] = ['Top', 'Right', 'Bottom', 'Left'].map(side =>
      Number.parseFloat(/** @type {any} */ (style)[`padding${side}`]),
    );
    return {
      x: left,
      y: top,
      width: Math.max(40, box.width - left - right),
      height: Math.max(40, box.height - top - bottom),
    };
  }

  function fitScale() {
    const room = area();
    const inside = Math.min(room.width / picture.width, room.height / picture.height);
    if (isPhone() && covers)
      return Math.max(room.width / picture.width, room.height / picture.height);
    return Math.min(
      inside,
      Math.max(tinyMagnified, leastShown / Math.max(picture.width, picture.height)),
    );
  }

  function place() {
    if (!picture) return;
    const room = area();
    if (fitted) {
      scale = fitScale();
      x = room.x + (room.width - picture.width * scale) / 2;
      y = room.y + (room.height - picture.height * scale) / 2;
    } else {
      x = keepInSight(x, picture.width * scale, room.x, room.width);
      y = keepInSight(y, picture.height * scale, room.y, room.height);
    }
    setVars(canvas, {
      '--x': `${x}px`,
      '--y': `${y}px`,
      '--w': `${picture.width * scale}px`,
      '--h': `${picture.height * scale}px`,
    });
    tiles.update();
    for (const work of changed) work();
  }

  /** A picture that is smaller than the stage stays centred, a larger one leaves no gap. @param {number} at @param {number} size @param {number} from @param {number} room */
  function keepInSight(at, size, from, room) {
    if (size <= room) return from + (room - size) / 2;
    return Math.min(from, Math.max(from + room - size, at));
  }

  /** @param {number} to @param {number} [cx] point of the stage that stays where it is @param {number} [cy] */
  function zoomTo(to, cx = root.clientWidth / 2, cy = root.clientHeight / 2) {
    const next = Math.min(
      Math.max(to, Math.min(fitScale(), 1)),
      Math.max(mostMagnified, fitScale()),
    );
    x = cx - ((cx - x) * next) / scale;
    y = cy - ((cy - y) * next) / scale;
    scale = next;
    fitted = false;
    place();
  }

  function fit() {
    fitted = true;
    place();
  }

  // ---- what it shows

  /**
   * Shows a picture; the one that was there stays until the new one is decoded.
   * @param {string} url
   * @param {Picture} next
   */
  async function show(url, next) {
    const other = !picture || picture.width * next.height !== picture.height * next.width;
    latest = url;
    if (layers.lastElementChild?.getAttribute('src') === url) {
      describe(next, other);
      return;
    }
    const image = h('img', { alt: next.alt, draggable: 'false', src: url });
    try {
      await image.decode();
    } catch {
      if (latest === url) describe(next, other);
      return;
    }
    if (latest !== url) return;
    describe(next, other);
    const old = [...layers.querySelectorAll('img')];
    layers.prepend(...old);
    layers.append(image);
    const drop = () => {
      for (const before of old) before.remove();
    };
    if (!old.length || other || isCalm()) drop();
    else
      image
        .animate([{ opacity: 0 }, { opacity: 1 }], { duration: 120, easing: 'ease-out' })
        .finished.then(drop, drop);
  }

  /** @param {Picture} next @param {boolean} other whether it has another shape, so that the old place means nothing */
  function describe(next, other) {
    picture = next;
    canvas.hidden = false;
    if (other) fitted = true;
    tiles.open(next.tiles ?? null);
    place();
  }

  function clear() {
    latest = '';
    picture = null;
    canvas.hidden = true;
    tiles.open(null);
    fill(layers);
  }

  // ---- hands

  /** @type {Map<number, {x: number, y: number}>} */
  const fingers = new Map();
  let pinch = 0;
  const spread = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  root.addEventListener('pointerdown', event => {
    if (
      !picture ||
      event.button > 1 ||
      (!pannable && event.button === 0 && event.pointerType !== 'touch')
    )
      return;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) pinch = spread();
    if (pannable) root.setPointerCapture(event.pointerId);
  });
  root.addEventListener('pointermove', event => {
    const finger = fingers.get(event.pointerId);
    if (!finger) return;
    const dx = event.clientX - finger.x,
      dy = event.clientY - finger.y;
    Object.assign(finger, { x: event.clientX, y: event.clientY });
    if (fingers.size === 2) {
      x += dx / 2;
      y += dy / 2;
      const now = spread(),
        box = root.getBoundingClientRect(),
        [a, b] = [...fingers.values()];
      zoomTo((scale * now) / pinch, (a.x + b.x) / 2 - box.left, (a.y + b.y) / 2 - box.top);
      pinch = now;
    } else if (pannable) {
      if (fitted && !isPhone()) return;
      fitted = false;
      x += dx;
      y += dy;
      place();
    }
  });
  const lift = (/** @type {PointerEvent} */ event) => fingers.delete(event.pointerId);
  root.addEventListener('pointerup', lift);
  root.addEventListener('pointercancel', lift);
  root.addEventListener(
    'wheel',
    event => {
      if (!picture) return;
      event.preventDefault();
      const box = root.getBoundingClientRect();
      zoomTo(
        scale * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)),
        event.clientX - box.left,
        event.clientY - box.top,
      );
    },
    { passive: false },
  );
  root.addEventListener('dblclick', () => {
    if (!pannable || !picture) return;
    if (isPhone()) {
      covers = !covers;
      fit();
    } else if (fitted) zoomTo(Math.max(1, scale * 2));
    else fit();
  });
  const resized = new ResizeObserver(place);
  resized.observe(root);
  signal.addEventListener('abort', () => {
    resized.disconnect();
    root.remove();
  });

  return {
    root,
    overlay,
    canvas,
    show,
    clear,
    fit,
    place,
    zoomTo,
    zoomBy: (/** @type {number} */ by) => zoomTo(scale * by),
    /** Called after each change of the place or scale. @param {() => void} work */
    onplace: work => {
      changed.push(work);
    },
    state: () => ({ fitted, scale, picture }),
    /** Whether one finger or the mouse moves the picture; tools that paint turn it off. @param {boolean} on */
    setPannable(on) {
      pannable = on;
      covers = on;
      root.classList.toggle('pannable', on);
      if (fitted) place();
    },
    /** A point of the window as fractions of the picture, or null beside it. @param {{clientX: number, clientY: number}} at @returns {[number, number]|null} */
    pointAt({ clientX, clientY }) {
      const box = canvas.getBoundingClientRect();
      const u = (clientX - box.left) / box.width,
        v = (clientY - box.top) / box.height;
      return u >= 0 && u < 1 && v >= 0 && v < 1 ? [u, v] : null;
    },
  };
}

/** @typedef {ReturnType<typeof createViewer>} Viewer */
