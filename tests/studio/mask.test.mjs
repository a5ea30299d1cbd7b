// Masks: areas with a look each, brush and eraser, undo of strokes, inversion; what is painted is in the draft and survives
// a reload; what is not painted keeps every bit.
import assert from 'node:assert/strict';
import { boxes, checkPage } from './checks.mjs';
import { api, draft, dream, eventually, go, openPicture, png, quick, studio } from './harness.mjs';

/** A stroke through points that are fractions of the picture. */
async function stroke(page, points) {
  const [box] = await boxes(page, '.picture');
  const at = ([u, v]) => [box.x + u * box.width, box.y + v * box.height];
  await page.mouse.move(...at(points[0]));
  await page.mouse.down();
  for (const point of points.slice(1)) await page.mouse.move(...at(point), { steps: 4 });
  await page.mouse.up();
}

/** How much of the picture is painted, 0 to 1. */
const covered = page =>
  page.locator('canvas.paint').evaluate(canvas => {
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    let painted = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i] > 8) painted += 1;
    return (painted * 4) / data.length;
  });

studio('mask', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(`what is painted is where it dreams, at the size of a ${size}`, async () => {
      const page = await open(size);
      await openPicture(page, png(128, 72), 'meadow.png');
      await go(page, 'mask');
      await page.locator('.strip').waitFor();
      await page.waitForTimeout(200);
      await stroke(page, [
        [0.1, 0.2],
        [0.9, 0.2],
        [0.5, 0.3],
      ]);
      await eventually(async () =>
        assert.match((await draft(page)).mask ?? '', /^asset:[0-9a-f]{64}$/),
      );
      assert.ok(!('layer' in (await draft(page))), 'one area dreams what is chosen');
      const once = await covered(page);
      assert.ok(once > 0.05 && once < 0.6, `${once}`);
      await page.getByRole('button', { name: 'Another area' }).click();
      await stroke(page, [
        [0.1, 0.8],
        [0.9, 0.8],
      ]);
      await eventually(async () => assert.equal((await draft(page)).layer?.length, 2));
      for (const term of (await draft(page)).layer)
        assert.match(term, /^[\w/]+@mask=asset:[0-9a-f]{64}$/);
      await checkPage(page);
      await picture(page, 'mask');
      const shownTwice = await covered(page);
      await page.reload();
      await page.locator('.strip').waitFor();
      await eventually(
        async () => assert.ok(Math.abs((await covered(page)) - shownTwice) < 0.02),
        10,
      );
      assert.equal(
        await page.locator('.area:not(:last-child)').count(),
        2,
        'areas survive a reload',
      );
      await page.getByRole('button', { name: 'Clear' }).scrollIntoViewIfNeeded();
      await page.getByRole('button', { name: 'Clear' }).click();
      await eventually(async () => assert.ok(!('mask' in (await draft(page)))));
    });

  test('eraser, undo and inversion', async () => {
    const page = await open('desktop', 'mask');
    await page.locator('.strip').waitFor();
    await page.waitForTimeout(200);
    await stroke(page, [
      [0.1, 0.5],
      [0.9, 0.5],
    ]);
    const once = await eventually(async () => {
      const part = await covered(page);
      assert.ok(part > 0.05);
      return part;
    });
    await page.keyboard.press('x');
    await stroke(page, [
      [0.4, 0.5],
      [0.6, 0.5],
    ]);
    await eventually(async () => assert.ok((await covered(page)) < once - 0.01));
    await page.keyboard.press('z');
    await eventually(async () => assert.ok(Math.abs((await covered(page)) - once) < 0.005));
    await page.keyboard.press('i');
    await eventually(async () => assert.ok((await covered(page)) > 0.97 - once));
    await page.keyboard.press('z');
    const ring = () =>
      page
        .locator('.brush-ring')
        .evaluate(element => Number.parseFloat(element.style.getPropertyValue('--size')));
    const before = await ring();
    await page.keyboard.press(']');
    await page.mouse.move(500, 400);
    await eventually(async () => assert.ok((await ring()) > before));
  });

  test('unpainted parts keep every bit', async () => {
    const page = await open('desktop', 'mask');
    await page.locator('.strip').waitFor();
    await page.getByRole('button', { name: 'Clear' }).click();
    await eventually(async () => assert.ok(!('mask' in (await draft(page)))));
    await stroke(page, [
      [0.05, 0.1],
      [0.95, 0.1],
    ]);
    await eventually(async () => assert.ok((await draft(page)).mask));
    await page.getByRole('button', { name: 'Done' }).click();
    assert.match(await page.locator('.chip', { hasText: 'Painted' }).innerText(), /Painted areas/);
    const id = await dream(page, quick);
    const { recipe } = await api(page, `/dreams/${id}/document`);
    assert.match(recipe.mask, /asset:|\.png/);
    const [difference, upper] = await page.evaluate(async dreamId => {
      const { address, sourceAddress } = await import('/api.js');
      const { store } = await import('/store.js');
      const read = async url => {
        const image = new Image();
        image.src = url;
        await image.decode();
        const canvas = document.createElement('canvas');
        canvas.width = image.naturalWidth;
        canvas.height = image.naturalHeight;
        const pen = canvas.getContext('2d');
        pen.drawImage(image, 0, 0);
        return {
          data: pen.getImageData(0, 0, canvas.width, canvas.height).data,
          width: canvas.width,
          height: canvas.height,
        };
      };
      const a = await read(sourceAddress(`dream:${dreamId}`, 'file')),
        b = await read(address(`/assets/${store.place.source.slice(6)}`));
      let low = 0,
        high = 0;
      for (let i = 0; i < a.data.length; ++i) {
        const y = Math.floor(i / 4 / a.width),
          by = Math.abs(a.data[i] - b.data[i]);
        if (y > a.height * 0.6) low = Math.max(low, by);
        else if (y < a.height * 0.12) high = Math.max(high, by);
      }
      return [low, high];
    }, id);
    assert.equal(difference, 0, 'below the stroke nothing changes');
    assert.ok(upper > 5, 'under the stroke it dreams');
  });

  test('a picture with transparency gives its own mask', async () => {
    const page = await open();
    await openPicture(page, png(64, 64, { alpha: true }), 'cut.png');
    await go(page, 'mask');
    await page.getByRole('button', { name: 'Take' }).click();
    await eventually(async () => assert.ok(Math.abs((await covered(page)) - 0.5) < 0.05));
    await openPicture(page, png(64, 64), 'whole.png');
    await go(page, 'mask');
    await page.getByRole('button', { name: 'Take' }).click();
    await page.locator('.toast', { hasText: 'no transparent parts' }).waitFor();
  });
});
