// Tiles of a large dream: those in sight at the present scale, at most 64 at once.
import { address, get } from './api.js';
import { h, setVars } from './dom.js';

const most = 64,
  viewSide = 2048; // a picture of 2048 px is sharp enough without tiles up to that size

/**
 * @param {HTMLElement} host holds the tiles, above the whole picture
 * @param {() => {picture: import('./viewer.js').Picture, scale: number, x: number, y: number, box: DOMRect}} where
 */
export function createTiles(host, where) {
  const root = h('div', { class: 'tiles', 'aria-hidden': 'true' });
  /** @type {string|null} */
  let dream = null;
  /** @type {{width: number, height: number, tile: number, levels: number}|null} */
  let pyramid = null;
  /** @type {Map<string, HTMLImageElement>} in order of use */
  const shown = new Map();

  function forget() {
    shown.clear();
    root.replaceChildren();
    root.remove();
    pyramid = null;
  }

  /** @param {string|null} id */
  async function open(id) {
    if (id === dream) return;
    dream = id;
    forget();
    if (!id) return;
    try {
      let answer;
      // Of a new dream they are not there at once: each answer waits some seconds for them
      do answer = await get(`/dreams/${id}/tiles`);
      while (dream === id && answer.levels === 0);
      if (dream !== id) return;
      pyramid = answer;
      update();
    } catch {
      /* without tiles the view of 2048 px stays */
    }
  }

  function update() {
    if (!pyramid) return;
    const { scale, x, y, box } = where();
    const pixels = devicePixelRatio * scale; // device pixels for each of the dream's
    const sharp = Math.max(pyramid.width, pyramid.height) * pixels > viewSide;
    if (!sharp) {
      root.remove();
      return;
    }
    host.append(root);
    // The coarsest level that still has a pixel for each of the screen's
    const down = Math.max(
      0,
      Math.min(pyramid.levels - 1, Math.floor(Math.log2(1 / Math.min(1, pixels)))),
    );
    const level = pyramid.levels - 1 - down,
      side = pyramid.tile * 2 ** down;
    const columns = Math.ceil(pyramid.width / side),
      rows = Math.ceil(pyramid.height / side);
    const from = (/** @type {number} */ at) => Math.max(0, Math.floor(-at / scale / side));
    for (let row = from(y); row < rows && row * side * scale + y < box.height; ++row)
      for (
        let column = from(x);
        column < columns && column * side * scale + x < box.width;
        ++column
      )
        need(level, column, row, side);
    while (shown.size > most) {
      const [oldest, image] = shown.entries().next().value;
      image.remove();
      shown.delete(oldest);
    }
  }

  /** @param {number} level @param {number} column @param {number} row @param {number} side of the tile in the dream's pixels */
  function need(level, column, row, side) {
    const key = `${level}/${column}_${row}`;
    let image = shown.get(key);
    shown.delete(key);
    if (!image) {
      image = h('img', { alt: '', src: address(`/dreams/${dream}/tile/${key}`) });
      const left = column * side,
        top = row * side;
      setVars(image, {
        '--left': left / pyramid.width,
        '--top': top / pyramid.height,
        '--width': Math.min(side, pyramid.width - left) / pyramid.width,
        '--height': Math.min(side, pyramid.height - top) / pyramid.height,
        '--level': level,
      });
      root.append(image);
    }
    shown.set(key, image);
  }

  return { open, update };
}
