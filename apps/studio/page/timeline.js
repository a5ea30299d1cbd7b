// Keyframes of a film, as docs/zoom.md has them: a list of objects with a frame and any of zoom, rotate, strength, layer...
// A value that a keyframe leaves out lies between its neighbours' that have it.

/** @typedef {{frame: number, easing?: string, zoom?: string, rotate?: number, strength?: number, centre_x?: number, centre_y?: number, layer?: string, [key: string]: any}} Keyframe */

/** "1.03x" as 1.03; a number of pixels, as the command line takes it, is no factor and gives the default. @param {any} text */
export const zoomFactor = text => (/x$/.test(String(text)) ? Number.parseFloat(text) : 1.012);

/** @param {number} factor */
export const zoomText = factor => `${Number(factor.toFixed(4))}x`;

/** @type {Record<string, (part: number) => number>} */
const easings = {
  linear: t => t,
  smooth: t => t * t * (3 - 2 * t),
  'slow-start': t => t * t,
  'slow-end': t => t * (2 - t),
  step: () => 0,
};
export const easingNames = Object.keys(easings);

/** The keyframe of a frame. @param {Keyframe[]} keys @param {number} frame */
export const keyAt = (keys, frame) => keys.find(key => key.frame === frame);

/**
 * What a setting is at a frame.
 * @param {Keyframe[]} keys
 * @param {string} name
 * @param {number} frame
 * @param {any} otherwise where no keyframe has it
 */
export function valueAt(keys, name, frame, otherwise) {
  const having = keys.filter(key => key[name] !== undefined).sort((a, b) => a.frame - b.frame);
  if (!having.length) return otherwise;
  const after = having.findIndex(key => key.frame > frame);
  if (after === 0) return having[0][name];
  const from = having[(after < 0 ? having.length : after) - 1];
  if (after < 0 || name === 'layer' || name === 'guide') return from[name];
  const to = having[after],
    part = easings[from.easing ?? 'smooth']((frame - from.frame) / (to.frame - from.frame));
  if (name === 'zoom')
    return zoomText(zoomFactor(from.zoom) + (zoomFactor(to.zoom) - zoomFactor(from.zoom)) * part);
  return from[name] + (to[name] - from[name]) * part;
}

/** Keyframes with one more or one changed. @param {Keyframe[]} keys @param {number} frame @param {Partial<Keyframe>} change @returns {Keyframe[]} */
export function withKey(keys, frame, change) {
  const old = keyAt(keys, frame);
  return [...keys.filter(key => key.frame !== frame), { ...old, ...change, frame }].sort(
    (a, b) => a.frame - b.frame,
  );
}

/** Keyframes without one. @param {Keyframe[]} keys @param {number} frame @returns {Keyframe[]} */
export const withoutKey = (keys, frame) => keys.filter(key => key.frame !== frame);

/** Stretches of one layer, for the track of layers. @param {Keyframe[]} keys @param {number} frames @param {string} first */
export function layerBlocks(keys, frames, first) {
  const having = keys.filter(key => key.layer !== undefined).sort((a, b) => a.frame - b.frame);
  const starts =
    having.length && having[0].frame > 0
      ? [{ frame: 0, layer: having[0].layer }, ...having.slice(1)]
      : having.length
        ? having
        : [{ frame: 0, layer: first }];
  return starts.map((key, i) => ({
    layer: String(key.layer),
    from: key.frame,
    to: starts[i + 1]?.frame ?? frames,
  }));
}

/** "00:12.20". @param {number} seconds */
export function clock(seconds) {
  const minutes = Math.floor(seconds / 60),
    rest = seconds - 60 * minutes;
  return `${String(minutes).padStart(2, '0')}:${rest.toFixed(2).padStart(5, '0')}`;
}
