// All settings: every one the library has, with words of its own; searchable; changed ones dotted; idle ones greyed.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { api, draft, go, openPicture, settings, studio } from './harness.mjs';

studio('settings', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(`every setting is there, with words of its own, at the size of a ${size}`, async () => {
      const page = await open(size);
      if (!(await page.locator('.picture img').count())) await openPicture(page);
      await go(page, 'settings');
      await page.locator('.setting').first().waitFor();
      const { recipe } = await api(page, '/settings');
      const shown = await page
        .locator('.setting')
        .evaluateAll(list => list.map(item => item.dataset.setting));
      assert.deepEqual(shown.sort(), recipe.map(setting => setting.name).sort());
      const unnamed = await page.evaluate(async names => {
        const { words } = await import('/words.js');
        return names.filter(name => !words.settings.names[name]);
      }, shown);
      assert.deepEqual(unnamed, [], 'settings without lay words in words.js');
      const ungrouped = await page.evaluate(
        async groups => {
          const { words } = await import('/words.js');
          return groups.filter(name => !words.settings.groups[name]);
        },
        [...new Set(recipe.map(setting => setting.group))],
      );
      assert.deepEqual(ungrouped, [], 'groups without a name in words.js');
      await checkPage(page);
      await picture(page, 'settings');
    });

  test('they can be searched by name and meaning', async () => {
    const page = await open('desktop', 'settings');
    await page.getByRole('searchbox').fill('momentum');
    const shown = await page
      .locator('.setting:visible')
      .evaluateAll(list => list.map(item => item.dataset.setting));
    assert.ok(shown.includes('momentum') && shown.includes('optimizer'), shown.join());
    assert.ok(shown.length < 6);
    await page.getByRole('searchbox').fill('no such thing');
    await page.locator('.settings-none').waitFor();
  });

  test('one without effect is greyed, with the reason', async () => {
    const page = await open('desktop', 'settings');
    const momentum = page.locator('[data-setting=momentum]');
    assert.match(await momentum.locator('.reason').innerText(), /not for ascent/);
    assert.match(await momentum.getAttribute('class'), /is-idle/);
    await settings(page, { optimizer: 'adam' });
    assert.equal(await momentum.locator('.reason').innerText(), '');
    await settings(page, { optimizer: undefined });
  });

  test('changed ones have a dot, and Standard takes it away', async () => {
    const page = await open('desktop', 'settings');
    const setting = page.locator('[data-setting=octave-mode]');
    assert.equal(await setting.locator('.dot').isVisible(), false);
    await setting.getByRole('combobox').selectOption('running');
    assert.ok(await setting.locator('.dot').isVisible());
    assert.equal((await draft(page)).octave_mode, 'running');
    await page.getByRole('button', { name: 'Standard' }).click();
    assert.deepEqual(await draft(page), {});
  });

  test('a preset changes what is standard', async () => {
    const page = await open('desktop', 'settings');
    await page.locator('[data-setting=preset]').getByRole('combobox').selectOption('tutorial');
    const shown = await page.locator('[data-setting=iterations] .slider-value').inputValue();
    assert.equal(shown, '50');
    assert.deepEqual(await draft(page), { preset: 'tutorial' });
  });
});
