// Compare: slider, side by side, difference; any two; what made them differ, and what to take along.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import {
  draft,
  dream,
  eventually,
  go,
  openPicture,
  opened,
  quick,
  settings,
  studio,
} from './harness.mjs';

studio('compare', ({ test, open, picture }) => {
  let first = '',
    second = '';
  for (const size of ['desktop', 'phone'])
    test(`a dream beside its picture, at the size of a ${size}`, async () => {
      const page = await open(size);
      if (!(await page.locator('.picture img').count())) {
        await openPicture(page);
        first = await dream(page, { ...quick, layer: ['strokes'] });
        second = await dream(page, { layer: ['eyes'], iterations: 3 });
      }
      await go(page, 'compare');
      const slider = page.getByRole('slider', { name: 'How much of each' });
      await slider.waitFor();
      await checkPage(page);
      await picture(page, 'compare');
      await slider.focus();
      const cut = () =>
        page.locator('.compare').evaluate(element => element.style.getPropertyValue('--cut'));
      const before = Number.parseFloat(await cut());
      await page.keyboard.press('ArrowRight');
      assert.ok(Number.parseFloat(await cut()) > before);
      await page.getByRole('radio', { name: 'Side by side' }).check();
      assert.equal(await page.locator('.compare-double img:visible').count(), 2);
      await checkPage(page);
      await picture(page, 'compare-double');
      await page.getByRole('radio', { name: 'Difference' }).check();
      assert.equal(await page.locator('.compare-double').isVisible(), false);
      await picture(page, 'compare-difference');
      await page.getByRole('radio', { name: 'Slider' }).check();
    });

  test('any two; only what differs is listed, and can be taken along', async () => {
    const page = await open();
    await go(page, `compare/${first}/${second}`);
    await page.locator('.differences').waitFor();
    const rows = await page.locator('.differences tbody tr').allInnerTexts();
    assert.equal(rows.length, 2, rows.join('; '));
    assert.match(rows.join(' '), /layer.*iterations/s);
    await checkPage(page);
    await settings(page, { layer: undefined, iterations: undefined });
    await page.getByRole('switch', { name: /^layer/ }).uncheck();
    await page.getByRole('button', { name: 'Take these settings' }).click();
    const now = await draft(page);
    assert.equal(now.iterations, 3);
    assert.ok(!('layer' in now));
  });

  test('going on from here dreams on the dream', async () => {
    const page = await open();
    await go(page, `compare/${first}/${second}`);
    await page.getByRole('button', { name: 'Go on from here' }).click();
    await eventually(async () =>
      assert.ok(await page.getByRole('radio', { name: 'this dream' }).isChecked()),
    );
    assert.equal(await opened(page), second);
  });
});
