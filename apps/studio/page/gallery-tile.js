// A dream on the wall of the gallery.
import { sourceAddress } from './api.js';
import { h, icon, setVars } from './dom.js';
import { titleOf } from './draft.js';
import { words } from './words.js';

/**
 * A dream on the wall.
 * @param {import('./wall.js').Tile} tile @param {boolean} isChosen
 * @param {{pick: (event: MouseEvent, dream: import('./store.js').Dream) => void, mark: (id: string, on: boolean) => void}} on
 */
export function drawTile({ dream, x, width, height }, isChosen, on) {
  const name = dream.name || titleOf(dream.file),
    film = dream.kind !== 'image';
  const open = h(
    'button',
    {
      type: 'button',
      class: 'tile-open',
      'aria-label': words.gallery.tile(name, dream.star),
      onclick: (/** @type {MouseEvent} */ event) => on.pick(event, dream),
    },
    h('img', {
      alt: '',
      loading: 'lazy',
      decoding: 'async',
      src: sourceAddress(`dream:${dream.id}`, 'thumb?h=400'),
    }),
  );
  const box = h('input', {
    type: 'checkbox',
    class: 'tile-box',
    checked: isChosen,
    'aria-label': words.gallery.choose(name),
    onchange: () => on.mark(dream.id, box.checked),
  });
  const root = h(
    'div',
    { class: 'tile', role: 'listitem', data: { dream: dream.id } },
    open,
    box,
    film &&
      h(
        'span',
        { class: 'tile-kind' },
        icon('film'),
        dream.frames
          ? words.gallery.frames(dream.frames)
          : words.kinds[/** @type {'zoom'} */ (dream.kind)],
      ),
    dream.star && icon('star', 'tile-star'),
    h(
      'span',
      { class: 'tile-about', 'aria-hidden': 'true' },
      h('b', {}, name),
      h('span', {}, words.size(dream.width, dream.height)),
    ),
  );
  setVars(root, { '--x': `${x}px`, '--w': `${width}px`, '--h': `${height}px` });
  root.classList.toggle('is-chosen', isChosen);
  return root;
}
