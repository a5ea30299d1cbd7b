// Pictures that are dropped, pasted or chosen. What is dropped on an open picture may be three things: the next picture,
// a recipe, or a guide; the page asks by showing all three.
import * as actions from './actions.js';
import { fill, h, icon, openDialog } from './dom.js';
import { store } from './store.js';
import { toast } from './toasts.js';
import { addGuide } from './view-guides.js';
import { words } from './words.js';

const picker = h('input', {
  type: 'file',
  accept: 'image/*,video/*,.json,.heic,.avif',
  class: 'unseen',
  'aria-label': words.first.open,
  tabIndex: -1,
});

/** Lets the user choose a file and opens it. @param {(file: File) => void} [use] */
export function chooseFile(use = file => open(file)) {
  picker.value = '';
  picker.onchange = () => {
    if (picker.files[0]) use(picker.files[0]);
  };
  picker.click();
}

/** Opens a file as the next picture, film or recipe. @param {Blob} file @param {string} [name] */
export async function open(file, name = /** @type {File} */ (file).name || words.drop.pasted) {
  const asset = await actions.upload(file, name);
  if (!asset) return;
  if (asset.kind === 'recipe') await useRecipe(asset);
  else if (asset.kind === 'image') await actions.openAsset(asset);
  else if (asset.kind === 'video') await openVideo(asset);
  else toast(words.drop.other(asset.name), { error: true });
}

/** @param {import('./store.js').Asset} asset */
async function openVideo(asset) {
  const { openFilm } = await import('./view-film.js');
  openFilm(asset);
}

/** @param {import('./store.js').Asset} asset */
async function useRecipe(asset) {
  if (store.place.source) await actions.takeRecipe(asset.id);
  else toast(words.drop.pictureFirst);
}

/** @type {[string, string, (asset: import('./store.js').Asset) => any][]} */
const uses = [
  ['eye', 'dream', asset => (asset.kind === 'video' ? openVideo(asset) : actions.openAsset(asset))],
  ['sliders', 'recipe', asset => actions.takeRecipe(asset.id)],
  ['guide', 'guide', asset => addGuide(asset)],
];

/** What was let go over a zone of the drop view. @param {DataTransfer} data @param {number} zone */
async function useDropped(data, zone) {
  const file = data.files[0];
  if (!file) return;
  if (!store.place.source) {
    await open(file);
    return;
  }
  const asset = await actions.upload(file, file.name);
  if (!asset) return;
  if (zone >= 0) await uses[zone][2](asset);
  else ask(asset);
}

/** Asks what a dropped file is for, where it was not dropped on one of the zones. @param {import('./store.js').Asset} asset */
function ask(asset) {
  if (asset.kind === 'recipe') {
    actions.takeRecipe(asset.id);
    return;
  }
  const dialog = openDialog(
    words.drop.ask(asset.name),
    h(
      'div',
      { class: 'zones' },
      uses.map(([name, key, use]) => {
        const text = words.drop.zones[/** @type {'dream'} */ (key)];
        return h(
          'button',
          {
            type: 'button',
            class: 'zone',
            disabled: key === 'recipe' && !asset.dream,
            onclick: () => {
              dialog.close();
              use(asset);
            },
          },
          icon(name),
          h('b', {}, text.title),
          h('span', {}, key === 'recipe' && !asset.dream ? words.drop.noRecipe : text.note),
        );
      }),
    ),
    { class: 'dialog-drop' },
  );
}

export function listenToFiles() {
  const zones = uses.map(([name, key]) => {
    const text = words.drop.zones[/** @type {'dream'} */ (key)];
    return h(
      'div',
      { class: 'zone' },
      icon(name),
      h('b', {}, text.title),
      h('span', {}, text.note),
    );
  });
  const veil = h('div', { class: 'drop-veil', hidden: true }, h('div', { class: 'zones' }, zones));
  document.body.append(veil);
  let inside = 0;
  const isFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes('Files');
  const zoneAt = (/** @type {Event} */ event) =>
    zones.findIndex(zone => zone.contains(/** @type {Node} */ (event.target)));
  addEventListener('dragenter', event => {
    if (!isFile(event)) return;
    inside += 1;
    fill(
      veil.firstElementChild,
      store.place.source
        ? zones
        : h(
            'div',
            { class: 'zone' },
            icon('eye'),
            h('b', {}, words.drop.zones.dream.title),
            h('span', {}, words.drop.anywhere),
          ),
    );
    veil.hidden = false;
  });
  addEventListener('dragleave', event => {
    if (!isFile(event)) return;
    inside = Math.max(0, inside - 1);
    veil.hidden = inside === 0;
  });
  addEventListener('dragover', event => {
    if (!isFile(event)) return;
    event.preventDefault();
    const at = zoneAt(event);
    zones.forEach((zone, i) => zone.classList.toggle('is-on', i === at));
  });
  addEventListener('drop', event => {
    if (!isFile(event)) return;
    event.preventDefault();
    inside = 0;
    veil.hidden = true;
    useDropped(event.dataTransfer, zoneAt(event));
  });
  addEventListener('paste', event => {
    const file = [...event.clipboardData.files].find(other => other.type.startsWith('image/'));
    if (!file) return;
    event.preventDefault();
    if (store.place.source) actions.upload(file, file.name).then(asset => asset && ask(asset));
    else open(file);
  });
}
