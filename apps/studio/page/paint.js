// Painting areas over a picture: soft brush and eraser with pen pressure, undo of strokes, and hatching that shows each
// area by colour and by direction, never by colour alone.
import { h } from './dom.js';

/** Colour and direction of the hatching of each area. */
export const inks = [
  { name: 'amber', colour: '#f2a950', angle: 45 },
  { name: 'teal', colour: '#5fc4b8', angle: -45 },
  { name: 'rose', colour: '#ef8fa8', angle: 0 },
  { name: 'blue', colour: '#84aef0', angle: 90 },
  { name: 'violet', colour: '#bf9bf0', angle: 22 },
];

const longest = 1280,
  strokesKept = 24;

/**
 * An area: its coverage is the alpha of a canvas.
 * @typedef {{id: number, canvas: HTMLCanvasElement, undo: HTMLCanvasElement[], empty: boolean, changed: boolean}} Area
 */

/**
 * @param {HTMLElement} overlay lies over the picture
 * @param {{width: number, height: number}} picture
 */
export function createPainter(overlay, picture) {
  const scale = Math.min(1, longest / Math.max(picture.width, picture.height));
  const width = Math.max(1, Math.round(picture.width * scale)),
    height = Math.max(1, Math.round(picture.height * scale));
  const surface = h('canvas', { class: 'paint', 'aria-hidden': 'true' });
  const scratch = h('canvas');
  for (const canvas of [surface, scratch]) {
    canvas.width = width;
    canvas.height = height;
  }
  overlay.append(surface);
  /** @type {Area[]} */
  const areas = [];
  const patterns = inks.map(ink => hatch(ink, Math.max(width, height) / 90));
  let frame = 0,
    counter = 0;

  /** A mark that fades from the middle outwards. @param {number} radius @param {number} softness 0 to 1 */
  function stamp(radius, softness) {
    const side = Math.max(2, Math.ceil(radius * 2)),
      mark = h('canvas');
    mark.width = mark.height = side;
    const pen = mark.getContext('2d'),
      fade = pen.createRadialGradient(
        side / 2,
        side / 2,
        (side / 2) * (1 - Math.max(0.04, softness)),
        side / 2,
        side / 2,
        side / 2,
      );
    fade.addColorStop(0, 'rgb(255 255 255 / 1)');
    fade.addColorStop(1, 'rgb(255 255 255 / 0)');
    pen.fillStyle = fade;
    pen.fillRect(0, 0, side, side);
    return mark;
  }

  /** @param {HTMLCanvasElement} canvas */
  function copy(canvas) {
    const other = h('canvas');
    other.width = width;
    other.height = height;
    other.getContext('2d').drawImage(canvas, 0, 0);
    return other;
  }

  /** Remembers an area as it is, before a stroke. @param {Area} area */
  function remember(area) {
    area.undo.push(copy(area.canvas));
    if (area.undo.length > strokesKept) area.undo.shift();
    area.changed = true;
  }

  function draw() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => {
      const screen = surface.getContext('2d'),
        sheet = scratch.getContext('2d');
      screen.clearRect(0, 0, width, height);
      areas.forEach((area, i) => {
        sheet.globalCompositeOperation = 'copy';
        sheet.fillStyle = sheet.createPattern(patterns[i % patterns.length], 'repeat');
        sheet.fillRect(0, 0, width, height);
        sheet.globalCompositeOperation = 'destination-in';
        sheet.drawImage(area.canvas, 0, 0);
        screen.drawImage(scratch, 0, 0);
      });
    });
  }

  return {
    surface,
    areas,
    draw,
    width,
    height,
    /** @returns {Area} */
    addArea() {
      const canvas = h('canvas');
      canvas.width = width;
      canvas.height = height;
      const area = {
        id: counter++,
        canvas,
        undo: /** @type {HTMLCanvasElement[]} */ ([]),
        empty: true,
        changed: false,
      };
      areas.push(area);
      return area;
    },
    /** @param {Area} area */
    removeArea(area) {
      areas.splice(areas.indexOf(area), 1);
      draw();
    },
    /**
     * Begins a stroke; the function that comes back takes each further point, as fractions of the picture.
     * @param {Area} area
     * @param {{size: number, softness: number, erase: boolean}} brush size as a fraction of the longer side
     */
    stroke(area, brush) {
      remember(area);
      const pen = area.canvas.getContext('2d');
      /** @type {[number, number]|null} */
      let last = null;
      return (/** @type {[number, number]} */ [u, v], /** @type {number} */ pressure) => {
        const radius = Math.max(1, ((brush.size * Math.max(width, height)) / 2) * pressure),
          mark = stamp(radius, brush.softness);
        const x = u * width,
          y = v * height,
          [fromX, fromY] = last ?? [x, y];
        const steps = Math.max(
          1,
          Math.ceil(Math.hypot(x - fromX, y - fromY) / Math.max(1, radius / 4)),
        );
        pen.globalCompositeOperation = brush.erase ? 'destination-out' : 'source-over';
        for (let i = last ? 1 : 0; i <= steps; ++i)
          pen.drawImage(
            mark,
            fromX + ((x - fromX) * i) / steps - radius,
            fromY + ((y - fromY) * i) / steps - radius,
          );
        last = [x, y];
        area.empty = false;
        draw();
      };
    },
    /** @param {Area} area @returns {boolean} whether there was a stroke to undo */
    undo(area) {
      const before = area.undo.pop();
      if (!before) return false;
      const pen = area.canvas.getContext('2d');
      pen.globalCompositeOperation = 'copy';
      pen.drawImage(before, 0, 0);
      area.changed = true;
      area.empty = isEmpty(area.canvas);
      draw();
      return true;
    },
    /** @param {Area} area */
    invert(area) {
      remember(area);
      const pen = area.canvas.getContext('2d');
      pen.globalCompositeOperation = 'xor';
      pen.fillStyle = '#fff';
      pen.fillRect(0, 0, width, height);
      area.empty = isEmpty(area.canvas);
      draw();
    },
    /**
     * Takes a picture as an area: its opaque parts, or its white parts where it has no transparency.
     * @param {Area} area @param {HTMLImageElement} image @param {boolean} [onlyAlpha]
     * @returns {boolean} false where only transparency counts and there is none
     */
    take(area, image, onlyAlpha = false) {
      const sheet = h('canvas');
      sheet.width = width;
      sheet.height = height;
      const pen = sheet.getContext('2d', { willReadFrequently: true });
      pen.drawImage(image, 0, 0, width, height);
      const pixels = pen.getImageData(0, 0, width, height),
        data = pixels.data;
      let transparent = false;
      for (let i = 3; i < data.length && !transparent; i += 4) transparent = data[i] < 255;
      if (onlyAlpha && !transparent) return false;
      for (let i = 0; i < data.length; i += 4) {
        if (!transparent)
          data[i + 3] = Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]);
        data[i] = data[i + 1] = data[i + 2] = 255;
      }
      remember(area);
      area.canvas.getContext('2d').putImageData(pixels, 0, 0);
      area.empty = isEmpty(area.canvas);
      draw();
      return true;
    },
    /** Areas as a PNG, white on black. @param {Area[]} of @returns {Promise<Blob>} */
    toPng(of) {
      const sheet = h('canvas');
      sheet.width = width;
      sheet.height = height;
      const pen = sheet.getContext('2d');
      pen.fillStyle = '#000';
      pen.fillRect(0, 0, width, height);
      for (const area of of) pen.drawImage(area.canvas, 0, 0);
      return new Promise(resolve => {
        sheet.toBlob(resolve, 'image/png');
      });
    },
    remove() {
      cancelAnimationFrame(frame);
      surface.remove();
    },
  };
}

/** @typedef {ReturnType<typeof createPainter>} Painter */

/** @param {HTMLCanvasElement} canvas */
function isEmpty(canvas) {
  // A small copy is enough to see whether anything is left
  const small = h('canvas');
  small.width = 64;
  small.height = 64;
  const pen = small.getContext('2d', { willReadFrequently: true });
  pen.drawImage(canvas, 0, 0, 64, 64);
  const { data } = pen.getImageData(0, 0, 64, 64);
  for (let i = 3; i < data.length; i += 4) if (data[i] > 2) return false;
  return true;
}

/** A tile of hatching. @param {{colour: string, angle: number}} ink @param {number} pitch between lines, in pixels of the area */
function hatch(ink, pitch) {
  const gap = Math.max(6, Math.round(pitch)),
    turned = ink.angle % 90 !== 0;
  const side = turned ? Math.round(gap * Math.SQRT2) : gap,
    tile = h('canvas');
  tile.width = tile.height = side;
  const pen = tile.getContext('2d');
  pen.globalAlpha = 0.2;
  pen.fillStyle = ink.colour;
  pen.fillRect(0, 0, side, side);
  pen.globalAlpha = 0.62;
  pen.strokeStyle = ink.colour;
  pen.lineWidth = Math.max(2, gap * 0.26);
  pen.beginPath();
  for (let i = -1; i <= 1; ++i) {
    if (ink.angle === 0) {
      pen.moveTo(0, side / 2);
      pen.lineTo(side, side / 2);
    } else if (ink.angle === 90) {
      pen.moveTo(side / 2, 0);
      pen.lineTo(side / 2, side);
    } else if (ink.angle > 0) {
      pen.moveTo(i * side - side / 2, side * 1.5);
      pen.lineTo(i * side + side * 1.5, -side / 2);
    } else {
      pen.moveTo(i * side - side / 2, -side / 2);
      pen.lineTo(i * side + side * 1.5, side * 1.5);
    }
  }
  pen.stroke();
  if (ink.angle === 22) {
    pen.globalAlpha = 0.62;
    pen.fillStyle = ink.colour;
    pen.fillRect(side / 2 - 2, side / 2 - 2, 4, 4);
  }
  return tile;
}
