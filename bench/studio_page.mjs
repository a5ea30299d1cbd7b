// The page's own figures, for bench/studio: node studio_page.mjs URL ROUNDS prints JSON, medians in ms.
import { createRequire } from 'node:module';
import { join } from 'node:path';

const { chromium } = createRequire(join(process.env.REVERIE_NODE_MODULES, 'x.js'))('playwright-core');
const [url, rounds] = process.argv.slice(2);
const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

const browser = await chromium.launch({
  executablePath: process.env.REVERIE_CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const paints = [];
const openings = [];
for (let round = 0; round < Number(rounds); ++round) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  paints.push(
    await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime),
  );
  await page.waitForTimeout(500);
  await page.evaluate(() => {
    location.hash = 'film'; // the page opens where one left it
  });
  await page.waitForTimeout(500);
  // From the click to the first row of pictures that are decoded
  openings.push(
    await page.evaluate(async () => {
      const begin = performance.now();
      location.hash = 'gallery';
      for (;;) {
        await new Promise(requestAnimationFrame);
        const pictures = [...document.querySelectorAll('body[data-view="gallery"] main img')].slice(0, 4);
        if (pictures.length > 0 && pictures.every(picture => picture.complete && picture.naturalWidth > 0)) break;
        if (performance.now() - begin > 5000) break;
      }
      return performance.now() - begin;
    }),
  );
  await context.close();
}
await browser.close();
console.log(JSON.stringify({ paint: median(paints), gallery: median(openings) }));
