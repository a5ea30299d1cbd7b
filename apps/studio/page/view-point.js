// Point and dream: a click asks the network what it sees there, at four depths; the strongest channels show what they look
// for, their heat where they find it; what is chosen can be dreamed everywhere or only there.
import * as actions from './actions.js';
import { address, post } from './api.js';
import { segments } from './controls.js';
import { button, fill, h, isPhone, setVars } from './dom.js';
import { network } from './draft.js';
import { addKeys } from './keys.js';
import { hear, store } from './store.js';
import { attempt } from './toasts.js';
import { showPanel } from './view-panel.js';
import { words } from './words.js';

/** @typedef {{layer: string, channels: {channel: number, value: number, url: string|null}[]}} Seen */

/** @param {import('./view-dream.js').Parts} parts @param {AbortSignal} signal */
export function mount({ stage, side, viewer, head }, signal) {
  showPanel(side, signal);
  stage.classList.add('is-pointing');
  viewer.setPannable(false);
  const [name, about] = [head.querySelector('button'), head.querySelector('p')];
  const heat = h('canvas', { class: 'heat', hidden: true, 'aria-hidden': 'true' });
  const spot = h('button', { type: 'button', class: 'spot', 'aria-label': words.point.spot });
  const panel = h('section', { class: 'seen', hidden: true, 'aria-label': words.point.panel });
  viewer.overlay.append(heat, spot);
  stage.append(panel);
  const title = () => {
    name.textContent = words.point.title;
    about.textContent = words.point.hint;
  };
  title();
  hear(['dream', 'jobs', 'place'], signal, title);
  const picture = () => (store.dream ? `dream:${store.dream.id}` : store.place.source);
  /** @type {[number, number]} */
  let at = [0.5, 0.5];
  let asked = 0;
  const move = () => {
    setVars(spot, { '--u': at[0], '--v': at[1] });
    placePanel();
  };

  async function ask() {
    move();
    const mine = ++asked;
    panel.hidden = false;
    fill(panel, h('h2', {}, words.point.looking));
    placePanel();
    const answer = await attempt(
      post('/look', { picture: picture(), at, network: network().name }),
    );
    if (mine !== asked || signal.aborted) return;
    if (!answer) {
      panel.hidden = true;
      return;
    }
    showSeen(panel, answer.layers, at, {
      heat,
      picture: picture(),
      signal,
      close: () => {
        panel.hidden = true;
        heat.hidden = true;
      },
    });
    placePanel();
  }

  /** Beside the spot, within the stage; on a phone at the bottom. */
  function placePanel() {
    if (panel.hidden || isPhone()) return;
    const box = stage.getBoundingClientRect(),
      of = viewer.canvas.getBoundingClientRect(),
      own = panel.getBoundingClientRect();
    const x = of.left - box.left + at[0] * of.width,
      y = of.top - box.top + at[1] * of.height;
    const left = x + 50 + own.width < box.width - 12 ? x + 50 : Math.max(70, x - 50 - own.width);
    setVars(panel, {
      '--x': `${left}px`,
      '--y': `${Math.min(Math.max(12, y - 60), box.height - own.height - 12)}px`,
    });
  }

  let down = { x: 0, y: 0 };
  viewer.root.addEventListener(
    'pointerdown',
    event => {
      down = { x: event.clientX, y: event.clientY };
    },
    { signal },
  );
  viewer.root.addEventListener(
    'click',
    event => {
      if (Math.hypot(event.clientX - down.x, event.clientY - down.y) > 6) return;
      const point = viewer.pointAt(event);
      if (!point) return;
      at = point;
      ask();
    },
    { signal },
  );
  // Without a mouse: arrows move the spot, Enter asks
  const nudge = (/** @type {number} */ du, /** @type {number} */ dv) => {
    at = [Math.min(0.999, Math.max(0, at[0] + du)), Math.min(0.999, Math.max(0, at[1] + dv))];
    move();
  };
  addKeys(signal, {
    ArrowLeft: () => nudge(-0.02, 0),
    ArrowRight: () => nudge(0.02, 0),
    ArrowUp: () => nudge(0, -0.02),
    ArrowDown: () => nudge(0, 0.02),
    Enter: ask,
    Escape: () => actions.go('dream'),
  });
  spot.addEventListener('keydown', event => {
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      ask();
    }
  });
  viewer.onplace(() => {
    if (!signal.aborted) placePanel();
  });
  const resized = new ResizeObserver(placePanel);
  resized.observe(panel);
  move();
  signal.addEventListener('abort', () => {
    resized.disconnect();
    for (const part of [heat, spot, panel]) part.remove();
    stage.classList.remove('is-pointing');
    viewer.setPannable(true);
  });
}

/**
 * @param {HTMLElement} panel @param {Seen[]} layers @param {[number, number]} at
 * @param {{heat: HTMLCanvasElement, picture: string, signal: AbortSignal, close: () => void}} on
 */
function showSeen(panel, layers, at, on) {
  const names = layers.length === 4 ? words.point.depths : layers.map(seen => seen.layer);
  let now = Math.min(layers.length - 1, 3);
  /** @type {Set<number>} */
  const chosen = new Set();
  const about = h('p', {}),
    grid = h('div', { class: 'channels' });
  const depth = segments(
    words.panel.depth,
    layers.map((seen, i) => ({ value: String(i), label: names[i] })),
    to => {
      now = Number(to);
      chosen.clear();
      draw();
    },
  );
  const everywhere = button(words.point.everywhere, () => {
    actions.chooseLayers([term()]);
    actions.dream();
    actions.go('dream');
  });
  const here = button(words.point.here, dreamHere, { class: 'button button-main' });
  const term = () => `${layers[now].layer}:${[...chosen].join(',')}`;

  async function dreamHere() {
    const mask = await attempt(
      post('/look/mask', {
        picture: on.picture,
        layer: layers[now].layer,
        channels: [...chosen],
        network: network().name,
      }),
    );
    if (!mask) return;
    actions.chooseLayers([`${term()}@mask=asset:${mask.id}`]);
    await actions.dream();
    actions.go('dream');
  }

  function draw() {
    const { layer, channels } = layers[now],
      most = Math.max(...channels.map(channel => channel.value), 1e-9);
    about.textContent = words.point.about(layer, at);
    const missing = channels.filter(channel => !channel.url).map(channel => channel.channel);
    if (missing.length)
      post(`/atlas/${network().name}/${layer.replaceAll('/', '.')}`, { channels: missing }).catch(
        () => {},
      );
    fill(
      grid,
      channels.slice(0, 12).map(channel => channelButton(channel, most)),
    );
    mark();
  }

  /** @param {Seen['channels'][0]} channel @param {number} most */
  function channelButton(channel, most) {
    const image = h('img', {
      alt: '',
      src: channel.url ? address(channel.url) : null,
      hidden: !channel.url,
    });
    const meter = h('span', { class: 'channel-meter' });
    setVars(meter, { '--part': channel.value / most });
    const root = h(
      'button',
      {
        type: 'button',
        class: 'channel',
        'aria-pressed': 'false',
        'aria-label': words.point.channel(channel.channel, channel.value / most),
        data: { channel: channel.channel, layer: layers[now].layer },
        onclick: () => {
          if (chosen.has(channel.channel)) chosen.delete(channel.channel);
          else chosen.add(channel.channel);
          mark();
          show();
        },
        onpointerenter: () => show(),
        onfocus: () => show(),
      },
      image,
      h('span', { class: 'channel-number' }, channel.channel),
      meter,
    );
    const show = () => showHeat(on.heat, on.picture, layers[now].layer, channel.channel);
    return root;
  }

  function mark() {
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (grid.querySelectorAll('.channel')))
      item.setAttribute('aria-pressed', String(chosen.has(Number(item.dataset.channel))));
    everywhere.disabled = here.disabled = chosen.size === 0;
    here.textContent = chosen.size > 1 ? words.point.hereThese : words.point.here;
  }

  hear(['atlas'], on.signal, (/** @type {any} */ event) => {
    const item = grid.querySelector(
      `[data-channel="${event.channel}"][data-layer="${event.layer}"] img`,
    );
    if (!item) return;
    item.setAttribute('src', address(event.url));
    /** @type {HTMLElement} */ (item).hidden = false;
  });
  fill(
    panel,
    h(
      'div',
      { class: 'seen-head' },
      h('h2', {}, words.point.like),
      button(words.close, on.close, { class: 'link' }),
    ),
    about,
    grid,
    depth.root,
    h('div', { class: 'buttons' }, everywhere, here),
  );
  depth.set(String(now));
  draw();
}

/** Draws where a channel answers, in the accent's colour. @param {HTMLCanvasElement} canvas @param {string} picture @param {string} layer @param {number} channel */
async function showHeat(canvas, picture, layer, channel) {
  const url = address(
    `/look/heat?${new URLSearchParams({ picture, layer, channel: String(channel), network: network().name })}`,
  );
  canvas.dataset.asked = url;
  const image = h('img', { alt: '', src: url });
  try {
    await image.decode();
  } catch {
    return;
  }
  if (canvas.dataset.asked !== url) return;
  canvas.width = image.naturalWidth;
  canvas.height = image.naturalHeight;
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
  for (let i = 0; i < pixels.data.length; i += 4) {
    const warmth = pixels.data[i] / 255;
    pixels.data.set([8 + 247 * warmth, 9 + 170 * warmth, 11 + 70 * warmth, 150 - 40 * warmth], i);
  }
  pen.putImageData(pixels, 0, 0);
  canvas.hidden = false;
}
