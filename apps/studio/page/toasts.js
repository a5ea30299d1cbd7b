// Messages: errors stay until they are read; notes leave by themselves. Progress is read aloud, at most every five seconds.
import { button, find, h, iconButton } from './dom.js';
import { words } from './words.js';

/**
 * @param {string} message
 * @param {{action?: string, onaction?: () => void, error?: boolean}} [options]
 */
export function toast(message, options = {}) {
  const host = find('#toasts');
  for (const old of host.children) if (old.firstChild.textContent === message) old.remove();
  const root = h(
    'div',
    {
      class: options.error ? 'toast toast-error' : 'toast',
      role: options.error ? 'alert' : 'status',
    },
    h('p', {}, message),
    options.action &&
      button(options.action, () => {
        root.remove();
        options.onaction();
      }),
    iconButton('close', words.close, () => root.remove()),
  );
  host.append(root);
  if (!options.error) setTimeout(() => root.remove(), options.action ? 8000 : 4000);
  while (host.children.length > 4) host.firstElementChild.remove();
}

/**
 * Runs work that asks the server; what goes wrong is said in the library's own sentence.
 * @template T
 * @param {Promise<T>} work
 * @returns {Promise<T|undefined>}
 */
export async function attempt(work) {
  try {
    return await work;
  } catch (error) {
    sayError(error);
    return undefined;
  }
}

/** @param {any} error */
export function sayError(error) {
  toast(error.remedy ? `${error.message}. ${error.remedy}` : error.message, { error: true });
}

let lastSaid = 0;

/** Tells a screen reader how far a dream is. @param {string} text @param {boolean} [now] whatever was said before */
export function say(text, now = false) {
  if (!now && Date.now() - lastSaid < 5000) return;
  lastSaid = Date.now();
  find('#live').textContent = text;
}
