// The first view: a sky already half dreamed, and three ways to begin. Nothing starts unasked.
import { openSky } from './actions.js';
import { button, h, isPhone } from './dom.js';
import { chooseFile } from './view-drop.js';
import { words } from './words.js';

/** @param {HTMLElement} root */
export function mount(root) {
  const text = isPhone() ? words.first.phone : words.first.desktop;
  root.append(
    h(
      'div',
      { class: 'first' },
      h('img', { class: 'first-sky', src: 'first.jpg', alt: '' }),
      h('div', { class: 'first-frame' }),
      h(
        'div',
        { class: 'welcome' },
        h('h1', {}, text.title[0], h('br'), text.title[1]),
        h('p', {}, text.promise),
        h(
          'div',
          { class: 'buttons' },
          button(text.open, () => chooseFile(), { class: 'button button-main' }),
          button(words.first.sky, () => openSky()),
        ),
        h(
          'small',
          {},
          words.first.paste,
          ' ',
          h('kbd', {}, 'Ctrl'),
          ' ',
          h('kbd', {}, 'V'),
          '  ·  ',
          words.first.recipe,
        ),
      ),
    ),
  );
}
