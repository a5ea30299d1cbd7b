// A dream under way: previews, octaves, time left; Stop keeps what is finished; errors are told.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { api, eventually, openPicture, opened, png, settings, studio } from './harness.mjs';

const long = { iterations: 400, octaves: 3 };

studio('running', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(`it shows how far the dream is, and Stop keeps it, at the size of a ${size}`, async () => {
      const page = await open(size);
      await openPicture(page, png(256, 144));
      await settings(page, long);
      const before = await opened(page);
      await page.locator('.go-button').click();
      await page.locator('.work').waitFor();
      await eventually(
        async () => assert.match(await page.locator('.work').innerText(), /Octave [23] of 3/),
        30,
      );
      await eventually(async () =>
        assert.match(await page.locator('.layers img').last().getAttribute('src'), /preview/),
      );
      assert.equal(await page.locator('.octaves i').count(), 3);
      assert.match(await page.locator('.pill').innerText(), /%/);
      await checkPage(page);
      await picture(page, 'running');
      await page.locator('.stop').click();
      await eventually(async () => {
        const now = await opened(page);
        assert.ok(now && now !== before);
      }, 15);
      await page.locator('.work').waitFor({ state: 'hidden' });
      const made = await api(page, `/dreams/${await opened(page)}`);
      assert.ok(made.width > 0, 'what was finished is kept');
    });

  test('Escape stops, and a screen reader hears of progress', async () => {
    const page = await open();
    await settings(page, long);
    await page.keyboard.press(' ');
    await eventually(
      async () =>
        assert.match(await page.locator('#live').textContent(), /Octave|Beginning|Waiting/),
      10,
    );
    await eventually(
      async () => assert.match(await page.locator('.work').innerText(), /Octave [23]/),
      30,
    );
    await page.keyboard.press('Escape');
    await page.locator('.work').waitFor({ state: 'hidden', timeout: 15000 });
  });

  test('leaving the page does not touch the dream', async () => {
    const page = await open();
    await settings(page, { iterations: 60, octaves: 2 });
    const before = await opened(page);
    await page.locator('.go-button').click();
    await page.locator('.work').waitFor();
    await page.waitForTimeout(400);
    await page.reload();
    await page.locator('.picture img').waitFor();
    await eventually(async () => assert.notEqual(await opened(page), before), 30);
  });

  test('what the library refuses is told in its own sentence', async () => {
    const page = await open();
    await settings(page, { layer: ['no_such_layer'] });
    await page.locator('.go-button').click();
    const toast = page.locator('.toast-error');
    await toast.first().waitFor();
    assert.match(await toast.first().innerText(), /no_such_layer/);
    await checkPage(page);
    await picture(page, 'error');
    await settings(page, { layer: undefined });
  });
});
