// The button that dreams, with the size and what it costs.
import * as actions from './actions.js';
import { post } from './api.js';
import { h, icon, openPopover, rested } from './dom.js';
import { choose, jobRequest, value } from './draft.js';
import { store, tell, watch } from './store.js';
import { words } from './words.js';

/** The button that dreams, with what it costs. @param {AbortSignal} signal */
export function showGo(signal) {
  const go = h(
    'button',
    { type: 'button', class: 'go-button', onclick: () => actions.dream() },
    words.panel.dream,
  );
  const size = h('button', {
    type: 'button',
    class: 'size',
    'aria-haspopup': 'dialog',
    'aria-expanded': 'false',
    onclick: () => openSizes(size),
  });
  const cost = h('span', {});
  const root = h(
    'div',
    { class: 'go' },
    h(
      'button',
      {
        type: 'button',
        class: 'square',
        'aria-label': words.history.title,
        onclick: () => document.body.classList.toggle('past-open'),
      },
      icon('history'),
    ),
    go,
    h(
      'a',
      { class: 'square', href: '#settings', 'aria-label': words.settings.title },
      icon('sliders'),
    ),
    h('div', { class: 'cost' }, size, cost),
  );
  const ask = rested(async () => {
    if (!store.place.source) return;
    try {
      store.estimate = await post('/estimate', jobRequest());
    } catch {
      store.estimate = null;
    }
    tell('estimate');
  }, 300);
  watch(['draft', 'place'], signal, ask);
  watch(['estimate', 'draft', 'place'], signal, () => {
    const estimate = store.estimate;
    size.textContent = estimate
      ? words.px(Math.max(estimate.width, estimate.height))
      : value('size')
        ? words.px(value('size'))
        : words.panel.itsSize;
    cost.textContent = estimate && estimate.seconds >= 0 ? words.about(estimate.seconds) : '';
    cost.title = estimate?.megabytes ? words.memory(estimate.megabytes) : '';
  });
  return root;
}

/** @param {HTMLElement} by */
function openSizes(by) {
  const own = Math.max(store.source?.width ?? 0, store.source?.height ?? 0);
  const pick = (/** @type {string} */ to) => {
    choose('size', to);
    openPopover(by, '', []);
  };
  const sizes = [384, 512, 768, 1024, 1536, 2048, 3072, 4096].filter(
    side => side < own * 2 || side <= 1024,
  );
  const now = String(value('size'));
  const exact = h('input', {
    class: 'text',
    type: 'text',
    inputmode: 'numeric',
    placeholder: words.panel.sizePlaceholder,
    'aria-label': words.panel.sizeExact,
    value: sizes.map(String).includes(now) ? '' : now,
    onchange: () => {
      if (/^\d+(x\d+)?$/.test(exact.value.trim())) pick(exact.value.trim());
    },
  });
  openPopover(
    by,
    words.panel.size,
    [
      h(
        'button',
        {
          type: 'button',
          class: 'menu-item',
          'aria-pressed': String(now === ''),
          onclick: () => pick(''),
        },
        words.panel.itsSize,
        h('small', {}, own ? words.px(own) : ''),
      ),
      ...sizes.map(side =>
        h(
          'button',
          {
            type: 'button',
            class: 'menu-item',
            'aria-pressed': String(now === String(side)),
            onclick: () => pick(String(side)),
          },
          words.px(side),
        ),
      ),
      exact,
    ],
    { class: 'menu menu-sizes' },
  );
}
