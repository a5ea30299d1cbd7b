// Saving: format, bits, with or without the recipe; copying; the same dream as a command line.
import { exportDream, get, post } from './api.js';
import { chooser, segments, slider, toggle } from './controls.js';
import { button, fill, h, openPopover } from './dom.js';
import { store } from './store.js';
import { attempt, toast } from './toasts.js';
import { words } from './words.js';

const formats = [
  { value: 'png', label: 'PNG' },
  { value: 'jpg', label: 'JPEG' },
  { value: 'webp', label: 'WebP' },
  { value: 'tif', label: 'TIFF' },
];
const bitsOf = { png: [8, 16], jpg: [8], webp: [8], tif: [8, 16, 32] };
/** Remembered while the page is open. */
const choice = { format: 'png', bits: 8, quality: 95, recipe: true };

/** @param {HTMLElement} by */
export function openSave(by) {
  const dream = store.dream;
  if (!dream) return;
  const isFilm = dream.frames > 0 && dream.kind !== 'image';
  const format = segments(words.save.format, formats, to => {
    choice.format = to;
    update();
  });
  const bits = chooser(words.save.bits, [], to => {
    choice.bits = Number(to);
  });
  const quality = slider({
    label: words.save.quality,
    low: 1,
    high: 100,
    whole: true,
    onchange: to => {
      choice.quality = to;
    },
  });
  const recipe = toggle(
    words.save.recipe,
    on => {
      choice.recipe = on;
    },
    { note: words.save.recipeNote },
  );
  const save = button('', () => saveFile(dream), { class: 'button button-main' });
  const copy = button(words.save.copy, () => copyPicture(dream));
  const command = h('code', { class: 'command' }, '…');
  const update = () => {
    const allowed = bitsOf[/** @type {'png'} */ (choice.format)];
    if (!allowed.includes(choice.bits)) choice.bits = 8;
    fill(
      bits.list,
      allowed.map(count => h('option', { value: String(count) }, String(count))),
    );
    bits.set(String(choice.bits));
    bits.root.hidden = allowed.length < 2;
    quality.root.hidden = !['jpg', 'webp'].includes(choice.format);
    save.textContent = words.save.button(fileName(dream));
  };
  format.set(choice.format);
  quality.set(choice.quality);
  recipe.set(choice.recipe);
  update();
  openPopover(
    by,
    words.save.title,
    h(
      'div',
      { class: 'save' },
      !isFilm && [format.root, bits.root, quality.root, recipe.root],
      h('div', { class: 'buttons' }, save, !isFilm && copy),
      h(
        'div',
        { class: 'section' },
        h('h2', {}, words.save.command),
        button(words.save.copy, () => copyText(command.textContent), { class: 'link' }),
      ),
      command,
    ),
  );
  askCommand(dream).then(
    text => {
      command.textContent = text;
    },
    () => {
      command.textContent = words.save.noCommand;
    },
  );
}

/** @param {import('./store.js').Dream} dream */
function fileName(dream) {
  if (dream.kind !== 'image' && dream.frames) return dream.file;
  const stem = (dream.source_name || dream.file)
    .replace(/\.[A-Za-z0-9]{2,5}$/, '')
    .replace(/\.dream$/, '');
  return `${stem}.dream.${choice.format}`;
}

/** @param {import('./store.js').Dream} dream */
async function saveFile(dream) {
  const answer = await attempt(exportDream(dream.id, choice));
  if (!answer) return;
  const url = URL.createObjectURL(answer.bytes);
  h('a', { href: url, download: fileName(dream) || answer.name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60000);
}

/** @param {import('./store.js').Dream} dream */
async function copyPicture(dream) {
  const bytes = exportDream(dream.id, { format: 'png', bits: 8, quality: 95, recipe: false }).then(
    answer => answer.bytes.slice(0, undefined, 'image/png'),
  );
  try {
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': bytes })]);
    toast(words.save.copied);
  } catch {
    toast(words.save.noClipboard, { error: true });
  }
}

/** @param {string} text */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast(words.save.copied);
  } catch {
    toast(words.save.noClipboard, { error: true });
  }
}

/** The command line that makes a dream again. @param {import('./store.js').Dream} dream @returns {Promise<string>} */
async function askCommand(dream) {
  const document = await get(`/dreams/${dream.id}/document`);
  const { toDraft } = await import('./draft.js');
  const recipe = toDraft(document.recipe);
  return (
    await post('/command', {
      kind: dream.kind,
      source: dream.source,
      parent: null,
      recipe,
      chosen: Object.keys(recipe),
      zoom: document.zoom,
      video: document.video,
    })
  ).command;
}
