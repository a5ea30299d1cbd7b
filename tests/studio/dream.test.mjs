// The dream view: looks on the user's own picture, depth, the settings that matter most, what is dreamed, and reloading.
import assert from 'node:assert/strict';
import { boxes, checkPage } from './checks.mjs';
import {
  api,
  draft,
  dream,
  eventually,
  go,
  openPicture,
  opened,
  png,
  quick,
  settings,
  studio,
} from './harness.mjs';

studio('dream', ({ test, open, picture }) => {
  test('a picture opens, and its looks are dreamed on it', async () => {
    const page = await open();
    await openPicture(page);
    const looks = page.locator('.look');
    assert.equal(await looks.count(), 8);
    await eventually(
      async () => assert.equal(await page.locator('.look img.is-waiting').count(), 0),
      20,
    );
    await checkPage(page);
    await picture(page, 'dream-picture');
  });

  test('a look, the depth and the sliders change the draft, and nothing else', async () => {
    const page = await open();
    await page.getByRole('radio', { name: 'eyes' }).check();
    assert.deepEqual((await draft(page)).layer, ['eyes']);
    const depth = page.getByRole('slider', { name: 'Depth' });
    await depth.focus();
    await page.keyboard.press('ArrowLeft');
    assert.deepEqual((await draft(page)).layer, ['whirls']);
    const long = page.getByRole('slider', { name: 'How long' });
    await long.focus();
    await page.keyboard.press('ArrowRight');
    assert.equal((await draft(page)).iterations, 11);
    await page.keyboard.press('ArrowLeft');
    assert.ok(!('iterations' in (await draft(page))), 'the standard value is not kept');
    const exact = page.getByRole('textbox', { name: 'How long, exact' });
    await exact.fill('250');
    await exact.press('Enter');
    assert.equal((await draft(page)).iterations, 250, 'values beside the slider can be typed');
    await page.getByRole('switch', { name: 'Keep the light' }).check();
    await page.getByRole('switch', { name: 'Keep the colours' }).check();
    assert.equal((await draft(page)).match_tone, 'full');
    assert.equal((await draft(page)).color, 'keep');
    await page.getByRole('button', { name: 'Another variation' }).click();
    assert.ok((await draft(page)).seed > 0);
    await page.getByRole('button', { name: /px|Its own size/ }).click();
    await page.getByRole('button', { name: '512 px' }).click();
    assert.equal((await draft(page)).size, '512');
    assert.match(await page.locator('.all-settings .count').innerText(), /4 changed/);
    await settings(page, {
      iterations: undefined,
      match_tone: undefined,
      color: undefined,
      seed: undefined,
      size: undefined,
      layer: undefined,
    });
  });

  for (const size of ['desktop', 'phone'])
    test(`Dream makes a dream of the picture, at the size of a ${size}`, async () => {
      const page = await open(size);
      if (!(await page.locator('.picture img').count())) await openPicture(page);
      const id = await dream(page, { ...quick, layer: ['eyes'] });
      const made = await api(page, `/dreams/${id}`);
      assert.equal(made.name, 'Harbour, in eyes');
      assert.deepEqual([made.width, made.height], [64, 36]);
      const { recipe } = await api(page, `/dreams/${id}/document`);
      assert.equal(recipe.iterations, 2);
      assert.equal(recipe.octaves, 2);
      await checkPage(page);
      await picture(page, 'dream');
      const [go, view, image] = await boxes(page, '.go-button', '#view', '.picture');
      assert.ok(go.y + go.height <= view.y + view.height, 'the button is on the screen');
      assert.ok(image.width > 100, 'a tiny picture is shown larger');
    });

  test('a reload and a second tab show the same', async () => {
    const page = await open();
    await page.locator('.picture img').waitFor();
    await page.getByRole('radio', { name: 'fish' }).check();
    await page.waitForTimeout(600);
    const id = await opened(page);
    await page.reload();
    await page.locator('.picture img').waitFor();
    assert.equal(await opened(page), id);
    assert.ok(await page.getByRole('radio', { name: 'fish' }).isChecked());
    const second = await page.context().newPage();
    await second.goto(page.url().split('#')[0]);
    await second.locator('.picture img').waitFor();
    assert.equal(await opened(second), id);
    await second.getByRole('radio', { name: 'strokes' }).check();
    await eventually(async () =>
      assert.ok(await page.getByRole('radio', { name: 'strokes' }).isChecked()),
    );
  });

  test('one can dream on the dream', async () => {
    const page = await open();
    await page.locator('.picture img').waitFor();
    const first = await opened(page);
    await page.getByRole('radio', { name: 'this dream' }).check();
    await eventually(async () =>
      assert.equal(
        await page.evaluate(async () => (await import('/store.js')).store.place.source),
        `dream:${first}`,
      ),
    );
    const second = await api(page, `/dreams/${await dream(page)}`);
    assert.equal(second.source, `dream:${first}`);
    assert.equal(second.basis, 'go_on');
    assert.equal(second.name.split(', in ').length, 2, second.name);
    assert.equal(second.parent, first);
  });

  test('a choice is shown as a draft, which is not kept, and can be turned off', async () => {
    const page = await open();
    await page.locator('.picture img').waitFor();
    const { total } = await api(page, '/dreams');
    await page.getByRole('button', { name: 'More', exact: true }).click();
    await page.getByRole('button', { name: 'No drafts while I choose' }).click();
    await settings(page, quick);
    await page.getByRole('radio', { name: 'whirls' }).check();
    await page.locator('.draft-note').waitFor();
    assert.match(await page.locator('.layers img').last().getAttribute('src'), /preview/);
    await checkPage(page);
    await picture(page, 'draft');
    await page.locator('.draft-note').getByRole('button').click();
    await page.locator('.draft-note').waitFor({ state: 'hidden' });
    await page.getByRole('radio', { name: 'eyes' }).check();
    await page.waitForTimeout(500);
    assert.equal(await page.locator('.draft-note').isVisible(), false);
    assert.equal((await api(page, '/dreams')).total, total, 'drafts are not kept');
  });

  for (const [name, width, height] of [
    ['portrait', 40, 120],
    ['panorama', 240, 40],
    ['speck', 3, 2],
  ])
    test(`a ${name} stands within the stage`, async () => {
      for (const size of ['desktop', 'phone']) {
        const page = await open(size);
        await openPicture(page, png(width, height), `${name}.png`);
        await eventually(async () =>
          assert.match(await page.locator('.title-name').textContent(), new RegExp(name, 'i')),
        );
        const [image, stage] = await eventually(async () => {
          const found = await boxes(page, '.picture', '.stage');
          assert.ok(
            Math.abs(found[0].width / found[0].height - width / height) < (0.05 * width) / height,
            'its shape is kept',
          );
          return found;
        });
        if (size === 'desktop')
          assert.ok(
            image.x >= stage.x &&
              image.y >= stage.y &&
              image.x + image.width <= stage.x + stage.width &&
              image.y + image.height <= stage.y + stage.height,
            'it is within the stage',
          );
        await checkPage(page);
        await picture(page, `dream-${name}`);
      }
    });

  test('wheel and keys zoom, F fits', async () => {
    const page = await open();
    await openPicture(page);
    const [before] = await boxes(page, '.picture');
    await page.mouse.move(before.x + before.width / 2, before.y + before.height / 2);
    await page.mouse.wheel(0, -400);
    await eventually(async () =>
      assert.ok((await boxes(page, '.picture'))[0].width > before.width * 1.3),
    );
    await page.keyboard.press('f');
    await eventually(async () =>
      assert.ok(Math.abs((await boxes(page, '.picture'))[0].width - before.width) < 2),
    );
    await page.keyboard.press('1');
    await eventually(async () =>
      assert.equal(Math.round((await boxes(page, '.picture'))[0].width), 64),
    );
  });

  test('a name of markup is text, a long one does not break the page', async () => {
    const page = await open();
    const id = await dream(page);
    await api(page, `/dreams/${id}`, 'PATCH', {
      name: '<img src=x onerror=alert(1)> '.repeat(6),
      note: '<b>note</b>',
    });
    await eventually(async () =>
      assert.match(await page.locator('.title-name').innerText(), /<img/),
    );
    assert.equal(await page.locator('.title img').count(), 0);
    await checkPage(page);
    await go(page, 'gallery');
    await page.locator('.tile').first().waitFor();
    await checkPage(page);
  });
});
