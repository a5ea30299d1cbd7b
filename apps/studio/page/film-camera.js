// The panel of a film: the camera at a keyframe or in the whole film, and what holds for all of it.
import { chooser, slider, toggle } from './controls.js';
import { button, fill, h, icon } from './dom.js';
import { network, subject } from './draft.js';
import { watch } from './store.js';
import {
  easingNames,
  keyAt,
  valueAt,
  withKey,
  withoutKey,
  zoomFactor,
  zoomText,
} from './timeline.js';
import { changeFilm, film } from './view-film.js';
import { chooseFilm, filmValue, showGo, zoomFrames } from './view-film-editor.js';
import { words } from './words.js';

/** Settings of the camera: at a keyframe where the playhead stands on one, else of the whole film. @param {HTMLElement} side @param {import('./viewer.js').Viewer} viewer @param {AbortSignal} signal */
export function showCamera(side, viewer, signal) {
  const isZoom = film().kind === 'zoom';
  const title = h('h2', {}),
    where = h('span', { class: 'mute' });
  const set = (/** @type {string} */ name, /** @type {any} */ to) => {
    if (keyAt(film().keys, film().frame))
      changeFilm({ keys: withKey(film().keys, film().frame, { [name]: to }) });
    else chooseFilm(name, to);
  };
  const zoom = slider({
    label: words.film.nearer,
    note: 'zoom',
    low: 0.96,
    high: 1.08,
    step: 0.002,
    unit: '×',
    digits: 4,
    onchange: to => set('zoom', zoomText(to)),
  });
  const rotate = slider({
    label: words.film.turning,
    note: 'rotate',
    low: -5,
    high: 5,
    step: 0.1,
    unit: '°',
    onchange: to => set('rotate', to),
  });
  const strength = slider({
    label: words.panel.names.step,
    note: 'strength',
    low: 0,
    high: 4,
    step: 0.1,
    onchange: to => set('strength', to),
  });
  const layers = [
    { value: '', label: words.film.sameLook },
    ...(network().looks.length
      ? network().looks.map(other => ({ value: other.name, label: other.name }))
      : network().good_layers.map(name => ({ value: name, label: name }))),
  ];
  const layer = chooser(words.panel.look, layers, to => {
    const { layer: _, ...key } = keyAt(film().keys, film().frame) ?? { frame: film().frame };
    changeFilm({
      keys: withKey(
        withoutKey(film().keys, film().frame),
        film().frame,
        to ? { ...key, layer: to } : key,
      ),
    });
  });
  const easing = chooser(
    words.film.easing,
    easingNames.map(name => ({
      value: name,
      label: words.film.easings[/** @type {'smooth'} */ (name)] ?? name,
    })),
    to => changeFilm({ keys: withKey(film().keys, film().frame, { easing: to }) }),
  );
  const towards = button(
    '',
    () => {
      viewer.root.classList.add('is-aiming');
      viewer.root.addEventListener(
        'click',
        event => {
          const at = viewer.pointAt(event);
          viewer.root.classList.remove('is-aiming');
          if (at) {
            set('centre_x', Number(at[0].toFixed(2)));
            set('centre_y', Number(at[1].toFixed(2)));
          }
        },
        { once: true, signal },
      );
    },
    { class: 'chip', icon: 'point' },
  );
  const drop = button(
    words.film.removeKey,
    () => changeFilm({ keys: withoutKey(film().keys, film().frame) }),
    { class: 'link' },
  );
  const frames = slider({
    label: words.film.length,
    note: 'frames',
    low: 10,
    high: 3000,
    log: true,
    whole: true,
    onchange: to => chooseFilm('frames', to),
  });
  const wander = toggle(words.film.wander, on => chooseFilm('wander', on ? 75 : 0), {
    note: words.film.wanderNote,
  });
  const loop = toggle(words.film.loop, on =>
    chooseFilm('loop', on ? Math.round(filmValue('fps')) : 0),
  );
  const blend = slider({
    label: words.film.blend,
    note: 'temporal-blend',
    low: 0,
    high: 1,
    step: 0.05,
    onchange: to => chooseFilm('temporal_blend', to),
  });
  const carried = slider({
    label: words.film.carried,
    note: 'carried-iterations',
    low: 0,
    high: 10,
    whole: true,
    onchange: to => chooseFilm('carried_iterations', to),
  });
  const every = slider({
    label: words.film.every,
    note: 'every',
    low: 1,
    high: 10,
    whole: true,
    onchange: to => chooseFilm('every', to),
  });
  const lookChip = h('a', { class: 'chip', href: '#dream' });
  const whole = isZoom
    ? [frames.root, wander.root, loop.root]
    : [blend.root, carried.root, every.root];
  side.append(
    h(
      'div',
      { class: 'scroll' },
      h('div', { class: 'section' }, title, where),
      isZoom && zoom.root,
      isZoom && rotate.root,
      strength.root,
      isZoom &&
        h('div', { class: 'row' }, h('span', { class: 'row-label' }, words.film.towards), towards),
      layer.root,
      easing.root,
      drop,
      h('div', { class: 'section film-whole' }, h('h2', {}, words.film.whole)),
      whole,
      h('div', { class: 'row' }, h('span', { class: 'row-label' }, words.film.recipe), lookChip),
    ),
    showGo(signal),
  );
  watch(['place', 'draft', 'networks'], signal, () => {
    if (!film()) return;
    const { keys, frame } = film(),
      key = keyAt(keys, frame),
      at = (/** @type {string} */ name) => valueAt(keys, name, frame, filmValue(name));
    title.textContent = key ? words.film.atKey : isZoom ? words.film.camera : words.film.settings;
    where.textContent = key ? words.film.frame(frame) : '';
    zoom.set(zoomFactor(at('zoom')), 1.012);
    rotate.set(Number(at('rotate') ?? 0), 0);
    strength.set(Number(at('strength') ?? 1), 1);
    layer.set(key?.layer ?? '');
    easing.set(key?.easing ?? 'smooth');
    for (const part of [layer.root, easing.root, drop]) part.hidden = !key;
    fill(
      towards,
      icon('point'),
      `${Number(at('centre_x') ?? 0.5).toFixed(2)}, ${Number(at('centre_y') ?? 0.5).toFixed(2)}`,
    );
    if (isZoom) {
      frames.set(filmValue('frames') || zoomFrames, zoomFrames);
      wander.set(filmValue('wander') > 0);
      loop.set(filmValue('loop') > 0);
    } else {
      blend.set(filmValue('temporal_blend'), 0.9);
      carried.set(filmValue('carried_iterations'), 2);
      every.set(filmValue('every'), 1);
    }
    lookChip.textContent = subject();
  });
}
