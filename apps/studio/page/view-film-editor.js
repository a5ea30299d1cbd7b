// One film: the frame at the playhead, the camera, the timeline with its keyframes, and what it costs.
import * as actions from './actions.js';
import { address, post, remove, sourceAddress } from './api.js';
import { button, h, rested } from './dom.js';
import { jobRequest, look, subject } from './draft.js';
import { addKeys } from './keys.js';
import { endedJob, refreshQueue, store, tell, watch } from './store.js';
import { attempt } from './toasts.js';
import { valueAt, withKey, withoutKey } from './timeline.js';
import { changeFilm, film } from './view-film.js';
import { showCamera } from './film-camera.js';
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

/** As long as a zoom is where nothing says how long. */
export const zoomFrames = 300;

/** How many frames the film has; 0 where a video does not say. */
export const frameCount = () =>
  film().kind === 'zoom' ? filmValue('frames') || zoomFrames : (filmJob()?.total ?? 0);

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
    name: words.film.name(words.film.base(name), kind === 'zoom', look()?.name ?? subject()),
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

/** The button that dreams the film, or stops it. @param {AbortSignal} signal */
export function showGo(signal) {
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
