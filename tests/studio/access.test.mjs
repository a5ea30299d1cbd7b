// The keyboard alone, a large type, less motion, and no request that leaves the machine.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { dream, eventually, go, openPicture, studio } from './harness.mjs';

studio('access', ({ test, open, picture }) => {
  test('Tab reaches everything, and where one is can be seen', async () => {
    const page = await open();
    await openPicture(page);
    await dream(page);
    const seen = new Set();
    let unseen = '';
    for (let i = 0; i < 90; ++i) {
      await page.keyboard.press('Tab');
      const [name, visible] = await page.evaluate(() => {
        const element = document.activeElement,
          shown = element.closest('label') ?? element;
        const outlined =
          [
            element,
            element.nextElementSibling,
            shown,
            element.parentElement,
            element.closest('.slider-track')?.firstElementChild,
          ]
            .filter(Boolean)
            .some(other => getComputedStyle(other).outlineStyle !== 'none') ||
          element.matches('input[type=range]');
        return [
          `${element.tagName} ${element.getAttribute('aria-label') ?? element.textContent.slice(0, 20)} ${element.value ?? ''}`,
          outlined,
        ];
      });
      if (seen.has(name) && i > 60) break;
      seen.add(name);
      if (!visible && !name.startsWith('BODY')) unseen ||= name;
    }
    assert.equal(unseen, '', 'every focus is visible');
    const text = [...seen].join('\n');
    for (const part of [
      'To the picture',
      'Gallery',
      'Save or share',
      'How long',
      'Dream',
      'Undo',
      'All settings',
    ])
      assert.match(text, new RegExp(part), `Tab reaches "${part}"`);
  });

  test('views at twice the type lose nothing', async () => {
    const page = await open('desktop');
    // 200 % zoom is half the window in CSS pixels
    await page.setViewportSize({ width: 720, height: 450 });
    for (const view of ['dream', 'settings', 'gallery', 'atlas', 'film', 'compare']) {
      await go(page, view);
      await page.waitForTimeout(300);
      await checkPage(page);
    }
    await page.setViewportSize({ width: 1024, height: 768 });
    for (const view of ['dream', 'gallery', 'atlas', 'film', 'mask', 'point']) {
      await go(page, view);
      await page.waitForTimeout(300);
      await checkPage(page);
      await picture(page, view);
    }
  });

  test('? shows the keys, and Escape takes them away', async () => {
    const page = await open('desktop', 'dream');
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await checkPage(page);
    await picture(page, 'keys');
    await page.keyboard.press('Escape');
    await eventually(async () => assert.equal(await page.locator('dialog').count(), 0));
  });

  test('nothing is asked of another machine', async () => {
    const page = await open();
    const foreign = [];
    page.on('request', request => {
      if (!request.url().startsWith('http://127.0.0.1:') && !request.url().startsWith('blob:'))
        foreign.push(request.url());
    });
    await page.reload();
    for (const view of ['dream', 'gallery', 'atlas', 'film', 'settings']) {
      await go(page, view);
      await page.waitForTimeout(150);
    }
    assert.deepEqual(foreign, []);
  });

  test('the page is small', async () => {
    const page = await open();
    const bytes = await page.evaluate(() =>
      performance
        .getEntriesByType('resource')
        .filter(entry => /\.(js|css)$/.test(entry.name))
        .reduce((sum, entry) => sum + /** @type {any} */ (entry).decodedBodySize, 0),
    );
    assert.ok(bytes > 10000 && bytes < 400000, `${bytes} bytes`);
  });
});
