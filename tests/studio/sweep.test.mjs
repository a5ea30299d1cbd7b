// A sweep: cells fill as they are dreamed; one can be gone on with; in the history they are one node.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { api, dream, eventually, go, openPicture, opened, png, quick, studio } from './harness.mjs';

studio('sweep', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(`cells fill, at the size of a ${size}`, async () => {
      const page = await open(size);
      // Another picture for each, since the same bytes are the same picture, with its sweep
      await openPicture(page, png(64, 36, { shift: size.length }));
      await dream(page, quick);
      await go(page, 'sweep');
      await page.locator('.cell').first().waitFor();
      assert.equal(await page.locator('.cell').count(), 12);
      await checkPage(page);
      await page.getByRole('button', { name: 'Dream 12' }).click();
      await eventually(
        async () => assert.equal(await page.locator('.cell.is-waiting').count(), 0),
        25,
      );
      await eventually(
        async () => assert.equal(await page.locator('.cell img[src*=thumb]').count(), 12),
        15,
      );
      await page.locator('.cell').nth(5).click();
      await checkPage(page);
      await picture(page, 'sweep');
      await page.getByRole('button', { name: 'Go on with this one' }).click();
      await page.locator('.picture img').waitFor();
      const made = await api(page, `/dreams/${await opened(page)}`);
      assert.match(made.name, /eyes|creatures|whirls|engraving/);
      const nodes = await page.locator('[data-node]').count();
      assert.ok(nodes <= 4, `the history has one node for the other cells (${nodes})`);
    });

  test('an axis can be changed, and left out', async () => {
    const page = await open('desktop', 'sweep');
    await page.locator('.axes .chip').nth(1).click();
    await page.getByRole('combobox').selectOption('octaves');
    await page.getByRole('textbox', { name: /Values/ }).fill('1, 2');
    await page.getByRole('button', { name: 'Use these' }).click();
    await eventually(async () => assert.equal(await page.locator('.cell').count(), 6));
    await page.locator('.axes .chip').nth(1).click();
    await page.getByRole('button', { name: 'Without this axis' }).click();
    await eventually(async () => assert.equal(await page.locator('.cell').count(), 3));
  });
});
