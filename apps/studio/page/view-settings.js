// All settings, generated from what the server says about each: searchable, changed ones dotted, those without effect
// greyed with the reason. Lay words and groups are in words.js; a setting it does not know stands under its own name.
import { post } from './api.js';
import { chooser, slider, textRow, toggle } from './controls.js';
import { button, fill, h, icon } from './dom.js';
import { choose, isChanged, reasonWithout, standard, value } from './draft.js';
import { setPlace, store, watch } from './store.js';
import { toast } from './toasts.js';
import { showGo } from './view-go.js';
import { words } from './words.js';

/** Settings that are set elsewhere on the page, with the place. @type {Record<string, string>} */
const elsewhere = { mask: '#mask', guide: '#dream', layer: '#atlas' };
/** Settings that need a file of the user's computer, which the studio never reads. */
const onlyFiles = ['labels', 'jitter_from'];

/** @typedef {{setting: import('./store.js').Setting, root: HTMLElement, update: () => void, text: string}} Entry */

/** @param {HTMLElement} side @param {AbortSignal} signal */
export function mount(side, signal) {
  side.classList.add('side-settings');
  const settings = store.settings.recipe;
  const search = h('input', {
    type: 'search',
    'aria-label': words.settings.find(settings.length),
    placeholder: words.settings.find(settings.length),
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const none = h('p', { class: 'mute settings-none', hidden: true }, words.settings.none);
  const reset = button(
    words.settings.reset,
    () => setPlace({ draft: keepOnly(['layer', 'model', 'size', 'guide', 'mask']) }),
    { class: 'link' },
  );
  const entries = settings.map(entry);
  const groups = groupNames(settings).map(name => {
    const own = entries.filter(other => groupOf(other.setting) === name);
    return {
      own,
      root: h(
        'section',
        { class: 'settings-group' },
        h('h3', {}, name),
        own.map(other => other.root),
      ),
    };
  });
  const list = h(
    'div',
    { class: 'settings-list' },
    groups.map(group => group.root),
    none,
  );
  side.append(
    h(
      'div',
      { class: 'scroll' },
      h(
        'div',
        { class: 'section' },
        h('h2', {}, words.settings.title),
        h(
          'span',
          { class: 'settings-links' },
          reset,
          h('a', { href: '#dream' }, words.settings.fewer),
        ),
      ),
      h('label', { class: 'search' }, icon('search'), search),
      list,
    ),
    showGo(signal),
  );
  const filter = () => {
    const asked = search.value.trim().toLowerCase();
    for (const other of entries)
      other.root.hidden = !!asked && !asked.split(/\s+/).every(part => other.text.includes(part));
    for (const group of groups) group.root.hidden = group.own.every(other => other.root.hidden);
    none.hidden = groups.some(group => !group.root.hidden);
  };
  search.addEventListener('input', filter);
  watch(['draft', 'networks'], signal, () => {
    for (const other of entries) other.update();
  });
  // Looks that the server cannot dream are told before Dream is pressed
  watch(['draft'], signal, () => {
    check(signal);
  });
}

/** @param {string[]} keys */
const keepOnly = keys =>
  Object.fromEntries(Object.entries(store.place.draft).filter(([key]) => keys.includes(key)));

/** @param {import('./store.js').Setting} setting */
const groupOf = setting => words.settings.groups[setting.group] ?? setting.group;

/** @param {import('./store.js').Setting[]} settings */
const groupNames = settings => [...new Set(settings.map(groupOf))];

/** A setting with its dot, its control, its help, and the reason why it has no effect. @param {import('./store.js').Setting} setting @returns {Entry} */
function entry(setting) {
  const name = words.settings.names[setting.name] ?? setting.name;
  const dot = h('i', {
    class: 'dot',
    role: 'img',
    'aria-label': words.settings.isChanged,
    hidden: true,
  });
  const control = controlOf(setting, name, dot);
  const reason = h('small', { class: 'reason' });
  const root = h(
    'div',
    { class: 'setting', data: { setting: setting.name } },
    control.root,
    h(
      'p',
      { class: 'help', title: setting.help },
      name === setting.name ? '' : h('code', {}, setting.name),
      ` ${setting.help}`,
    ),
    reason,
  );
  const update = () => {
    const why = reasonWithout(setting);
    root.classList.toggle('is-idle', !!why);
    reason.textContent = why;
    dot.hidden = !isChanged(setting.key);
    root.classList.toggle('is-changed', isChanged(setting.key));
    control.set(value(setting.key));
  };
  return {
    setting,
    root,
    update,
    text: `${name} ${setting.name} ${setting.help} ${setting.choices?.map(choice => choice.name).join(' ') ?? ''}`.toLowerCase(),
  };
}

/**
 * @param {import('./store.js').Setting} setting @param {string} name @param {HTMLElement} mark
 * @returns {{root: HTMLElement, set: (value: any) => void}}
 */
function controlOf(setting, name, mark) {
  const { key, kind } = setting;
  if (key === 'preset')
    return chooser(
      name,
      store.settings.presets.map(preset => ({ value: preset.name, label: preset.name })),
      to => choose(key, to),
      { mark },
    );
  if (key === 'model') return networkRow(name, mark);
  if (onlyFiles.includes(key)) return noteRow(name, words.settings.files, mark);
  if (key in elsewhere)
    return linkRow(name, key === 'layer' && !store.can.atlas ? '#dream' : elsewhere[key], mark);
  if (kind === 'flag') return toggle(name, on => choose(key, on), { mark });
  if (kind === 'choice')
    return chooser(
      name,
      setting.choices.map(choice => ({ value: choice.name, label: choice.name })),
      to => choose(key, to),
      { mark },
    );
  if ((kind === 'integer' || kind === 'number') && key !== 'seed') {
    const control = slider({
      label: name,
      low: setting.low,
      high: setting.high,
      log: setting.scale === 'log',
      step: setting.step,
      whole: kind === 'integer',
      unit: setting.unit,
      mark,
      onchange: to => choose(key, to),
    });
    return { root: control.root, set: now => control.set(Number(now), Number(standard(key))) };
  }
  return textRow(
    name,
    text => choose(key, kind === 'integer' ? Math.max(0, Math.floor(Number(text) || 0)) : text),
    { mark, placeholder: setting.form, inputmode: kind === 'integer' ? 'numeric' : null },
  );
}

/** @param {string} name @param {HTMLElement} mark */
function networkRow(name, mark) {
  const here = () =>
    store.networks.filter(other => other.state === 'inside' || other.state === 'here');
  const inside = () => store.networks.find(other => other.state === 'inside')?.name;
  const row = chooser(
    name,
    [],
    to => {
      const draft = { ...store.place.draft };
      delete draft.layer;
      delete draft.model;
      if (to !== inside()) draft.model = to;
      setPlace({ draft });
    },
    { mark },
  );
  return {
    root: row.root,
    set(/** @type {string} */ now) {
      fill(
        row.list,
        here().map(other => h('option', { value: other.name }, other.name)),
      );
      row.set(now || inside());
    },
  };
}

/** @param {string} name @param {string} note @param {HTMLElement} mark */
function noteRow(name, note, mark) {
  return {
    root: h(
      'div',
      { class: 'row' },
      h('span', { class: 'row-label' }, mark, name),
      h('span', { class: 'faint' }, note),
    ),
    set() {},
  };
}

/** @param {string} name @param {string} href @param {HTMLElement} mark */
function linkRow(name, href, mark) {
  const link = h('a', { class: 'chip', href });
  return {
    root: h('div', { class: 'row' }, h('span', { class: 'row-label' }, mark, name), link),
    set(/** @type {any} */ now) {
      const list = Array.isArray(now) ? now : now ? [now] : [];
      link.textContent = list.length
        ? list
            .map(item =>
              typeof item === 'string'
                ? item.replace(/(asset|dream):\w+/g, '…')
                : words.guides.picture,
            )
            .join(', ')
        : words.settings.elsewhere;
    },
  };
}

let checked = 0;

/** Asks whether the draft can be dreamed at all; the library's sentence says why not. @param {AbortSignal} signal */
function check(signal) {
  const mine = ++checked;
  setTimeout(async () => {
    if (mine !== checked || signal.aborted || !store.place.source) return;
    const { jobRequest } = await import('./draft.js');
    post('/estimate', jobRequest()).catch(error => {
      if (error.status === 400 && mine === checked) toast(error.message, { error: true });
    });
  }, 700);
}
