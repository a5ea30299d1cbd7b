// The first view: nothing starts unasked; a picture comes by the file chooser, by pasting, by dropping, or is the sky.
import assert from 'node:assert/strict';
import { boxes, checkPage } from './checks.mjs';
import { api, openPicture, paste, png, studio } from './harness.mjs';

studio('first', ({ test, open, picture }) => {
  for (const size of ['desktop', 'phone'])
    test(`it welcomes, at the size of a ${size}`, async () => {
      const page = await open(size);
      await page.waitForSelector('.welcome');
      const text = await page.locator('.welcome h1').innerText();
      assert.match(text, size === 'phone' ? /Choose a picture/ : /Drop a picture/);
      await checkPage(page);
      const [welcome, view] = await boxes(page, '.welcome', '#view');
      assert.ok(
        Math.abs(welcome.x + welcome.width / 2 - (view.x + view.width / 2)) < 2,
        'it stands in the middle',
      );
      await picture(page, 'first');
      const { jobs } = await api(page, '/jobs');
      assert.equal(jobs.length, 0, 'nothing starts unasked');
    });

  test('a page without the key says how to open it', async () => {
    const page = await open();
    const other = await page.context().browser().newContext();
    const stranger = await other.newPage();
    await stranger.goto(page.url().split('#')[0]);
    await stranger.waitForSelector('.closed h1');
    assert.match(await stranger.locator('.closed p').innerText(), /reverie serve/);
  });

  test('a second tab gets the key from the first', async () => {
    const page = await open();
    const second = await page.context().newPage();
    await second.goto(page.url().split('#')[0]);
    await second.waitForSelector('.welcome');
  });

  test('the key does not stay in the address', async () => {
    const page = await open();
    assert.ok(!page.url().includes('k='), page.url());
  });

  test('what is no picture is told in one sentence that stays', async () => {
    const page = await open();
    const chooser = page.waitForEvent('filechooser');
    await page.locator('.welcome .button-main').click();
    await (
      await chooser
    ).setFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') });
    const toast = page.locator('.toast-error');
    await toast.waitFor();
    assert.match(await toast.innerText(), /notes\.txt/);
    await page.waitForTimeout(4500);
    assert.equal(await toast.count(), 1);
    await toast.getByRole('button', { name: 'Close' }).click();
    assert.equal(await toast.count(), 0);
  });

  test('a pasted picture opens', async () => {
    const page = await open();
    await paste(page, png(48, 48));
    await page.waitForSelector('.picture:not([hidden]) img');
    assert.match(await page.locator('.title-name').innerText(), /Clip/);
    await openPicture(page);
    assert.match(await page.locator('.title-name').innerText(), /Harbour/);
  });
});
