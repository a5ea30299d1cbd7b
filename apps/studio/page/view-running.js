// The bar of the dream under way: octaves, step, time left, Stop.
import * as actions from './actions.js';
import { fill, h, setVars } from './dom.js';
import { watch } from './store.js';
import { say } from './toasts.js';
import { words } from './words.js';

/** @param {HTMLElement} stage @param {AbortSignal} signal */
export function showWork(stage, signal) {
  const steps = h('span', { class: 'octaves', 'aria-hidden': 'true' });
  const what = h('span', {}),
    step = h('span', { class: 'faint' }),
    left = h('span', {});
  const stop = h('button', { type: 'button', class: 'stop', onclick: () => actions.stop() });
  const root = h('div', { class: 'work', hidden: true }, steps, what, step, left, stop);
  stage.append(root);
  watch(['jobs', 'place'], signal, () => {
    const job = actions.followed();
    stage.classList.toggle('is-working', !!job);
    root.hidden = !job;
    if (!job) return;
    const text = describe(job);
    drawOctaves(steps, job);
    what.textContent = text.what;
    step.textContent = text.step;
    left.textContent = text.left;
    step.hidden = !text.step;
    left.hidden = !text.left;
    fill(
      stop,
      job.state === 'waiting' ? words.running.cancel : words.running.stop,
      h('kbd', { 'aria-hidden': 'true' }, 'Esc'),
    );
    stop.title = job.state === 'waiting' ? '' : words.running.stopKeeps;
    stop.disabled = job.state === 'cancelling';
    say(`${text.what}, ${text.left}`);
  });
}

/** What a job is at, in words. @param {import('./store.js').Job} job */
export function describe(job) {
  if (job.state === 'waiting')
    return {
      what: words.running.waiting,
      step: '',
      left: job.seconds > 0 ? words.about(job.seconds) : '',
    };
  if (job.state === 'paused') return { what: words.running.paused, step: '', left: '' };
  if (job.state === 'cancelling') return { what: words.running.stopping, step: '', left: '' };
  const left = job.seconds_left > 0 ? words.left(job.seconds_left) : '';
  if (job.unit === 'octave')
    return {
      what: job.octave ? words.running.octave(job.octave, job.octaves) : words.running.beginning,
      step: job.iteration ? words.running.step(job.iteration, job.iterations) : '',
      left,
    };
  return { what: words.running.unit(job.unit, job.done, job.total), step: '', left };
}

/** One bar for each octave, higher as the picture grows. @param {HTMLElement} root @param {import('./store.js').Job} job */
function drawOctaves(root, job) {
  const count = job.unit === 'octave' ? Math.max(1, job.octaves) : 1;
  root.hidden = job.state !== 'running' || !count;
  while (root.children.length > count) root.lastElementChild.remove();
  while (root.children.length < count) root.append(h('i'));
  [...root.children].forEach((bar, i) => {
    const done =
      job.unit !== 'octave'
        ? job.fraction
        : i + 1 < job.octave
          ? 1
          : i + 1 === job.octave
            ? job.iteration / Math.max(1, job.iterations)
            : 0;
    setVars(/** @type {HTMLElement} */ (bar), {
      '--height': count === 1 ? 0.4 : 0.35 + (0.65 * i) / (count - 1),
      '--done': done,
    });
  });
}
