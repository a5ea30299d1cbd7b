// The gallery: newest first, filters, search, choosing, the bin; only rows in sight are in the page.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { api, dream, eventually, go, openPicture, opened, quick, studio } from './harness.mjs';

studio('gallery', ({ test, open, picture }) => {
  test('an empty one says so', async () => {
    const page = await open('desktop', 'gallery');
    await eventually(async () =>
      assert.match(await page.locator('.gallery-empty').innerText(), /No dream yet/),
    );
    await checkPage(page);
    await picture(page, 'gallery-empty');
  });

  for (const size of ['desktop', 'phone'])
    test(`dreams stand in rows, at the size of a ${size}`, async () => {
      const page = await open(size);
      if ((await api(page, '/dreams')).total === 0) {
        await go(page, 'dream');
        await openPicture(page);
        for (const look of ['strokes', 'whirls', 'eyes'])
          await dream(page, { ...quick, layer: [look] });
        await api(page, `/dreams/${await opened(page)}`, 'PATCH', { star: true });
      }
      await go(page, 'gallery');
      await eventually(async () => assert.equal(await page.locator('.tile').count(), 3));
      assert.match(await page.locator('.day').first().innerText(), /Today/);
      assert.match(await page.locator('.filter .count').innerText(), /3/);
      await checkPage(page);
      await picture(page, 'gallery');
    });

  test('filters and search narrow it', async () => {
    const page = await open('desktop', 'gallery');
    await eventually(async () => assert.equal(await page.locator('.tile').count(), 3));
    await page.getByRole('radio', { name: 'Starred' }).check();
    await eventually(async () => assert.equal(await page.locator('.tile').count(), 1));
    await page.getByRole('radio', { name: /^All/ }).check();
    await page.getByRole('searchbox').fill('whirls');
    await eventually(async () => assert.equal(await page.locator('.tile').count(), 1));
    await page.getByRole('searchbox').fill('nothing of this kind');
    await page.locator('.gallery-empty').waitFor();
    await checkPage(page);
  });

  test('two chosen dreams can be compared', async () => {
    const page = await open('desktop', 'gallery');
    await page.locator('.tile').nth(0).hover();
    await page.getByRole('checkbox').nth(0).check();
    await page.getByRole('checkbox').nth(1).check();
    assert.match(await page.locator('.selection').innerText(), /2 chosen/);
    await checkPage(page);
    await picture(page, 'gallery-chosen');
    await page.locator('.selection').getByRole('button', { name: 'Compare' }).click();
    await page.locator('.compare').waitFor();
    await page.locator('.differences').waitFor();
  });

  test('what is in the bin can be put back, or deleted for good', async () => {
    const page = await open('desktop', 'gallery');
    await eventually(async () => assert.equal(await page.locator('.tile').count(), 3));
    await page.locator('.tile').nth(0).hover();
    await page.getByRole('checkbox').nth(0).check();
    await page.getByRole('button', { name: 'To the bin' }).click();
    await eventually(async () => assert.equal(await page.locator('.tile').count(), 2));
    await page.getByRole('radio', { name: 'Bin' }).check();
    await eventually(async () => assert.equal(await page.locator('.tile').count(), 1));
    await page.locator('.tile-open').first().click();
    await page.getByRole('button', { name: 'Put back' }).click();
    await eventually(async () => assert.equal(await page.locator('.tile').count(), 0));
    await page.getByRole('radio', { name: /^All/ }).check();
    await eventually(async () => assert.equal(await page.locator('.tile').count(), 3));
  });

  test('a click opens a dream', async () => {
    const page = await open('desktop', 'gallery');
    await page.locator('.tile-open').last().click();
    await page.locator('.picture img').waitFor();
    assert.match(await page.locator('.title-name').innerText(), /strokes/);
  });

  test('of ten thousand dreams only those in sight are in the page', async () => {
    const page = await open('desktop', 'gallery');
    const counts = await page.evaluate(async () => {
      const { layOut } = await import('/wall.js');
      const dreams = Array.from({ length: 10000 }, (_, i) => ({
        id: String(i),
        made: 1.7e12 - i * 6e5,
        width: 300 + 37 * (i % 9),
        height: 200 + 91 * (i % 4),
      }));
      const begin = performance.now(),
        rows = layOut(/** @type {any} */ (dreams), 1376, false),
        took = performance.now() - begin;
      const beside = rows.filter(row =>
        row.tiles.some(tile => tile.x < 0 || tile.x + tile.width > 1377),
      );
      const over = rows.slice(1).filter((row, i) => row.top < rows[i].bottom);
      return {
        rows: rows.length,
        tiles: rows.reduce((sum, row) => sum + row.tiles.length, 0),
        beside: beside.length,
        over: over.length,
        took,
      };
    });
    assert.equal(counts.tiles, 10000);
    assert.equal(counts.beside, 0);
    assert.equal(counts.over, 0);
  });
});
