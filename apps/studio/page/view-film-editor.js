// One film: the frame at the playhead, the camera, the timeline with its keyframes, and what it costs.
import * as actions from './actions.js';
import { address, post, remove, sourceAddress } from './api.js';
import { chooser, slider, toggle } from './controls.js';
import { button, fill, h, icon, rested } from './dom.js';
import { jobRequest, look, network, subject } from './draft.js';
import { addKeys } from './keys.js';
import { endedJob, refreshQueue, store, tell, watch } from './store.js';
import { attempt } from './toasts.js';
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
import { showTimeline } from './view-timeline.js';
import { createViewer } from './viewer.js';
import { words } from './words.js';

/** A setting of the film: as chosen, else the program's default. @param {string} key */
export const filmValue = key => {
  const { kind } = film();
  return film()[kind][key] ?? store.settings[kind].find(setting => setting.key === key)?.default;
};

/** @param {string} key @param {any} to */
export const chooseFilm = (key, to) =>
  changeFilm({ [film().kind]: { ...film()[film().kind], [key]: to } });

/** The job that dreams this film. */
export const filmJob = () => store.jobs.find(job => job.id === film()?.job);

/** @param {HTMLElement} root @param {AbortSignal} signal */
export function mountEditor(root, signal) {
  const isZoom = film().kind === 'zoom';
  const stage = h('section', { class: 'stage', 'aria-label': words.dream.stage }),
    side = h('aside', { class: 'side', 'aria-label': words.film.panel });
  const line = h('section', { class: 'timeline', 'aria-label': words.film.timeline });
  root.append(h('div', { class: 'film' }, stage, side, line));
  const glow = h('img', {
    class: 'glow',
    alt: '',
    src: sourceAddress(film().source, 'thumb?h=200'),
  });
  stage.append(glow);
  const viewer = createViewer(stage, signal);
  const about = h('p', {});
  stage.append(h('div', { class: 'title' }, h('h1', {}, film().name), about));
  const video = film().dream
    ? h('video', {
        class: 'film-video',
        src: address(`/dreams/${film().dream}/file`),
        playsinline: true,
        preload: 'auto',
        'aria-label': film().name,
      })
    : null;
  if (video) stage.append(video);
  video?.addEventListener('error', () => {
    video.hidden = true;
  });
  showTimeline(line, video, signal);
  showCamera(side, viewer, signal);
  watch(['place', 'jobs', 'preview'], signal, () => {
    if (!film()) return;
    const job = filmJob(),
      frames = frameCount();
    about.textContent = [
      isZoom ? words.film.zoom : words.film.video,
      frames ? words.gallery.frames(frames) : '',
      job ? words.film.finished(job.done) : film().dream ? words.film.done : '',
    ]
      .filter(Boolean)
      .join('  ·  ');
    if (video && !video.hidden && !job) {
      viewer.clear();
      return;
    }
    const url = job?.preview
      ? address(job.preview)
      : film().dream
        ? sourceAddress(`dream:${film().dream}`, 'view')
        : sourceAddress(film().source, film().kind === 'video' ? 'thumb?h=1024' : 'view');
    viewer.show(url, {
      width: film().width || 16,
      height: film().height || 9,
      alt: job ? words.dream.altLive : film().name,
    });
  });
  addKeys(signal, {
    k: () => addKeyframe(),
    Delete: () => changeFilm({ keys: withoutKey(film().keys, film().frame) }),
    Escape: () => actions.go('film'),
    ArrowLeft: () => changeFilm({ frame: Math.max(0, film().frame - 1) }),
    ArrowRight: () => changeFilm({ frame: Math.min(frameCount() - 1, film().frame + 1) }),
    ' ': () => {
      if (video && !video.hidden) {
        if (video.paused) video.play();
        else video.pause();
      } else dreamFilm();
    },
  });
}

/** How many frames the film has; 0 where a video does not say. */
export const frameCount = () =>
  film().kind === 'zoom' ? filmValue('frames') : (filmJob()?.total ?? 0);

/** A keyframe at the playhead, with the values that hold there. */
export function addKeyframe() {
  const { keys, frame, kind } = film();
  const at = (/** @type {string} */ name) => valueAt(keys, name, frame, filmValue(name));
  changeFilm({
    keys: withKey(
      keys,
      frame,
      kind === 'zoom'
        ? {
            zoom: at('zoom'),
            rotate: Number(Number(at('rotate')).toFixed(2)),
            strength: at('strength'),
          }
        : { strength: at('strength') },
    ),
  });
}

/** Settings of the camera: at a keyframe where the playhead stands on one, else of the whole film. @param {HTMLElement} side @param {import('./viewer.js').Viewer} viewer @param {AbortSignal} signal */
function showCamera(side, viewer, signal) {
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
      frames.set(filmValue('frames'), 300);
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

/** What POST /jobs takes for the film. */
function filmRequest() {
  const { kind, source, keys, name, dream } = film();
  // A zoom's octaves and steps are its own unless they were chosen: every frame builds on the last
  return jobRequest({
    kind,
    source,
    parent: null,
    basis: dream ? 'again' : source.startsWith('dream:') ? 'go_on' : 'again',
    class: 'film',
    name: words.film.name(name, kind === 'zoom', look()?.name ?? subject()),
    recipe: { ...(store.place.draft.size ? {} : { size: '1024' }) },
    [kind]: { ...film()[kind], ...(keys.length ? { timeline: keys } : {}) },
    output: { format: 'mp4' },
  });
}

async function dreamFilm() {
  const job = await actions.send(filmRequest());
  if (!job) return;
  changeFilm({ job: job.id });
  if (endedJob(job.id)) tell('end', endedJob(job.id));
}

/** @param {AbortSignal} signal */
function showGo(signal) {
  const go = button(
    '',
    async () => {
      const job = filmJob();
      if (!job) {
        await dreamFilm();
        return;
      }
      await attempt(
        job.state === 'running' ? post(`/jobs/${job.id}/keep`, {}) : remove(`/jobs/${job.id}`),
      );
      await refreshQueue();
    },
    { class: 'go-button' },
  );
  const size = h('span', {}),
    cost = h('span', {});
  const ask = rested(async () => {
    if (!film() || filmJob() || signal.aborted) return;
    const estimate = await post('/estimate', filmRequest()).catch(/** @returns {any} */ () => null);
    if (!estimate || signal.aborted || !film()) return;
    size.textContent = words.film.format(Math.max(estimate.width, estimate.height));
    cost.textContent = [
      frameCount() ? words.gallery.frames(frameCount()) : '',
      estimate.seconds >= 0 ? words.about(estimate.seconds) : '',
    ]
      .filter(Boolean)
      .join(', ');
  }, 400);
  watch(['place', 'draft'], signal, ask);
  watch(['jobs', 'place'], signal, () => {
    const job = filmJob();
    go.textContent = job
      ? job.state === 'running'
        ? words.film.stop
        : words.running.cancel
      : film()?.dream
        ? words.film.again
        : words.film.dream;
    go.classList.toggle('is-stop', !!job);
    if (job)
      cost.textContent = [
        words.running.unit(job.unit, job.done, job.total),
        job.seconds_left > 0 ? words.left(job.seconds_left) : '',
      ]
        .filter(Boolean)
        .join(', ');
  });
  return h('div', { class: 'go go-alone' }, go, h('div', { class: 'cost' }, size, cost));
}
