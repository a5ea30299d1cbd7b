// What the page asks of the server (docs/studio-api.md), and the stream of events that comes back.
import { words } from './words.js';

const base = '/api/1';
const channel = 'BroadcastChannel' in window ? new BroadcastChannel('reverie') : null;
let token = '',
  prefix = '';

/** An answer of the server that is an error; its message is the library's own sentence. */
export class ApiError extends Error {
  /** @param {number} status @param {{kind?: string, message?: string, remedy?: string}} error */
  constructor(status, error) {
    super(error.message || words.errors.status(status));
    this.status = status;
    this.kind = error.kind ?? '';
    this.remedy = error.remedy ?? '';
  }
}

/**
 * Takes the key from the address, this tab's memory or another tab.
 * Errors: ApiError where there is none.
 */
export async function connect() {
  const stated = new URLSearchParams(location.hash.slice(1)).get('k');
  if (stated) {
    sessionStorage.setItem('key', stated);
    sessionStorage.removeItem('prefix');
    history.replaceState(null, '', location.pathname);
  }
  token = sessionStorage.getItem('key') || (await keyOfAnotherTab());
  if (!token) throw new ApiError(403, { kind: 'NoKey', message: words.errors.noKey });
  sessionStorage.setItem('key', token);
}

/** Takes this tab's session, so that pictures keep their addresses, else opens one. Errors: ApiError for a wrong key. */
export async function resumeSession() {
  prefix = sessionStorage.getItem('prefix') ?? '';
  if (!prefix || !(await fetch(`${prefix}${base}/state`)).ok) await openSession();
}

/** Pictures and events, which cannot send the key, are read below a prefix that is as secret. */
async function openSession() {
  prefix = (await post('/session', {})).prefix;
  sessionStorage.setItem('prefix', prefix);
}

// Another tab answers within a moment, or there is none.
channel?.addEventListener('message', ({ data }) => {
  if (data.type === 'key?' && token) channel.postMessage({ type: 'key', key: token });
});

/** @returns {Promise<string>} */
function keyOfAnotherTab() {
  if (!channel) return Promise.resolve('');
  return new Promise(resolve => {
    const listen = (/** @type {MessageEvent} */ { data }) => {
      if (data.type === 'key') done(data.key);
    };
    const done = (/** @type {string} */ key) => {
      channel.removeEventListener('message', listen);
      resolve(key);
    };
    channel.addEventListener('message', listen);
    channel.postMessage({ type: 'key?' });
    setTimeout(() => done(''), 400);
  });
}

/**
 * @param {string} method
 * @param {string} path
 * @param {any} [body] JSON, or a Blob, which is sent as it is
 * @param {Record<string, string>} [headers]
 * @param {boolean} [keepalive]
 * @returns {Promise<Response>}
 */
async function request(method, path, body, headers = {}, keepalive = false) {
  const raw = body instanceof Blob;
  let response;
  try {
    response = await fetch(base + path, {
      method,
      keepalive,
      headers: {
        Authorization: `Reverie ${token}`,
        ...(body === undefined || raw ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      body: body === undefined ? undefined : raw ? body : JSON.stringify(body),
    });
  } catch {
    throw new ApiError(0, { kind: 'Unreachable', message: words.errors.unreachable });
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => ({}));
  throw new ApiError(response.status, answer.error ?? {});
}

/** @param {string} path @returns {Promise<any>} */
export const get = async path => (await request('GET', path)).json();
/** Whether the server has an answer at a path. @param {string} path */
export const has = async path => (await fetch(address(path))).ok;
/** @param {string} path @param {any} body @returns {Promise<any>} */
export const post = async (path, body) => (await request('POST', path, body)).json();
/** @param {string} path @param {any} body @param {boolean} [outlive] even if the page closes @returns {Promise<any>} */
export const patch = async (path, body, outlive = false) =>
  (await request('PATCH', path, body, {}, outlive)).json();
/** @param {string} path @returns {Promise<any>} */
export const remove = async path => (await request('DELETE', path)).json();

/**
 * Sends a file; the same bytes twice are one asset.
 * @param {Blob} file
 * @param {string} name
 * @returns {Promise<import('./store.js').Asset>}
 */
export async function upload(file, name) {
  const type = /^(image|video)\//.test(file.type) ? file.type : 'application/octet-stream';
  return (
    await request('POST', '/assets', file, {
      'Content-Type': type,
      'X-Name': encodeURIComponent(name),
    })
  ).json();
}

/**
 * The bytes of a dream in another format.
 * @param {string} id
 * @param {{format: string, bits: number, quality: number, recipe: boolean}} options
 * @returns {Promise<{bytes: Blob, name: string}>}
 */
export async function exportDream(id, options) {
  const response = await request('POST', `/dreams/${id}/export`, options);
  const stated = response.headers.get('Content-Disposition') ?? '';
  const name =
    /filename\*=UTF-8''([^;]+)/.exec(stated)?.[1] ?? /filename="([^"]+)"/.exec(stated)?.[1] ?? '';
  return { bytes: await response.blob(), name: decodeURIComponent(name) };
}

/**
 * The address of a picture or film for <img> and <video>, which cannot send the key.
 * @param {string} path with or without /api/1
 */
export const address = path => prefix + (path.startsWith(base) ? path : base + path);

/**
 * The address of what "asset:HEX" or "dream:ID" names.
 * @param {string} source
 * @param {string} part view, file, thumb?h=200
 */
export function sourceAddress(source, part) {
  const [kind, id] = source.split(':');
  return address(`/${kind}s/${id}/${part}`);
}

/**
 * Calls `receive(name, data)` for each event of the server. One tab holds the stream and passes events on to the others,
 * because a browser opens only six connections to a server; where tabs cannot agree on one, each has its own.
 * @param {(name: string, data: any) => void} receive
 * @param {(connected: boolean) => void} onconnection
 */
export function listen(receive, onconnection) {
  channel?.addEventListener('message', ({ data }) => {
    if (data.type === 'event') receive(data.name, data.data);
  });
  if (channel && navigator.locks)
    navigator.locks.request(
      'reverie-events',
      () => new Promise(() => openStream(receive, onconnection)),
    );
  else openStream(receive, onconnection);
}

const eventNames = [
  'job',
  'preview',
  'dream',
  'asset',
  'look',
  'atlas',
  'network',
  'state',
  'resync',
  'bye',
];

/** @param {(name: string, data: any) => void} receive @param {(connected: boolean) => void} onconnection */
function openStream(receive, onconnection) {
  const stream = new EventSource(address('/events'));
  const pass = (/** @type {string} */ name, /** @type {any} */ data) => {
    receive(name, data);
    channel?.postMessage({ type: 'event', name, data });
  };
  stream.onopen = () => {
    onconnection(true);
    pass('resync', {}); // what happened before the stream was open is not in it
  };
  stream.onerror = () => {
    onconnection(false);
    if (stream.readyState === EventSource.CLOSED) reopen(receive, onconnection);
  };
  for (const name of eventNames)
    stream.addEventListener(name, event =>
      pass(name, JSON.parse(/** @type {MessageEvent} */ (event).data || '{}')),
    );
}

/** A server that was started again does not know the session; it may still know the key. @param {(name: string, data: any) => void} receive @param {(connected: boolean) => void} onconnection */
async function reopen(receive, onconnection) {
  try {
    await openSession();
    openStream(receive, onconnection);
  } catch (error) {
    if (error.status === 403) receive('closed', {});
    else setTimeout(() => reopen(receive, onconnection), 2000);
  }
}
