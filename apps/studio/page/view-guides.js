// Guides: pictures whose features the dream takes on, each with a weight from -1 to 1.
import { sourceAddress } from './api.js';
import * as actions from './actions.js';
import { slider } from './controls.js';
import { fill, h, icon, iconButton, openPopover } from './dom.js';
import { choose, look, network, value } from './draft.js';
import { setPlace, store, watch } from './store.js';
import { toast } from './toasts.js';
import { chooseFile } from './view-drop.js';
import { words } from './words.js';

/** @typedef {{file: string, weight: number}} Guide */

/** The draft's guides, which a recipe writes as "asset:HEX=WEIGHT". @returns {Guide[]} */
const guides = () =>
  (value('guide') ?? []).map((/** @type {string} */ text) => {
    const [file, weight] = text.split('=');
    return { file, weight: weight === undefined ? 1 : Number(weight) };
  });

/** @param {Guide[]} list */
const setGuides = list =>
  choose(
    'guide',
    list.map(({ file, weight }) => (weight === 1 ? file : `${file}=${weight}`)),
  );

/** Is guided by a picture, too. @param {import('./store.js').Asset} asset */
export function addGuide(asset) {
  const file = `asset:${asset.id}`;
  setGuides([...guides().filter(guide => guide.file !== file), { file, weight: 1 }]);
  setPlace({ guideNames: { ...store.place.guideNames, [asset.id]: asset.name } });
  if (!store.place.draft.layer) adviseLayer();
  else toast(words.guides.added(asset.name));
}

/** Guides work best at the depth of textures, where features are neither strokes nor whole beings. */
function adviseLayer() {
  const layers = network().good_layers,
    texture = layers[Math.floor(layers.length * 0.3)];
  const better = network().looks.find(other => other.layers[0] === texture)?.name ?? texture;
  if (look()?.name === better) return;
  toast(words.guides.depth(better), {
    action: words.guides.useDepth(better),
    onaction: () => actions.chooseLayers([better]),
  });
}

/** The row of the panel. @param {AbortSignal} signal */
export function guidesRow(signal) {
  const chip = h('button', {
    type: 'button',
    class: 'chip',
    'aria-haspopup': 'dialog',
    'aria-expanded': 'false',
    onclick: () => (guides().length ? openGuides(chip, signal) : choosePicture()),
  });
  watch(['draft'], signal, () => {
    const list = guides();
    chip.classList.toggle('chip-empty', !list.length);
    fill(
      chip,
      list.length
        ? list
            .slice(0, 3)
            .map(guide => h('img', { alt: '', src: sourceAddress(guide.file, 'thumb?h=100') }))
        : icon('plus'),
      list.length ? words.guides.count(list.length) : words.guides.picture,
    );
  });
  return h('div', { class: 'row' }, h('span', { class: 'row-label' }, words.guides.title), chip);
}

function choosePicture() {
  chooseFile(async file => {
    const asset = await actions.upload(file, file.name);
    if (asset?.kind === 'image') addGuide(asset);
    else if (asset) toast(words.guides.noPicture(asset.name), { error: true });
  });
}

/** @param {HTMLElement} by @param {AbortSignal} signal */
function openGuides(by, signal) {
  const list = h('div', { class: 'guides' });
  const closed = new AbortController();
  signal.addEventListener('abort', () => closed.abort());
  let made = '';
  watch(['draft'], closed.signal, () => {
    const now = guides();
    if (made === now.map(guide => guide.file).join()) return;
    made = now.map(guide => guide.file).join();
    fill(
      list,
      now.map((guide, i) => {
        const weight = slider({
          label: words.guides.weight,
          low: -1,
          high: 1,
          step: 0.05,
          onchange: to => change(i, to),
        });
        weight.set(guide.weight ?? 1, 1);
        return h(
          'div',
          { class: 'guide' },
          h('img', { alt: '', src: sourceAddress(guide.file, 'thumb?h=100') }),
          h(
            'div',
            {},
            h('b', {}, store.place.guideNames?.[guide.file.slice(6)] ?? words.guides.picture),
            weight.root,
          ),
          iconButton('close', words.guides.remove, () =>
            setGuides(guides().filter((_, other) => other !== i)),
          ),
        );
      }),
    );
  });
  openPopover(
    by,
    words.guides.title,
    [
      h('p', { class: 'mute' }, words.guides.about),
      list,
      h(
        'button',
        { type: 'button', class: 'chip chip-empty', onclick: choosePicture },
        icon('plus'),
        words.guides.another,
      ),
    ],
    { class: 'popover-guides', onclose: () => closed.abort() },
  );
}

/** @param {number} at @param {number} weight */
function change(at, weight) {
  setGuides(guides().map((guide, i) => (i === at ? { ...guide, weight } : guide)));
}
