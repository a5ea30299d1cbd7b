// The timeline of a film: what is finished as a strip of frames, a track for each setting with its keyframes, the playhead.
import { address, sourceAddress } from './api.js';
import { button, fill, h, icon, setVars } from './dom.js';
import { look, lookOf, network, subject } from './draft.js';
import { hear, store, watch } from './store.js';
import { clock, layerBlocks } from './timeline.js';
import { changeFilm, film } from './view-film.js';
import { addKeyframe, filmJob, filmValue, frameCount } from './view-film-editor.js';
import { words } from './words.js';

const pictures = 12;

/** @param {HTMLElement} root @param {HTMLVideoElement|null} video @param {AbortSignal} signal */
export function showTimeline(root, video, signal) {
  const isZoom = film().kind === 'zoom';
  const play = h(
    'button',
    {
      type: 'button',
      class: 'icon-button timeline-play',
      'aria-label': words.film.play,
      title: words.film.play,
      onclick: () => (video.paused ? video.play() : video.pause()),
    },
    icon('play'),
  );
  const time = h('span', { class: 'timeline-time' }),
    total = h('span', { class: 'faint' });
  const strip = h('div', { class: 'frames', 'aria-hidden': 'true' });
  const cells = Array.from({ length: pictures }, () => h('span', {}));
  strip.append(...cells);
  const tracks = [
    { name: 'layer', label: words.panel.look },
    ...(isZoom
      ? [
          { name: 'zoom', label: words.film.nearer },
          { name: 'rotate', label: words.film.turning },
        ]
      : []),
    { name: 'strength', label: words.panel.names.step },
  ].map(track => ({
    ...track,
    line: h('div', { class: 'track-line', data: { track: track.name } }),
  }));
  const head = h('input', {
    type: 'range',
    min: '0',
    step: '1',
    class: 'playhead-range',
    'aria-label': words.film.playhead,
    oninput: () => seek(Number(head.value)),
  });
  const cut = h('div', { class: 'playhead', 'aria-hidden': 'true' });
  root.append(
    h(
      'div',
      { class: 'timeline-bar' },
      play,
      time,
      total,
      h('span', { class: 'grow' }),
      button(words.film.key, addKeyframe, { class: 'chip', icon: 'plus' }),
    ),
    h(
      'div',
      { class: 'tracks' },
      h(
        'div',
        { class: 'track track-frames' },
        h('span', { class: 'track-name' }, words.film.frames),
        h('div', { class: 'track-line' }, strip, head),
      ),
      tracks.map(track =>
        h('div', { class: 'track' }, h('span', { class: 'track-name' }, track.label), track.line),
      ),
      cut,
    ),
  );
  play.hidden = !video;

  /** @param {number} frame */
  function seek(frame) {
    changeFilm({ frame });
    if (video) video.currentTime = frame / fps();
  }
  // A video states no rate in its settings; what was dreamed of it does
  const fps = () =>
    Number(filmValue('fps')) || (video?.duration && film().frames / video.duration) || 30;
  const frames = () => Math.max(1, frameCount() || film().frames || 100);

  watch(['place', 'draft', 'jobs'], signal, () => {
    if (!film()) return;
    const { frame, keys } = film(),
      all = frames();
    head.max = String(all - 1);
    head.value = String(frame);
    head.setAttribute('aria-valuetext', words.film.frame(frame));
    setVars(root, { '--head': Math.min(1, frame / Math.max(1, all - 1)) });
    time.textContent = clock(frame / fps());
    total.textContent = `/ ${clock(all / fps())}`;
    for (const track of tracks) drawTrack(track.name, track.line, keys, all);
    const job = filmJob(),
      done = film().dream && !job ? 1 : job ? job.fraction : 0;
    cells.forEach((cell, i) => cell.classList.toggle('is-done', (i + 0.5) / pictures < done));
  });

  /** @param {string} name @param {HTMLElement} line @param {import('./timeline.js').Keyframe[]} keys @param {number} all */
  function drawTrack(name, line, keys, all) {
    const of = keys.filter(key => key[name] !== undefined);
    const state = JSON.stringify([
      of.map(key => [key.frame, key[name]]),
      film().frame,
      all,
      name === 'layer' ? subject() : '',
      store.looks.size,
    ]);
    if (line.dataset.state === state) return;
    line.dataset.state = state;
    const hadFocus = line.contains(document.activeElement);
    const blocks =
      name !== 'layer'
        ? []
        : layerBlocks(keys, all, look()?.name ?? subject()).map(block => {
            const wanders =
                !keys.some(key => key.layer) &&
                filmValue('wander') > 0 &&
                network().looks.length > 1,
              url = store.looks.get(lookOf(block.layer)?.name ?? '');
            const item = h(
              'div',
              { class: 'block' },
              url && h('img', { alt: '', src: url }),
              h(
                'span',
                {},
                wanders
                  ? words.film.wanders(block.layer)
                  : (lookOf(block.layer)?.name ?? block.layer),
              ),
            );
            setVars(item, { '--from': block.from / all, '--to': block.to / all });
            return item;
          });
    fill(
      line,
      blocks,
      of.map(key => {
        const item = h('button', {
          type: 'button',
          class: key.frame === film().frame ? 'keyframe is-on' : 'keyframe',
          'aria-label': words.film.keyAt(key.frame, String(key[name])),
          title: words.film.keyAt(key.frame, String(key[name])),
          onclick: () => seek(key.frame),
        });
        setVars(item, { '--at': key.frame / Math.max(1, all - 1) });
        return item;
      }),
    );
    if (hadFocus) /** @type {HTMLElement} */ (line.querySelector('.is-on'))?.focus();
  }

  // Finished frames come by previews while the film is dreamed, and out of the film itself afterwards
  hear(['preview'], signal, data => {
    const job = filmJob();
    if (!job || data.job !== job.id || !job.total) return;
    const cell = cells[Math.min(pictures - 1, Math.floor((job.done / job.total) * pictures))];
    if (!cell.firstChild) cell.append(h('img', { alt: '', src: address(data.url) }));
  });
  const first = h('img', { alt: '', src: sourceAddress(film().source, 'thumb?h=100') });
  if (!film().dream) cells[0].append(first);
  if (video) {
    video.addEventListener(
      'timeupdate',
      () => {
        if (!video.paused)
          changeFilm({ frame: Math.min(frames() - 1, Math.round(video.currentTime * fps())) });
      },
      { signal },
    );
    const mark = () => {
      fill(play, icon(video.paused ? 'play' : 'pause'));
      play.setAttribute('aria-label', video.paused ? words.film.play : words.film.pause);
    };
    for (const name of ['play', 'pause', 'ended']) video.addEventListener(name, mark, { signal });
    fillFromVideo(video, cells, signal);
  }
}

/** Twelve pictures out of a finished film. @param {HTMLVideoElement} video @param {HTMLElement[]} cells @param {AbortSignal} signal */
async function fillFromVideo(video, cells, signal) {
  const reader = /** @type {HTMLVideoElement} */ (video.cloneNode());
  reader.muted = true;
  try {
    await new Promise((resolve, reject) => {
      reader.onloadeddata = resolve;
      reader.onerror = reject;
    });
    for (const [i, cell] of cells.entries()) {
      if (signal.aborted) return;
      reader.currentTime = (reader.duration * (i + 0.5)) / cells.length;
      await new Promise(resolve => {
        reader.onseeked = resolve;
      });
      const canvas = h('canvas');
      canvas.height = 46;
      canvas.width = Math.max(1, Math.round((46 * reader.videoWidth) / reader.videoHeight));
      canvas.getContext('2d').drawImage(reader, 0, 0, canvas.width, canvas.height);
      cell.replaceChildren(canvas);
    }
  } catch {
    /* a film that this browser cannot play has no strip */
  }
}
