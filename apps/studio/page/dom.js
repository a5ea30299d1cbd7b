// Elements without a framework: h() makes one, and a few helpers for what every view needs.
// Text enters the page only as text nodes, so names and messages are never read as markup.
import { words } from './words.js';

/** @typedef {Node | string | number | null | undefined | false} Child */

const properties = new Set([
  'value',
  'checked',
  'disabled',
  'hidden',
  'htmlFor',
  'min',
  'max',
  'step',
  'src',
  'tabIndex',
]);

/**
 * Makes an element. Functions named on... become listeners, `vars` custom properties of CSS, `class` its classes.
 * Attributes whose value is null or false are left out.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {Record<string, any>} [props]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (value === null || value === undefined) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (key === 'class') element.className = value;
    else if (key === 'vars') setVars(element, value);
    else if (key === 'data') Object.assign(element.dataset, value);
    else if (properties.has(key)) /** @type {any} */ (element)[key] = value;
    else if (key.startsWith('aria-')) element.setAttribute(key, String(value));
    else if (value !== false) element.setAttribute(key, value === true ? '' : String(value));
  }
  element.append(...nodes(children));
  return element;
}

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
  return children
    .flat()
    .filter(child => child !== null && child !== undefined && child !== false)
    .map(child =>
      typeof child === 'number' ? String(child) : /** @type {Node | string} */ (child),
    );
}

/**
 * Replaces what an element holds.
 * @param {Element} parent
 * @param {...(Child | Child[])} children
 */
export function fill(parent, ...children) {
  parent.replaceChildren(...nodes(children));
}

/**
 * Sets custom properties of CSS; styles never stand in markup (the page's content security policy).
 * @param {HTMLElement | SVGElement} element
 * @param {Record<string, string | number>} vars
 */
export function setVars(element, vars) {
  for (const [name, value] of Object.entries(vars)) element.style.setProperty(name, String(value));
}

/**
 * An icon of the sprite in index.html.
 * @param {string} name
 * @param {string} [className]
 */
export function icon(name, className = 'icon') {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('class', className);
  svg.setAttribute('aria-hidden', 'true');
  const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
  use.setAttribute('href', `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button with an icon only; its name is read aloud and shown as a tooltip.
 * @param {string} name the icon
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, any>} [props]
 */
export function iconButton(name, label, onclick, props = {}) {
  return h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': label, title: label, onclick, ...props },
    icon(name),
  );
}

/**
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 * @param {Record<string, any>} [props] `icon` names an icon that stands before the label
 */
export function button(label, onclick, props = {}) {
  const { icon: name, ...rest } = props;
  return h(
    'button',
    { type: 'button', class: 'button', onclick, ...rest },
    name && icon(name),
    label,
  );
}

/** @param {string} selector @param {ParentNode} [root] @returns {HTMLElement} */
export const find = (selector, root = document) => root.querySelector(selector);

/**
 * Calls a function once it has not been asked for during `ms` milliseconds.
 * @template {any[]} A
 * @param {(...args: A) => void} work
 * @param {number} ms
 */
export function rested(work, ms) {
  let timer = 0;
  return (/** @type {A} */ ...args) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => work(...args), ms);
  };
}

/** Whether the layout is the phone's. */
export const isPhone = () => matchMedia('(max-width: 760px)').matches;

/** Whether the user asked for less motion. */
export const isCalm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/**
 * Opens a modal dialog. It closes by Escape, by a click beside it, and by its button.
 * @param {string} title
 * @param {HTMLElement | HTMLElement[]} content
 * @param {{class?: string, note?: string}} [options]
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, content, options = {}) {
  const dialog = h(
    'dialog',
    { class: `dialog ${options.class ?? ''}`, 'aria-label': title },
    h(
      'div',
      { class: 'dialog-head' },
      h('h2', { tabIndex: -1, autofocus: true }, title),
      options.note && h('p', {}, options.note),
      iconButton('close', words.close, () => dialog.close()),
    ),
    ...[content].flat(),
  );
  dialog.addEventListener('click', event => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/** @type {{root: HTMLElement, by: HTMLElement, leave: () => void}} */
let popover = null;

/** Closes the open popover, if any. @param {boolean} [refocus] */
export function closePopover(refocus = false) {
  if (!popover) return;
  const { root, by, leave } = popover;
  popover = null;
  root.remove();
  by.setAttribute('aria-expanded', 'false');
  leave();
  if (refocus) by.focus();
}

/**
 * Opens a panel that hangs at a button; a second call for the same button closes it.
 * @param {HTMLElement} by
 * @param {string} label
 * @param {HTMLElement | HTMLElement[]} content
 * @param {{class?: string, onclose?: () => void}} [options]
 */
export function openPopover(by, label, content, options = {}) {
  const again = popover?.by === by;
  closePopover();
  if (again) return null;
  const root = h(
    'div',
    { class: `popover ${options.class ?? ''}`, role: 'dialog', 'aria-label': label },
    ...[content].flat(),
  );
  document.body.append(root);
  by.setAttribute('aria-expanded', 'true');
  const place = () => placeBeside(root, by);
  const outside = (/** @type {Event} */ event) => {
    const target = /** @type {Node} */ (event.target);
    if (!root.contains(target) && !by.contains(target)) closePopover();
  };
  const resized = new ResizeObserver(place);
  resized.observe(root);
  addEventListener('pointerdown', outside, true);
  addEventListener('resize', place);
  popover = {
    root,
    by,
    leave: () => {
      resized.disconnect();
      removeEventListener('pointerdown', outside, true);
      removeEventListener('resize', place);
      options.onclose?.();
    },
  };
  place();
  // Keys go on inside: a menu at its first item, a panel at itself
  root.tabIndex = -1;
  /** @type {HTMLElement} */ (root.querySelector('.menu-item') ?? root).focus({
    preventScroll: true,
  });
  return root;
}

/** Whether a popover is open. */
export const hasPopover = () => popover !== null;

/** @param {HTMLElement} root @param {HTMLElement} by */
function placeBeside(root, by) {
  const at = by.getBoundingClientRect(),
    own = root.getBoundingClientRect(),
    gap = 8;
  const below = at.bottom + gap + own.height < innerHeight - gap;
  const top = below ? at.bottom + gap : Math.max(gap, at.top - gap - own.height);
  const left = Math.min(Math.max(gap, at.right - own.width), innerWidth - gap - own.width);
  setVars(root, {
    '--left': `${Math.max(gap, left)}px`,
    '--top': `${Math.max(gap, Math.min(top, innerHeight - own.height - gap))}px`,
  });
}
