// The atlas: what every channel of a layer looks for. Pictures are made in the order in which they are looked at, while
// nothing else is dreamed. Each layer and channel has an address: #atlas/reverie-4/4c.output/36.
import * as actions from './actions.js';
import { address, get, post } from './api.js';
import { button, fill, h, iconButton, rested } from './dom.js';
import { layerName, lookOf, network } from './draft.js';
import { hear, store, watch } from './store.js';
import { attempt, toast } from './toasts.js';
import { words } from './words.js';

/** @typedef {{name: string, channels: number, stride: number, receptive_field: number}} Layer */

/** @param {HTMLElement} root @param {AbortSignal} signal */
export async function mount(root, signal) {
  const list = h('nav', { class: 'atlas-layers', 'aria-label': words.atlas.layers });
  const middle = h('section', { class: 'atlas-grid', 'aria-label': words.atlas.channels });
  const detail = h('aside', {
    class: 'atlas-detail',
    'aria-label': words.atlas.channelOpen,
    hidden: true,
  });
  const page = h('div', { class: 'atlas' }, list, middle, detail);
  root.append(page);
  const asked = actions.route();
  const name =
    asked[1] && store.networks.some(other => other.name === asked[1]) ? asked[1] : network().name;
  const of = await attempt(get(`/networks/${name}`));
  if (!of || signal.aborted) return;
  /** @type {{layer: string, channel: number|null}} */
  const open = { layer: '', channel: null };
  /** Pictures that are ready, of the open layer. @type {Map<number, string>} */
  let ready = new Map();
  const follow = async () => {
    if (actions.route()[0] !== 'atlas') return;
    const [, , layer, channel] = actions.route();
    const next = layer ? layer.replace('.', '/') : layerName(store.place.draft.layer?.[0] ?? '');
    const known = of.layers.find(
      (/** @type {Layer} */ other) => other.name === next || other.name === layer,
    );
    const target = known?.name ?? lookOf(next, name)?.layers[0] ?? of.default_layer;
    open.channel = channel === undefined ? null : Number(channel);
    if (open.layer !== target) {
      open.layer = target;
      await openLayer();
    }
    showDetail();
  };
  addEventListener('hashchange', follow, { signal });
  watch(['looks'], signal, () => {
    showLayers();
    markLayer();
  });

  function showLayers() {
    const isGood = (/** @type {Layer} */ layer) => of.good_layers.includes(layer.name);
    const good = of.layers
      .filter(isGood)
      .sort(
        (/** @type {Layer} */ a, /** @type {Layer} */ b) =>
          of.good_layers.indexOf(a.name) - of.good_layers.indexOf(b.name),
      );
    const rest = of.layers.filter(
      (/** @type {Layer} */ layer) => !isGood(layer) && layer.channels > 1,
    );
    const more = h(
      'details',
      { class: 'atlas-more' },
      h('summary', {}, words.atlas.further(rest.length)),
      rest.map(layerLink),
    );
    fill(
      list,
      good.map(layerLink),
      h('p', { class: 'faint' }, words.atlas.deeper),
      rest.length > 0 && more,
    );
  }

  /** @param {Layer} layer */
  function layerLink(layer) {
    const look = lookOf(layer.name, name),
      url = look && store.looks.get(look.name);
    return h(
      'a',
      { class: 'layer', href: link(layer.name), data: { layer: layer.name } },
      h('span', { class: 'layer-picture' }, h('img', { alt: '', src: url, hidden: !url })),
      h(
        'span',
        { class: 'layer-text' },
        h('b', {}, look?.name ?? layer.name),
        look && h('small', {}, layer.name),
      ),
      h('small', { class: 'layer-sees' }, words.px(layer.receptive_field)),
    );
  }

  /** @param {string} layer @param {number} [channel] */
  function link(layer, channel) {
    return `#atlas/${name}/${layer.replaceAll('/', '.')}${channel === undefined ? '' : `/${channel}`}`;
  }

  async function openLayer() {
    const layer = open.layer,
      about = of.layers.find((/** @type {Layer} */ other) => other.name === layer);
    markLayer();
    const answer = await attempt(get(`/atlas/${name}/${layer.replaceAll('/', '.')}`));
    if (!answer || open.layer !== layer || signal.aborted) return;
    ready = new Map(
      answer.ready.map((/** @type {number} */ channel) => [channel, pictureOf(layer, channel)]),
    );
    const look = lookOf(layer, name);
    const grid = h(
      'div',
      { class: 'channel-grid' },
      Array.from({ length: answer.channels }, (_, channel) => channelLink(layer, channel)),
    );
    fill(
      middle,
      h(
        'div',
        { class: 'atlas-head' },
        h('h1', {}, look?.name ?? layer),
        h(
          'p',
          { class: 'mute' },
          [
            look ? layer : '',
            words.atlas.count(answer.channels),
            about?.receptive_field ? words.atlas.field(about.receptive_field) : '',
            name,
          ]
            .filter(Boolean)
            .flatMap((part, n) => [n ? '  ·  ' : '', h('span', {}, part)]),
        ),
      ),
      grid,
    );
    watchSight(grid, layer);
    markChannel();
  }

  function markLayer() {
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('.layer'))) {
      if (item.dataset.layer === open.layer) {
        item.setAttribute('aria-current', 'true');
        item.scrollIntoView({ block: 'nearest', inline: 'nearest' });
      } else item.removeAttribute('aria-current');
    }
  }

  /** @param {string} layer @param {number} channel */
  const pictureOf = (layer, channel) =>
    address(`/atlas/${name}/${layer.replaceAll('/', '.')}/${channel}.jpg`);

  /** @param {string} layer @param {number} channel */
  function channelLink(layer, channel) {
    const url = ready.get(channel);
    return h(
      'a',
      {
        class: 'channel',
        href: link(layer, channel),
        data: { channel },
        'aria-label': words.atlas.channel(channel),
      },
      h('img', { alt: '', loading: 'lazy', hidden: !url, src: url }),
      h('span', { class: 'channel-number' }, channel),
    );
  }

  /** Asks for the pictures in sight; those that were passed by are not waited for. @param {HTMLElement} grid @param {string} layer */
  function watchSight(grid, layer) {
    /** @type {Set<number>} */
    const seen = new Set();
    const ask = rested(() => {
      const channels = [...seen].filter(channel => !ready.has(channel)).sort((a, b) => a - b);
      if (channels.length && open.layer === layer && !signal.aborted)
        post(`/atlas/${name}/${layer.replaceAll('/', '.')}`, { channels }).catch(() => {});
    }, 250);
    const sight = new IntersectionObserver(
      entries => {
        for (const entry of entries) {
          const channel = Number(/** @type {HTMLElement} */ (entry.target).dataset.channel);
          if (entry.isIntersecting) seen.add(channel);
          else seen.delete(channel);
        }
        ask();
      },
      { root: middle },
    );
    for (const item of grid.children) sight.observe(item);
    signal.addEventListener('abort', () => sight.disconnect());
  }

  function markChannel() {
    for (const item of /** @type {NodeListOf<HTMLElement>} */ (middle.querySelectorAll('.channel')))
      if (Number(item.dataset.channel) === open.channel) item.setAttribute('aria-current', 'true');
      else item.removeAttribute('aria-current');
  }

  function showDetail() {
    markChannel();
    detail.hidden = open.channel === null;
    page.classList.toggle('has-detail', open.channel !== null);
    if (open.channel === null) return;
    const { layer, channel } = open,
      term = `${layer}:${channel}`,
      url = ready.get(channel);
    const near = [1, 2, 3, 4].map(
      step => (channel + step) % Math.max(1, middle.querySelectorAll('.channel').length),
    );
    const missing = [channel, ...near].filter(other => !ready.has(other));
    if (missing.length)
      post(`/atlas/${name}/${layer.replaceAll('/', '.')}`, { channels: missing }).catch(() => {});
    const layers = store.place.draft.layer ?? [];
    fill(
      detail,
      iconButton('close', words.close, () => actions.go(link(layer).slice(1)), {
        class: 'icon-button atlas-close',
      }),
      h(
        'div',
        { class: 'channel-large' },
        h('img', { alt: words.atlas.channel(channel), hidden: !url, src: url }),
        h('p', { class: 'faint' }, words.atlas.making),
      ),
      h('h2', {}, words.atlas.channel(channel)),
      h('p', { class: 'mute' }, words.atlas.looksFor(term)),
      h(
        'div',
        { class: 'buttons' },
        button(
          words.atlas.dream,
          async () => {
            actions.chooseLayers([term]);
            if (!store.place.source) {
              toast(words.atlas.noPicture);
              actions.go('dream');
              return;
            }
            actions.go('dream');
            await actions.dream();
          },
          { class: 'button button-main' },
        ),
        button(
          layers.includes(term) ? words.atlas.added : words.atlas.add,
          () => {
            actions.chooseLayers([...layers, term]);
            toast(words.atlas.addedTo(term));
            showDetail();
          },
          { disabled: layers.includes(term) },
        ),
      ),
      h('div', { class: 'section' }, h('h3', {}, words.atlas.near)),
      h(
        'div',
        { class: 'channels' },
        near.map(other => channelLink(layer, other)),
      ),
    );
  }

  hear(
    ['atlas'],
    signal,
    (/** @type {{network: string, layer: string, channel: number, url: string}} */ event) => {
      if (event.network !== name || event.layer !== open.layer) return;
      ready.set(event.channel, address(event.url));
      for (const image of /** @type {NodeListOf<HTMLImageElement>} */ (
        page.querySelectorAll(`[data-channel="${event.channel}"] img`)
      )) {
        image.src = address(event.url);
        image.hidden = false;
      }
      if (event.channel === open.channel) showDetail();
    },
  );
  await follow();
}
