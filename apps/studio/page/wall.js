// The wall of the gallery: rows of equal height that fill the width, with a line for each day. On a phone two columns,
// in which wide pictures take both.

/**
 * @typedef {{dream: import('./store.js').Dream, x: number, width: number, height: number}} Tile
 * @typedef {{top: number, bottom: number, height: number, day: Date|null, tiles: Tile[]}} Row
 */

const gap = 8,
  rowHeight = 190,
  dayHeight = 50,
  phoneGap = 4;
const leastAspect = 0.6,
  mostAspect = 2.6; // portraits and panoramas are cropped to these

/** @param {import('./store.js').Dream} dream */
const aspectOf = dream =>
  Math.min(mostAspect, Math.max(leastAspect, (dream.width || 3) / (dream.height || 2)));

/**
 * @param {import('./store.js').Dream[]} dreams newest first
 * @param {number} width of the wall
 * @param {boolean} phone
 * @returns {Row[]} from top to bottom
 */
export function layOut(dreams, width, phone) {
  /** @type {Row[]} */
  const rows = [];
  let y = 0,
    day = '';
  /** @type {import('./store.js').Dream[]} */
  let line = [];
  const close = (/** @type {boolean} */ full) => {
    if (!line.length) return;
    const { tiles, height } = phone ? phoneRow(line, width) : justify(line, width, full);
    rows.push({ top: y, bottom: y + height, height, day: null, tiles });
    y += height + (phone ? phoneGap : gap);
    line = [];
  };
  for (const dream of dreams) {
    const date = new Date(dream.made),
      key = date.toDateString();
    if (key !== day) {
      close(false);
      day = key;
      rows.push({ top: y, bottom: y + dayHeight, height: dayHeight, day: date, tiles: [] });
      y += dayHeight;
    }
    if (phone && line.length && aspectOf(dream) > 1.7) close(false);
    line.push(dream);
    const sum = line.reduce((all, other) => all + aspectOf(other), 0);
    if (
      phone
        ? line.length === 2 || aspectOf(line[0]) > 1.7
        : sum * rowHeight + gap * (line.length - 1) >= width
    )
      close(true);
  }
  close(false);
  return rows;
}

/** @param {import('./store.js').Dream[]} line @param {number} width @param {boolean} full whether the row fills the width */
function justify(line, width, full) {
  const sum = line.reduce((all, dream) => all + aspectOf(dream), 0);
  const height = full ? (width - gap * (line.length - 1)) / sum : rowHeight;
  let x = 0;
  const tiles = line.map(dream => {
    const tile = { dream, x, width: Math.min(width, height * aspectOf(dream)), height };
    x += tile.width + gap;
    return tile;
  });
  return { tiles, height };
}

/** @param {import('./store.js').Dream[]} line @param {number} width */
function phoneRow(line, width) {
  const wide = line.length === 1 && aspectOf(line[0]) > 1.7,
    half = (width - phoneGap) / 2;
  const height = wide ? width / 1.78 : half / 1.4;
  return {
    height,
    tiles: line.map((dream, i) => ({
      dream,
      x: i * (half + phoneGap),
      width: wide ? width : half,
      height,
    })),
  };
}
