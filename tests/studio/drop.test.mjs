// What is dropped or pasted on an open picture may be the next picture, a recipe, or a guide: all three are offered.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import {
  api,
  draft,
  dream,
  eventually,
  openPicture,
  paste,
  png,
  quick,
  settings,
  studio,
} from './harness.mjs';

/** Drags a file over the page, and drops it on a zone. */
async function dropOn(page, zone, bytes, name, picture) {
  await page.evaluate(
    ([data, file]) => {
      const transfer = new DataTransfer();
      transfer.items.add(
        new File([new Uint8Array(data)], file, {
          type: file.endsWith('json') ? 'application/json' : 'image/png',
        }),
      );
      window.dragged = transfer;
      document.body.dispatchEvent(
        new DragEvent('dragenter', { dataTransfer: transfer, bubbles: true }),
      );
    },
    [[...bytes], name],
  );
  await page.locator('.drop-veil').waitFor();
  await picture?.();
  await page.evaluate(at => {
    const target = document.querySelectorAll('.drop-veil .zone')[at];
    for (const type of ['dragover', 'drop'])
      target.dispatchEvent(
        new DragEvent(type, { dataTransfer: window.dragged, bubbles: true, cancelable: true }),
      );
  }, zone);
}

studio('drop', ({ test, open, picture }) => {
  test('"Dream on it" opens it', async () => {
    const page = await open();
    await openPicture(page);
    await dropOn(page, 0, png(50, 50), 'second.png', async () => {
      await checkPage(page);
      await picture(page, 'drop');
    });
    await eventually(async () =>
      assert.match(await page.locator('.title-name').innerText(), /Second/),
    );
    assert.equal(await page.locator('.drop-veil').isVisible(), false);
  });

  test('"Take its recipe" takes the settings of a dream, and leaves the picture', async () => {
    const page = await open();
    const id = await dream(page, { ...quick, layer: ['whirls'], seed: 9 });
    const bytes = await page.evaluate(async dreamId => {
      const { sourceAddress } = await import('/api.js');
      return [
        ...new Uint8Array(
          await (await fetch(sourceAddress(`dream:${dreamId}`, 'file'))).arrayBuffer(),
        ),
      ];
    }, id);
    await settings(page, {
      layer: undefined,
      seed: undefined,
      iterations: undefined,
      octaves: undefined,
    });
    await dropOn(page, 1, bytes, 'a.dream.png');
    await eventually(async () => assert.equal((await draft(page)).seed, 9));
    assert.equal((await draft(page)).iterations, 2);
    assert.match(await page.locator('.title-name').innerText(), /Second/);
  });

  test('"Be guided by it" adds a guide with a weight', async () => {
    const page = await open();
    await dropOn(page, 2, png(40, 40, { shift: 7 }), 'shells.png');
    await eventually(async () => assert.equal((await draft(page)).guide?.length, 1));
    assert.match((await draft(page)).guide[0], /^asset:[0-9a-f]{64}$/);
    await page.locator('.chip', { hasText: '1 picture' }).click();
    await page.getByText('shells.png', { exact: true }).waitFor();
    const weight = page.getByRole('textbox', { name: 'Weight, exact' });
    await weight.fill('-0.5');
    await weight.press('Enter');
    assert.match((await draft(page)).guide[0], /=-0\.5$/);
    await checkPage(page);
    await picture(page, 'guides');
    await page.keyboard.press('Escape');
    const id = await dream(page, { ...quick, layer: ['whirls'] });
    assert.equal(
      (await api(page, `/dreams/${id}/document`)).recipe.guide.length,
      1,
      'the guide was dreamed with',
    );
  });

  test('what is pasted on an open picture is asked about', async () => {
    for (const size of ['desktop', 'phone']) {
      const page = await open(size);
      await page.locator('.picture img').waitFor();
      await paste(page, png(48, 48));
      await page.getByRole('dialog').waitFor();
      assert.ok(
        await page.getByRole('button', { name: /Take its recipe/ }).isDisabled(),
        'it carries none',
      );
      await checkPage(page);
      await picture(page, 'drop-ask');
      await page.keyboard.press('Escape');
    }
  });
});
