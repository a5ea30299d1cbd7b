// The axes of a sweep: which setting, with which values.
import { button, h, icon, iconButton, openPopover } from './dom.js';
import { network, settingOf, value } from './draft.js';
import { words } from './words.js';

/** @typedef {{key: string, values: any[]}} Axis */

/** Settings that make a good axis. */
const offered = [
  'layer',
  'step',
  'iterations',
  'octaves',
  'octave_scale',
  'match_tone',
  'color',
  'normalize',
  'smooth',
  'optimizer',
  'blend',
  'jitter',
  'seed',
  'tv_penalty',
];

/** Good values to begin with, around the present one. @param {string} key @returns {any[]} */
export function firstValues(key) {
  const setting = settingOf(key),
    now = value(key);
  if (key === 'layer')
    return network().looks.length
      ? network()
          .looks.slice(1, 4)
          .map(look => look.name)
      : network().good_layers.slice(2, 5);
  if (setting.kind === 'choice') return setting.choices.map(choice => choice.name).slice(0, 4);
  if (key === 'seed') return [1, 2, 3, 4];
  if (key === 'octaves') return [2, 4, 6];
  const round = (/** @type {number} */ number) =>
    setting.kind === 'integer'
      ? Math.max(setting.low, Math.round(number))
      : Number(number.toPrecision(2));
  return [...new Set([now * 0.5 || 0.1, now || 0.3, now * 2 || 1, now * 3.3 || 3].map(round))];
}

/**
 * A chip that says what an axis is; it opens a panel to change it.
 * @param {'down'|'across'} which @param {Axis} axis
 * @param {(to: Axis|null) => void} change null leaves the axis out
 */
export function axisChip(which, axis, change) {
  const chip = h(
    'button',
    {
      type: 'button',
      class: 'chip',
      'aria-haspopup': 'dialog',
      'aria-expanded': 'false',
      onclick: () => editAxis(chip, which, axis, change),
    },
    words.sweep[which],
    ' ',
    h('b', {}, axis.key.replaceAll('_', '-')),
    icon('down'),
  );
  return chip;
}

/** @param {HTMLElement} by @param {'down'|'across'} which @param {Axis} axis @param {(to: Axis|null) => void} change */
function editAxis(by, which, axis, change) {
  const setting = h(
    'select',
    {
      'aria-label': words.sweep.setting,
      onchange: () => {
        values.value = firstValues(setting.value).join(', ');
      },
    },
    offered.map(key => h('option', { value: key }, key.replaceAll('_', '-'))),
  );
  setting.value = axis.key;
  const values = h('input', {
    class: 'text',
    type: 'text',
    value: axis.values.join(', '),
    'aria-label': words.sweep.values,
    spellcheck: 'false',
  });
  const take = () => {
    const numeric = ['integer', 'number'].includes(settingOf(setting.value).kind);
    const list = values.value
      .split(',')
      .map(part => part.trim())
      .filter(Boolean)
      .map(part => (numeric ? Number(part) : part))
      .filter(part => !Number.isNaN(part));
    openPopover(by, '', []);
    if (list.length) change({ key: setting.value, values: [...new Set(list)].slice(0, 6) });
  };
  openPopover(
    by,
    words.sweep[which],
    h(
      'div',
      { class: 'naming' },
      h('span', { class: 'select' }, setting, icon('down')),
      values,
      h(
        'div',
        { class: 'buttons' },
        button(words.sweep.take, take, { class: 'button button-main' }),
        which === 'across' &&
          iconButton('bin', words.sweep.without, () => {
            openPopover(by, '', []);
            change(null);
          }),
      ),
    ),
  );
}
