// The queue: what is dreamed now and what waits; taking off, moving ahead, pausing; networks.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { api, eventually, openPicture, png, settings, studio } from './harness.mjs';

studio('queue', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(`jobs stand in order, and can be taken off, at the size of a ${size}`, async () => {
      const page = await open(size);
      await openPicture(page, png(256, 144));
      await settings(page, { iterations: 4000, octaves: 1 });
      for (let i = 0; i < 3; ++i) {
        await page.locator('.go-button').click();
        await eventually(async () => assert.equal((await api(page, '/jobs')).jobs.length, i + 1));
      }
      await eventually(async () =>
        assert.match(await page.locator('.pill').innerText(), /2 waiting/),
      );
      await page.locator('.pill').click();
      await eventually(async () => assert.equal(await page.locator('.job').count(), 3));
      await checkPage(page);
      await picture(page, 'queue');
      const before = (await api(page, '/jobs')).jobs.map(job => job.id);
      await page.getByRole('button', { name: 'Before the one above' }).click();
      await eventually(async () =>
        assert.deepEqual(
          (await api(page, '/jobs')).jobs.map(job => job.id),
          [before[0], before[2], before[1]],
        ),
      );
      for (let left = 2; left > 0; --left) {
        await page.getByRole('button', { name: 'Remove from the queue' }).first().click();
        await eventually(async () => assert.equal((await api(page, '/jobs')).jobs.length, left));
      }
      await page.getByRole('button', { name: 'Cancel, keep nothing' }).click();
      await eventually(async () => assert.equal((await api(page, '/jobs')).jobs.length, 0), 10);
      await eventually(async () => assert.equal(await page.locator('.pill').isVisible(), false));
    });

  test('it pauses after the job at work, and goes on', async () => {
    const page = await open();
    await settings(page, { iterations: 3000, octaves: 1 });
    await page.locator('.go-button').click();
    await page.locator('.pill').click();
    await page.getByRole('button', { name: 'Pause after this one' }).click();
    await eventually(async () => assert.equal((await api(page, '/jobs')).paused, true));
    await page.getByRole('button', { name: 'Go on' }).click();
    await eventually(async () => assert.equal((await api(page, '/jobs')).paused, false));
    await page.getByRole('button', { name: 'Cancel, keep nothing' }).click();
    await eventually(async () => assert.equal((await api(page, '/jobs')).jobs.length, 0), 10);
  });

  for (const size of ['desktop', 'phone'])
    test(`networks are listed with licences and sizes, at the size of a ${size}`, async () => {
      const page = await open(size);
      if (size === 'phone') await page.getByRole('button', { name: 'More', exact: true }).click();
      await page.getByRole('button', { name: 'Networks' }).click();
      await page.locator('.network').first().waitFor();
      assert.ok((await page.locator('.network').count()) > 5);
      assert.match(
        await page.locator('.network').filter({ hasText: 'googlenet' }).first().innerText(),
        /unrestricted use[\s\S]*53\.6 MB/,
      );
      await checkPage(page);
      await picture(page, 'networks');
      await page.keyboard.press('Escape');
      await eventually(async () => assert.equal(await page.locator('dialog').count(), 0));
    });
});
