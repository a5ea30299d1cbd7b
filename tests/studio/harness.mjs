// What every test needs: a studio of its own on an empty folder, pages in a browser, small pictures, screenshots.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { deflateSync } from 'node:zlib';

const { chromium } = createRequire(join(process.env.REVERIE_NODE_MODULES, 'x.js'))(
  'playwright-core',
);
export const sizes = {
  desktop: { width: 1440, height: 900 },
  tablet: { width: 1024, height: 768 },
  phone: { width: 390, height: 844 },
};
const pictures = process.env.REVERIE_STUDIO_PICTURES;

let browser;

/** One browser for all files; closed when the last test has ended. */
async function theBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.REVERIE_CHROMIUM,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return browser;
}
after(async () => {
  await browser?.close();
});

/** A port that is free now. */
const freePort = () =>
  new Promise(resolve => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Starts a studio; `url` has the key. */
export async function startStudio() {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'reverie-studio-'));
  const server = spawn(
    process.env.REVERIE_STUDIO,
    ['serve', '--port', String(port), '--no-open', '--no-fetch', '--folder', folder],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  const url = await new Promise((resolve, reject) => {
    const listen = chunk => {
      said += chunk;
      const found = /http:\/\/\S+#k=\w+/.exec(said);
      if (found) resolve(found[0]);
    };
    server.stdout.on('data', listen);
    server.stderr.on('data', listen);
    server.on('exit', code => reject(new Error(`the studio left with ${code}: ${said}`)));
    setTimeout(() => reject(new Error(`the studio does not begin: ${said}`)), 20000).unref();
  });
  const stop = () =>
    new Promise(resolve => {
      server.removeAllListeners('exit');
      server.on('exit', () => {
        rmSync(folder, { recursive: true, force: true });
        resolve();
      });
      server.kill('SIGTERM');
      setTimeout(() => server.kill('SIGKILL'), 5000).unref();
    });
  return { url, folder, stop, said: () => said };
}

/** Drafts, which have a test of their own, would only take time from the others. */
async function noDrafts(url) {
  const [origin, key] = url.split('/#k=');
  await fetch(`${origin}/api/1/state`, {
    method: 'PATCH',
    headers: { Authorization: `Reverie ${key}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ drafts: false }),
  });
}

/** Whether the studio at an address, with its key, has something at a path of the API. */
async function answers(url, path) {
  const [origin, key] = url.split('/#k=');
  const headers = { Authorization: `Reverie ${key}` };
  return (await fetch(`${origin}/api/1${path}`, { headers })).ok;
}

/**
 * Tests of one view: `studio(name, tests)`; each test gets functions that open pages of the view's own studio.
 * @param {string} view
 * @param {(use: any) => void} describe
 */
export function studio(view, describe) {
  const use = { url: '', problems: [] };
  let running;
  /** Opens the page; errors of its console fail the test. */
  use.open = async (size = 'desktop', hash = '') => {
    const context = await (
      await theBrowser()
    ).newContext({
      viewport: sizes[size],
      hasTouch: size === 'phone',
      reducedMotion: 'reduce',
      acceptDownloads: true,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(10000);
    page.on('pageerror', error => use.problems.push(`${error.message}`));
    page.on('console', message => {
      // Chromium reports every refusal as an error of the page, those that the page expects, too
      if (message.type() === 'error' && !/status of 4\d\d/.test(message.text()))
        use.problems.push(message.text());
    });
    await page.goto(use.url);
    await page.waitForSelector('#view > *');
    if (hash) await go(page, hash);
    return page;
  };
  /** Keeps a screenshot, where a folder is named. */
  use.picture = async (page, name) => {
    if (!pictures) return;
    mkdirSync(pictures, { recursive: true });
    const width = page.viewportSize().width;
    const size = Object.keys(sizes).find(key => sizes[key].width === width);
    await page.screenshot({ path: join(pictures, `${name}-${size}.png`) });
  };
  /** What the pages look like where a test failed. */
  const keepFailure = async name => {
    if (!pictures) return;
    const pages = (await theBrowser()).contexts().flatMap(context => context.pages());
    const file = `${view}-${name}`.replace(/[^a-z0-9]+/gi, '-');
    for (const [i, page] of pages.entries())
      await page.screenshot({ path: join(pictures, 'failed', `${file}-${i}.png`) });
  };
  /** @param {{needs?: string}} [options] `needs`: a path of the API without which the test is skipped */
  use.test = (name, work, options = {}) =>
    test(`${view}: ${name}`, { timeout: 60000 }, async context => {
      if (!running) {
        running = await startStudio();
        use.url = running.url;
        await noDrafts(use.url);
      }
      if (options.needs && !(await answers(use.url, options.needs))) {
        context.skip(`this studio has no ${options.needs}`);
        return;
      }
      use.problems.length = 0;
      try {
        await work(use);
        if (use.problems.length) throw new Error(`the page reported: ${use.problems.join('; ')}`);
      } catch (error) {
        await keepFailure(name);
        throw error;
      } finally {
        for (const context of (await theBrowser()).contexts()) {
          // What the page changed last is on its way to the server
          for (const page of context.pages()) await page.close({ runBeforeUnload: false });
          await context.close();
        }
      }
    });
  describe(use);
  test(`${view}: the studio ends`, async () => {
    await running?.stop();
    running = null;
  });
}

export async function go(page, hash) {
  await page.evaluate(to => {
    location.hash = to;
  }, hash);
  await page.waitForTimeout(100);
}

/** Opens a picture by the file chooser, and waits until it is on the stage. */
export async function openPicture(page, bytes = png(64, 36), name = 'harbour.png') {
  const chooser = page.waitForEvent('filechooser');
  chooser.catch(() => {}); // what kept it from coming is told below
  const first = page.locator('.welcome .button-main');
  if (await first.count()) await first.click();
  else {
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('button', { name: 'Open a picture' }).click();
  }
  await (await chooser).setFiles({ name, mimeType: 'image/png', buffer: bytes });
  await eventually(async () => {
    const open = await page.evaluate(async () => {
      const { store } = await import('/store.js');
      return !store.place.dream && location.hash === '#dream' && store.source?.name;
    });
    if (open !== name) throw new Error(`${open} is open, not ${name}`);
  });
  await eventually(() =>
    page.evaluate(async () => {
      const { store } = await import('/store.js');
      const { width, height } = document.querySelector('.picture').getBoundingClientRect();
      const wanted = store.source.width / store.source.height;
      if (Math.abs(width / height / wanted - 1) > 0.05)
        throw new Error('it is not on the stage yet');
    }),
  );
}

/** Changes settings of the draft without the controls, which have tests of their own. */
export async function settings(page, recipe) {
  await page.evaluate(async to => {
    const { chooseAll } = await import('/draft.js');
    chooseAll(to);
  }, recipe);
}

/** What makes a dream of 64 px take a blink. */
export const quick = { iterations: 2, octaves: 2 };

/** Dreams and waits until the dream is open. */
export async function dream(page, recipe = quick) {
  await settings(page, recipe);
  const before = await opened(page);
  await page.locator('.go-button').click();
  return eventually(async () => {
    const [now, following] = await page.evaluate(async () => {
      const { store } = await import('/store.js');
      return [store.dream?.id ?? null, store.place.following ?? null];
    });
    if (!now || now === before || following) throw new Error('no dream came');
    return now;
  }, 20);
}

/** The id of the open dream. */
export const opened = page =>
  page.evaluate(async () => (await import('/store.js')).store.dream?.id ?? null);

/** The draft as the server will get it. */
export const draft = page =>
  page.evaluate(async () => (await import('/store.js')).store.place.draft);

/** Asks the API as the page does. */
export const api = (page, path, method = 'GET', body = undefined) =>
  page.evaluate(
    async ([p, m, b]) => {
      const response = await fetch(`/api/1${p}`, {
        method: m,
        headers: {
          Authorization: `Reverie ${sessionStorage.getItem('key')}`,
          ...(b === undefined ? {} : { 'Content-Type': 'application/json' }),
        },
        body: b === undefined ? undefined : JSON.stringify(b),
      });
      return response.json();
    },
    [path, method, body],
  );

/** Keeps trying an assertion for some seconds. */
export async function eventually(work, seconds = 8) {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
    await new Promise(resolve => {
      setTimeout(resolve, 100);
    });
  }
}

/** A picture with something to see in it, as PNG; with `alpha`, its left half is transparent. */
export function png(width, height, { alpha = false, shift = 0 } = {}) {
  const channels = alpha ? 4 : 3,
    rows = [];
  for (let y = 0; y < height; ++y) {
    const row = Buffer.alloc(1 + width * channels);
    for (let x = 0; x < width; ++x) {
      const at = 1 + x * channels;
      row[at] = 90 + 80 * Math.sin((x + shift) / 5);
      row[at + 1] = 110 + 70 * Math.cos(y / 4 + x / 9);
      row[at + 2] = 190 - (120 * y) / height;
      if (alpha) row[at + 3] = x < width / 2 ? 0 : 255;
    }
    rows.push(row);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, alpha ? 6 : 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

const crcs = Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let k = 0; k < 8; ++k) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c >>> 0;
});

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]),
    out = Buffer.alloc(body.length + 8);
  let crc = 0xffffffff;
  for (const byte of body) crc = crcs[(crc ^ byte) & 255] ^ (crc >>> 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE((crc ^ 0xffffffff) >>> 0, body.length + 4);
  return out;
}

/** Pastes a picture, as from another program. */
export const paste = (page, bytes) =>
  page.evaluate(
    content => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(content)], 'clip.png', { type: 'image/png' }));
      dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      );
    },
    [...bytes],
  );
