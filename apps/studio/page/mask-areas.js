// The list of areas: each with its hatching and the look that grows in it.
import { chooser } from './controls.js';
import { fill, h, iconButton, setVars } from './dom.js';
import { look, network } from './draft.js';
import { inks } from './paint.js';
import { words } from './words.js';

/** @typedef {import('./mask-save.js').Layered} Layered */

/** @param {{choose: (i: number) => void, change: () => void, remove: (area: Layered) => void}} on */
export function createAreaList(on) {
  const root = h('div', { class: 'areas', role: 'radiogroup', 'aria-label': words.mask.title });

  /** @param {number} i */
  function choose(i) {
    [...root.children].forEach((row, other) => {
      row.classList.toggle('is-on', other === i);
      const input = /** @type {HTMLInputElement} */ (row.querySelector(':scope > input'));
      if (input) input.checked = other === i;
    });
    on.choose(i);
  }

  /** @param {Layered} area @param {number} i @param {boolean} alone */
  function row(area, i, alone) {
    const which = chooser(words.mask.look, looksFor(area), to => {
      area.term = to;
      on.change();
    });
    which.list.setAttribute('aria-label', words.mask.lookOf(i + 1));
    which.list.addEventListener('focus', () => choose(i));
    which.set(area.term);
    const ink = h('span', { class: 'area-ink', 'aria-hidden': 'true' });
    const { colour, angle } = inks[i % inks.length];
    setVars(ink, { '--ink': colour, '--turn': `${angle}deg` });
    return h(
      'div',
      { class: 'area' },
      h('input', {
        type: 'radio',
        name: 'area',
        'aria-label': words.mask.area(i + 1),
        onchange: () => choose(i),
      }),
      ink,
      which.root.querySelector('.select'),
      !alone && iconButton('bin', words.mask.remove(i + 1), () => on.remove(area)),
    );
  }

  return {
    root,
    /** @param {Layered[]} areas @param {number} now */
    draw(areas, now) {
      const rest = h(
        'div',
        { class: 'area' },
        h('span', { class: 'area-ink area-none' }),
        h(
          'div',
          { class: 'area-text' },
          h('b', { class: 'mute' }, words.mask.stays),
          h('span', {}, words.mask.unpainted),
        ),
      );
      fill(
        root,
        areas.map((area, i) => row(area, i, areas.length === 1)),
        rest,
      );
      choose(now);
    },
  };
}

/** What an area may grow: what is chosen beside the picture, a look, or the layer that it has. @param {Layered} area */
function looksFor(area) {
  const { looks, good_layers } = network();
  const names = looks.length ? looks.map(other => other.name) : good_layers;
  const choices = [
    { value: '', label: words.mask.asChosen(look()?.name ?? words.mask.theLayers) },
    ...names.map(name => ({ value: name, label: name })),
  ];
  if (area.term && !names.includes(area.term)) choices.push({ value: area.term, label: area.term });
  return choices;
}
