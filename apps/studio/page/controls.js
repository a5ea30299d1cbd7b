// Styled controls with native ones underneath, so that keys, screen readers and touch work as everywhere.
import { h, icon, setVars } from './dom.js';

/** A value as people write it: 1.5, 0.001, 2048. @param {number} number @param {number} [digits] that count */
export function show(number, digits = 3) {
  if (!Number.isFinite(number)) return '';
  return String(Math.abs(number) >= 100 ? Math.round(number) : Number(number.toPrecision(digits)));
}

/**
 * @typedef {{label: string, note?: string, low: number, high: number, log?: boolean, step?: number, whole?: boolean, unit?: string, digits?: number,
 *   help?: string, onchange: (value: number) => void, oninput?: (value: number) => void, mark?: HTMLElement}} SliderOptions
 * @typedef {{root: HTMLElement, set: (value: number, standard?: number) => void}} Slider
 */

const positions = 1000;

/**
 * A slider with its value beside the label, which takes typed numbers, too. The tick on the track is the standard value.
 * @param {SliderOptions} options
 * @returns {Slider}
 */
export function slider(options) {
  const { low, high, log, whole } = options;
  const floor = log ? Math.max(low, whole ? 1 : high / 10000) : low;
  const toPosition = (/** @type {number} */ v) =>
    positions *
    (log
      ? v <= floor
        ? 0
        : Math.log(v / floor) / Math.log(high / floor)
      : (v - low) / (high - low));
  const fromPosition = (/** @type {number} */ p) => {
    const exact = log
      ? p <= 0
        ? low
        : floor * (high / floor) ** (p / positions)
      : low + ((high - low) * p) / positions;
    if (whole) return Math.round(exact);
    return log
      ? Number(exact.toPrecision(2))
      : Number(
          (Math.round(exact / (options.step ?? 0.01)) * (options.step ?? 0.01)).toPrecision(6),
        );
  };
  const text = h('input', {
    class: 'slider-value',
    type: 'text',
    inputmode: 'decimal',
    'aria-label': `${options.label}, exact`,
    autocomplete: 'off',
  });
  const range = h('input', {
    type: 'range',
    min: '0',
    max: String(positions),
    step: 'any',
    'aria-label': options.label,
  });
  const track = h('div', { class: 'slider-track' }, range);
  let now = low;
  const paint = () => {
    const at = Math.min(100, Math.max(0, (toPosition(now) / positions) * 100));
    setVars(track, { '--at': `${at}%`, '--at-part': at / 100 });
    text.value = show(now, options.digits) + (options.unit ? ` ${options.unit}` : '');
    setVars(text, { '--chars': text.value.length });
    range.setAttribute('aria-valuetext', text.value);
  };
  const take = (/** @type {number} */ value) => {
    now = value;
    paint();
  };
  range.addEventListener('input', () => {
    take(fromPosition(Number(range.value)));
    options.oninput?.(now);
  });
  range.addEventListener('change', () => options.onchange(now));
  // Arrows go by whole steps of the value, not of the track
  range.addEventListener('keydown', event => {
    const sign = {
      ArrowRight: 1,
      ArrowUp: 1,
      ArrowLeft: -1,
      ArrowDown: -1,
      PageUp: 5,
      PageDown: -5,
    }[event.key];
    if (!sign) return;
    event.preventDefault();
    const by = whole
      ? Math.max(1, log ? Math.round(now / 10) : 1)
      : log
        ? Math.max(now / 10, floor)
        : (options.step ?? (high - low) / 50);
    const next = Math.min(high, Math.max(low, Number((now + sign * by).toPrecision(6))));
    take(whole ? Math.round(next) : next);
    range.value = String(toPosition(now));
    options.onchange(now);
  });
  text.addEventListener('change', () => {
    const typed = Number.parseFloat(text.value.replace(',', '.'));
    if (Number.isFinite(typed)) {
      now = whole ? Math.round(typed) : typed;
      options.onchange(now);
    }
    paint();
    range.value = String(toPosition(now));
  });
  text.addEventListener('focus', () => text.select());
  const root = h(
    'div',
    { class: 'slider' },
    h(
      'div',
      { class: 'slider-top' },
      options.mark,
      h('span', { title: options.help ?? null }, options.label),
      options.note && h('span', { class: 'recipe-name' }, options.note),
      text,
    ),
    track,
  );
  return {
    root,
    set(value, standard) {
      if (document.activeElement === text) return;
      take(value);
      range.value = String(toPosition(value));
      root.classList.toggle('no-tick', standard === undefined);
      if (standard !== undefined)
        setVars(track, { '--tick': Math.min(1, Math.max(0, toPosition(standard) / positions)) });
    },
  };
}

/**
 * @param {string} label
 * @param {(on: boolean) => void} onchange
 * @param {{help?: string, note?: string, mark?: HTMLElement}} [options]
 */
export function toggle(label, onchange, options = {}) {
  const box = h('input', {
    type: 'checkbox',
    role: 'switch',
    class: 'switch',
    onchange: () => onchange(box.checked),
  });
  const root = h(
    'label',
    { class: 'row', title: options.help ?? null },
    h(
      'span',
      { class: 'row-label' },
      options.mark,
      label,
      options.note && h('small', {}, options.note),
    ),
    box,
  );
  return {
    root,
    set(/** @type {boolean} */ on) {
      box.checked = on;
    },
  };
}

/**
 * A row with a list to choose from.
 * @param {string} label
 * @param {{value: string, label: string}[]} choices
 * @param {(value: string) => void} onchange
 * @param {{help?: string, mark?: HTMLElement}} [options]
 */
export function chooser(label, choices, onchange, options = {}) {
  const list = h(
    'select',
    { onchange: () => onchange(list.value) },
    choices.map(choice => h('option', { value: choice.value }, choice.label)),
  );
  const root = h(
    'label',
    { class: 'row', title: options.help ?? null },
    h('span', { class: 'row-label' }, options.mark, label),
    h('span', { class: 'select' }, list, icon('down')),
  );
  return {
    root,
    list,
    set(/** @type {string} */ value) {
      list.value = value;
    },
  };
}

/**
 * A row of buttons of which one is chosen.
 * @param {string} label
 * @param {{value: string, label: string}[]} choices
 * @param {(value: string) => void} onchange
 */
export function segments(label, choices, onchange) {
  const name = `segments-${(segments.count = (segments.count ?? 0) + 1)}`;
  const inputs = choices.map(choice =>
    h('input', {
      type: 'radio',
      name,
      value: choice.value,
      onchange: () => onchange(choice.value),
    }),
  );
  const root = h(
    'div',
    { class: 'segments', role: 'radiogroup', 'aria-label': label },
    choices.map((choice, i) => h('label', {}, inputs[i], h('span', {}, choice.label))),
  );
  return {
    root,
    set(/** @type {string} */ value) {
      for (const input of inputs) input.checked = input.value === value;
    },
  };
}
/** @type {number} */
segments.count = 0;

/**
 * A row with a line of text.
 * @param {string} label
 * @param {(value: string) => void} onchange
 * @param {{help?: string, placeholder?: string, mark?: HTMLElement, inputmode?: string, wide?: boolean}} [options]
 */
export function textRow(label, onchange, options = {}) {
  const input = h('input', {
    type: 'text',
    class: 'text',
    placeholder: options.placeholder ?? '',
    inputmode: options.inputmode ?? null,
    autocomplete: 'off',
    spellcheck: 'false',
    onchange: () => onchange(input.value.trim()),
  });
  const root = h(
    'label',
    { class: options.wide ? 'row row-wide' : 'row', title: options.help ?? null },
    h('span', { class: 'row-label' }, options.mark, label),
    input,
  );
  return {
    root,
    input,
    set(/** @type {string} */ value) {
      if (document.activeElement !== input) input.value = value;
    },
  };
}
