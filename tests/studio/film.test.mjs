// Films: an endless zoom with keyframes, its timeline, stopping and keeping, and playing what was made.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { api, eventually, go, openPicture, settings, studio } from './harness.mjs';

const film = page => page.evaluate(async () => (await import('/store.js')).store.place.film);
const seek = (page, frame) =>
  page.getByRole('slider', { name: 'Playhead' }).evaluate((input, to) => {
    input.value = to;
    input.dispatchEvent(new Event('input'));
  }, frame);

studio('film', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(`a zoom into the open picture, with keyframes, at the size of a ${size}`, async () => {
      const page = await open(size);
      await openPicture(page);
      await go(page, 'film');
      await page.locator('.film-card').first().waitFor();
      await checkPage(page);
      await picture(page, 'films');
      await page.getByRole('button', { name: /Zoom endlessly/ }).click();
      await page.locator('.timeline').waitFor();
      await seek(page, 0);
      await page.getByRole('button', { name: 'Keyframe', exact: true }).click();
      await seek(page, 100);
      await page.getByRole('button', { name: 'Keyframe', exact: true }).click();
      const near = page.getByRole('textbox', { name: 'Nearer, exact' });
      await near.fill('1.03');
      await near.press('Enter');
      await page.getByRole('combobox', { name: 'Look' }).selectOption('eyes');
      const { keys } = await film(page);
      assert.deepEqual(
        keys.map(key => key.frame),
        [0, 100],
      );
      assert.equal(keys[1].zoom, '1.03x');
      assert.equal(keys[1].layer, 'eyes');
      assert.equal(await page.locator('[data-track=zoom] .keyframe').count(), 2);
      await checkPage(page);
      await picture(page, 'film');
      await page.keyboard.press('Tab');
      await page.locator('[data-track=zoom] .keyframe').first().click();
      assert.equal((await film(page)).frame, 0);
    });

  test('values between keyframes are interpolated', async () => {
    const page = await open();
    const values = await page.evaluate(async () => {
      const { valueAt, layerBlocks } = await import('/timeline.js');
      const keys = [
        { frame: 0, zoom: '1x', easing: 'linear' },
        { frame: 10, rotate: 4, layer: 'eyes' },
        { frame: 20, zoom: '1.1x' },
      ];
      return [
        valueAt(keys, 'zoom', 10, '1.012x'),
        valueAt(keys, 'zoom', 30, ''),
        valueAt(keys, 'rotate', 0, 0),
        valueAt(keys, 'strength', 5, 1),
        layerBlocks(keys, 40, 'fish').length,
      ];
    });
    assert.deepEqual(values, ['1.05x', '1.1x', 4, 1, 1]);
  });

  test('a film is dreamed, and played', async () => {
    const page = await open('desktop', 'film');
    await settings(page, { size: '64' });
    await page.getByRole('button', { name: /Zoom endlessly/ }).click();
    const frames = page.getByRole('textbox', { name: 'How many frames, exact' });
    await frames.fill('10');
    await frames.press('Enter');
    await page.getByRole('button', { name: 'Dream the film' }).click();
    await eventually(async () => assert.ok((await film(page)).dream), 30);
    const made = await api(page, `/dreams/${(await film(page)).dream}`);
    assert.equal(made.kind, 'zoom');
    await page.locator('.film-video').waitFor({ state: 'attached' });
    await eventually(
      async () =>
        assert.ok(
          await page.locator('.film-video').evaluate(video => video.readyState > 0 || video.error),
        ),
      10,
    );
    await picture(page, 'film-done');
    await checkPage(page);
    await go(page, 'film');
    await page.locator('.film-tile', { hasText: 'Into Harbour' }).waitFor();
    await checkPage(page);
  });

  test('a video is dreamed frame by frame', async () => {
    const page = await open('desktop', 'film');
    const clip = await page.evaluate(async () => {
      const { get, sourceAddress } = await import('/api.js');
      const { dreams } = await get('/dreams?kind=zoom');
      const file = await fetch(sourceAddress(`dream:${dreams[0].id}`, 'file'));
      return [...new Uint8Array(await file.arrayBuffer())];
    });
    await settings(page, { size: '64', iterations: 1, octaves: 1 });
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: /Dream a film/ }).click();
    const video = { name: 'clip.mp4', mimeType: 'video/mp4', buffer: Buffer.from(clip) };
    await (await chooser).setFiles(video);
    await page.locator('.timeline').waitFor();
    await eventually(async () => assert.equal((await film(page)).kind, 'video'));
    assert.match(await page.locator('.timeline-time').innerText(), /^\d\d:\d\d\.\d\d$/);
    await checkPage(page);
    await picture(page, 'film-video');
    await page.getByRole('button', { name: 'Dream the film' }).click();
    await eventually(async () => assert.ok((await film(page)).dream), 30);
    const made = await api(page, `/dreams/${(await film(page)).dream}`);
    assert.equal(made.kind, 'video');
    assert.ok(made.frames >= 10, `${made.frames} frames`);
    assert.match(await page.locator('.timeline').innerText(), /\/ 00:00\.\d\d/);
  });
});
