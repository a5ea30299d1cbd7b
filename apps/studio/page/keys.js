// Keys. Each does what a button does; a key never acts while one types or a dialog is open.
import * as actions from './actions.js';
import { closePopover, h, hasPopover, openDialog } from './dom.js';
import { store } from './store.js';
import { words } from './words.js';

/** Keys of the tool that is at work: brush sizes, fit and the like. @type {Map<string, (event: KeyboardEvent) => void>[]} */
const layers = [];

/**
 * Adds keys until the signal is aborted; later ones win.
 * @param {AbortSignal} signal
 * @param {Record<string, (event: KeyboardEvent) => void>} keys
 */
export function addKeys(signal, keys) {
  const layer = new Map(Object.entries(keys));
  layers.push(layer);
  signal.addEventListener('abort', () => layers.splice(layers.indexOf(layer), 1));
}

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const everywhere = {
  ' ': () => {
    if (actions.route()[0] !== 'gallery') actions.dream();
  },
  Escape: () => {
    if (actions.route()[0] !== 'dream' && !actions.followed()) actions.go('dream');
    else actions.stop();
  },
  z: () => actions.undo(),
  Z: () => actions.redo(),
  c: () => actions.go(actions.route()[0] === 'compare' ? 'dream' : 'compare'),
  p: () => actions.go(actions.route()[0] === 'point' ? 'dream' : 'point'),
  b: () => actions.go(actions.route()[0] === 'mask' ? 'dream' : 'mask'),
  s: () => actions.star(store.dream),
  g: () => actions.go(actions.route()[0] === 'gallery' ? 'dream' : 'gallery'),
  '?': showKeys,
};

export function listenToKeys() {
  addEventListener('keydown', event => {
    const target = /** @type {HTMLElement} */ (event.target);
    const typing = target.matches(
      'input:not([type=range]):not([type=checkbox]):not([type=radio]), textarea, select',
    );
    if (event.key === 'Escape' && hasPopover()) {
      closePopover(true);
      return;
    }
    if (typing || document.querySelector('dialog[open]') || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key === 'z') {
        event.preventDefault();
        actions.undo();
      }
      if (event.key === 'Z' || event.key === 'y') {
        event.preventDefault();
        actions.redo();
      }
      return;
    }
    // Space and arrows belong to the control that has the focus
    if (event.key === ' ' && target.matches('button, a, input, [role=treeitem]')) return;
    const act =
      layers
        .filter(layer => layer.has(event.key))
        .at(-1)
        ?.get(event.key) ?? everywhere[event.key];
    if (!act || event.defaultPrevented) return;
    event.preventDefault();
    act(event);
  });
}

export function showKeys() {
  openDialog(
    words.keys.title,
    h(
      'dl',
      { class: 'keys' },
      words.keys.list.map(([key, does]) =>
        h(
          'div',
          {},
          h(
            'dt',
            {},
            key.split(' ').map(part => h('kbd', {}, part)),
          ),
          h('dd', {}, does),
        ),
      ),
    ),
  );
}
