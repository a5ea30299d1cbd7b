// Point and dream: what the network sees at a place, at four depths; everywhere or only there.
import assert from 'node:assert/strict';
import { boxes, checkPage } from './checks.mjs';
import {
  draft,
  eventually,
  go,
  openPicture,
  opened,
  png,
  quick,
  settings,
  studio,
} from './harness.mjs';

const needs = { needs: '/atlas/reverie-4/conv2' };

studio('point', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(
      `a click asks, at the size of a ${size}`,
      async () => {
        const page = await open(size);
        if (!(await page.locator('.picture img').count())) await openPicture(page, png(96, 64));
        await go(page, 'point');
        await page.locator('.spot').waitFor();
        const [box] = await boxes(page, '.picture');
        await page.mouse.click(box.x + box.width * 0.6, box.y + box.height * 0.4);
        await page.locator('.seen .channel').first().waitFor({ timeout: 20000 });
        assert.equal(await page.locator('.seen .segments input').count(), 4);
        assert.match(await page.locator('.seen p').innerText(), /at 0\.(59|60|61), 0\.(39|40|41)/);
        await page.locator('.seen .channel').nth(0).click();
        await page.locator('.seen .channel').nth(1).click();
        await page.locator('canvas.heat:not([hidden])').waitFor({ state: 'attached' });
        await checkPage(page);
        await picture(page, 'point');
        const [seen, view] = await boxes(page, '.seen', '#view');
        assert.ok(
          seen.x >= view.x &&
            seen.x + seen.width <= view.x + view.width &&
            seen.y + seen.height <= view.y + view.height,
          'the panel is on the screen',
        );
        await page.getByRole('radio', { name: 'texture' }).check();
        assert.equal(await page.locator('.seen [aria-pressed=true]').count(), 0);
      },
      needs,
    );

  test(
    'the keyboard alone is enough',
    async () => {
      const page = await open('desktop', 'point');
      await page.locator('.spot').focus();
      await page.keyboard.press('ArrowRight');
      await page.keyboard.press('Enter');
      await page.locator('.seen .channel').first().waitFor({ timeout: 20000 });
      await page.locator('.seen .channel').first().focus();
      await page.keyboard.press(' ');
      assert.equal(await page.locator('.seen [aria-pressed=true]').count(), 1);
    },
    needs,
  );

  test(
    '"Everywhere" dreams the channels, "here" only where they are seen',
    async () => {
      const page = await open('desktop', 'point');
      await settings(page, quick);
      for (const [name, form] of [
        ['Everywhere', /^[\w/]+:\d+$/],
        ['Dream this here', /^[\w/]+:\d+@mask=asset:[0-9a-f]{64}$/],
      ]) {
        const before = await opened(page);
        await go(page, 'point');
        await page.locator('.spot').focus();
        await page.keyboard.press('Enter');
        await page.locator('.seen .channel').first().waitFor({ timeout: 20000 });
        await page.locator('.seen .channel').first().click();
        await page.locator('.seen').getByRole('button', { name }).click();
        await eventually(async () => assert.notEqual(await opened(page), before), 20);
        assert.match((await draft(page)).layer[0], form);
      }
    },
    needs,
  );
});
