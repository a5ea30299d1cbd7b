// The atlas: layers by depth, channels as they are ready, each with an address; dreaming of one.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { draft, eventually, go, openPicture, opened, quick, settings, studio } from './harness.mjs';

const needs = { needs: '/atlas/reverie-4/conv2' };

studio('atlas', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(
      `layers and channels, at the size of a ${size}`,
      async () => {
        const page = await open(size, 'atlas/reverie-4/conv2');
        await page.locator('.channel-grid .channel').first().waitFor();
        assert.equal(await page.locator('.channel-grid .channel').count(), 96);
        assert.match(
          await page.locator('.atlas-head').innerText(),
          /strokes[\s\S]*conv2.*96 channels.*19 px/i,
        );
        await eventually(
          async () =>
            assert.ok((await page.locator('.channel-grid img:not([hidden])').count()) > 1),
          25,
        );
        await page.locator('.channel-grid .channel').nth(2).click();
        await page.locator('.atlas-detail h2').waitFor();
        assert.match(page.url(), /#atlas\/reverie-4\/conv2\/2$/);
        await checkPage(page);
        await picture(page, 'atlas');
        await page.locator('.atlas-detail').getByRole('button', { name: 'Close' }).click();
        await page.locator('.atlas-detail').waitFor({ state: 'hidden' });
        await checkPage(page);
      },
      needs,
    );

  test(
    'a channel can be added to the layers, and dreamed of',
    async () => {
      const page = await open();
      await openPicture(page);
      await settings(page, { ...quick, layer: ['whirls'] });
      await go(page, 'atlas/reverie-4/4c.output/36');
      await page.getByRole('button', { name: 'Add to layers' }).click();
      assert.deepEqual((await draft(page)).layer, ['whirls', '4c/output:36']);
      await page.getByRole('button', { name: 'Dream of this' }).click();
      assert.deepEqual((await draft(page)).layer, ['4c/output:36']);
      await eventually(async () => assert.ok(await opened(page)), 20);
      assert.match(await page.locator('.title-name').innerText(), /4c\/output:36/);
    },
    needs,
  );
});
