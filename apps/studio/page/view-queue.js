// The queue: what is dreamed now and what waits, in order; stop, take off, pause, and move ahead.
import * as actions from './actions.js';
import { address, patch, post, sourceAddress } from './api.js';
import { fill, h, icon, iconButton, openPopover, setVars } from './dom.js';
import { refreshQueue, store, watch } from './store.js';
import { attempt } from './toasts.js';
import { describe } from './view-running.js';
import { words } from './words.js';

/** @param {HTMLElement} by */
export function openQueue(by) {
  const closed = new AbortController();
  const list = h('div', { class: 'queue-list' });
  const pause = h('button', {
    type: 'button',
    class: 'link',
    onclick: async () => {
      await attempt(patch('/jobs', { paused: !store.paused }));
      await refreshQueue();
    },
  });
  const root = openPopover(
    by,
    words.queue.title,
    [h('div', { class: 'queue-head' }, h('h2', {}, words.queue.title), pause), list],
    { class: 'popover-queue', onclose: () => closed.abort() },
  );
  if (!root) return;
  /** @type {Map<string, ReturnType<typeof row>>} */
  const rows = new Map();
  watch(['jobs'], closed.signal, () => {
    const jobs = store.jobs.filter(job => job.class !== 'draft');
    pause.textContent = store.paused ? words.queue.goOn : words.queue.pauseAfter;
    for (const id of [...rows.keys()])
      if (!jobs.some(job => job.id === id)) {
        rows.get(id).root.remove();
        rows.delete(id);
      }
    jobs.forEach((job, i) => {
      if (!rows.has(job.id)) rows.set(job.id, row(job.id));
      const entry = rows.get(job.id);
      entry.update(job, jobs[i - 1]);
      if (list.children[i] !== entry.root) list.insertBefore(entry.root, list.children[i] ?? null);
    });
    list.classList.toggle('is-empty', !jobs.length);
    if (!jobs.length) fill(list, h('p', { class: 'mute' }, words.queue.empty));
  });
}

/** @param {string} id */
function row(id) {
  const job = () => store.jobs.find(other => other.id === id);
  const thumb = h('img', { alt: '' }),
    sign = h('span', { class: 'job-sign', hidden: true }, icon('film'));
  const name = h('b', {}),
    about = h('span', {}),
    bar = h('div', { class: 'progress' });
  /** @type {import('./store.js').Job} */
  let ahead = null;
  const up = iconButton('up', words.queue.up, async () => {
    await attempt(patch(`/jobs/${id}`, { before: ahead.id }));
    await refreshQueue();
  });
  const pause = iconButton('pause', words.queue.pause, async () => {
    await attempt(patch(`/jobs/${id}`, { paused: job().state !== 'paused' }));
    await refreshQueue();
  });
  const end = iconButton('close', words.queue.remove, () => actions.cancel(job()));
  const keep = iconButton('check', words.running.stopKeeps, async () => {
    await attempt(post(`/jobs/${id}/keep`, {}));
    await refreshQueue();
  });
  const root = h(
    'div',
    { class: 'job' },
    h('span', { class: 'job-picture' }, thumb, sign),
    h('div', { class: 'job-text' }, name, about),
    h('div', { class: 'job-buttons' }, up, pause, keep, end),
    bar,
  );
  return {
    root,
    update(
      /** @type {import('./store.js').Job} */ now,
      /** @type {import('./store.js').Job|undefined} */ before,
    ) {
      const running = now.state === 'running' || now.state === 'cancelling',
        film = now.kind !== 'image';
      ahead = before?.state === 'waiting' ? before : null;
      const text = describe(now);
      name.textContent = now.name || words.kinds[/** @type {'zoom'} */ (now.kind)] || now.kind;
      about.textContent = [
        text.what,
        text.left,
        film && !running && now.total ? words.running.unit(now.unit, now.done, now.total) : '',
      ]
        .filter(Boolean)
        .join('  ·  ');
      const url =
        now.preview && now.kind !== 'fetch'
          ? address(now.preview)
          : now.source
            ? sourceAddress(now.source, 'thumb?h=100')
            : '';
      if (url && thumb.getAttribute('src') !== url) thumb.src = url;
      thumb.hidden = !url;
      sign.hidden = !!url;
      root.classList.toggle('is-running', running);
      setVars(bar, { '--done': now.fraction ?? 0 });
      bar.hidden = !running && !(now.fraction > 0);
      up.hidden = !ahead;
      pause.hidden = !film || now.kind === 'fetch';
      fill(pause, icon(now.state === 'paused' ? 'play' : 'pause'));
      pause.setAttribute(
        'aria-label',
        now.state === 'paused' ? words.queue.resume : words.queue.pause,
      );
      keep.hidden = !running || now.kind === 'fetch';
      end.setAttribute('aria-label', running ? words.queue.cancel : words.queue.remove);
      end.title = running ? words.queue.cancel : words.queue.remove;
      end.disabled = now.state === 'cancelling';
    },
  };
}
