// Saving: formats, with or without the recipe, and the command line that makes the dream again.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { checkPage } from './checks.mjs';
import { dream, openPicture, studio } from './harness.mjs';

studio('save', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(`it saves in each format, at the size of a ${size}`, async () => {
      const page = await open(size);
      if (!(await page.locator('.picture img').count())) {
        await openPicture(page);
        await dream(page);
      }
      const by =
        size === 'phone'
          ? page.locator('.phone-bar').getByRole('button', { name: 'Save or share' })
          : page.locator('.acts').getByRole('button', { name: 'Save or share' });
      await by.click();
      await page.locator('.command').waitFor();
      await page.waitForFunction(() =>
        document.querySelector('.command').textContent.includes('reverie'),
      );
      await checkPage(page);
      await picture(page, 'save');
      assert.match(await page.locator('.command').innerText(), /reverie image .*iterations 2/);
      for (const [label, end, magic] of [
        ['JPEG', 'jpg', 'ffd8ff'],
        ['WebP', 'webp', '52494646'],
        ['TIFF', 'tif', '49492a00'],
        ['PNG', 'png', '89504e47'],
      ]) {
        await page.getByRole('radio', { name: label }).check();
        const download = page.waitForEvent('download');
        await page.getByRole('button', { name: `Save harbour.dream.${end}` }).click();
        const file = await download;
        const bytes = readFileSync(await file.path());
        assert.equal(bytes.subarray(0, magic.length / 2).toString('hex'), magic, label);
        assert.match(file.suggestedFilename(), new RegExp(`^harbour\\.dream\\.${end}$`));
      }
    });

  test('the recipe goes along only where it shall', async () => {
    const page = await open();
    await page.locator('.acts').getByRole('button', { name: 'Save or share' }).click();
    const saved = async () => {
      const download = page.waitForEvent('download');
      await page.getByRole('button', { name: /^Save harbour/ }).click();
      return readFileSync(await (await download).path());
    };
    assert.ok((await saved()).includes('iterations'), 'it carries the recipe');
    await page.getByRole('switch', { name: /Carry the recipe/ }).uncheck();
    assert.ok(!(await saved()).includes('iterations'), 'it carries none');
  });

  test('Escape closes, and the focus goes back', async () => {
    const page = await open();
    const by = page.locator('.acts').getByRole('button', { name: 'Save or share' });
    await by.click();
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.popover').count(), 0);
    assert.ok(await by.evaluate(element => element === document.activeElement));
  });
});
