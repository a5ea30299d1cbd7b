// The history: a tree on disk; undo, redo, branches, stars, names, the bin.
import assert from 'node:assert/strict';
import { checkPage } from './checks.mjs';
import { api, dream, eventually, openPicture, opened, quick, studio } from './harness.mjs';

studio('history', ({ test, open, picture }) => {
  let first = '',
    second = '',
    branch = '';

  test('dreams are a tree; undo goes to the parent, redo to the child last visited', async () => {
    const page = await open();
    await openPicture(page);
    first = await dream(page, { ...quick, layer: ['strokes'] });
    second = await dream(page, { layer: ['whirls'] });
    assert.equal((await api(page, `/dreams/${second}`)).parent, first);
    await page.keyboard.press('z');
    await eventually(async () => assert.equal(await opened(page), first));
    branch = await dream(page, { layer: ['eyes'] });
    assert.equal((await api(page, `/dreams/${branch}`)).parent, first);
    await page.getByRole('button', { name: 'Undo (Z)' }).click();
    await eventually(async () => assert.equal(await opened(page), first));
    await page.keyboard.press('Shift+Z');
    await eventually(async () => assert.equal(await opened(page), branch));
    const tree = page.getByRole('tree', { name: 'History' });
    assert.equal(await tree.getByRole('treeitem').count(), 4);
    assert.equal(await tree.locator('[aria-selected=true]').getAttribute('data-node'), branch);
    const rows = await tree
      .locator('[data-row]')
      .evaluateAll(nodes => new Set(nodes.map(node => node.dataset.row)).size);
    assert.equal(rows, 2, 'the branch has a row of its own');
    await checkPage(page);
    await picture(page, 'history');
  });

  test('opening a dream brings its settings back', async () => {
    const page = await open();
    await page.locator(`[data-node="${second}"]`).click();
    await eventually(async () => assert.equal(await opened(page), second));
    assert.ok(await page.getByRole('radio', { name: 'whirls' }).isChecked());
  });

  test('arrows walk the tree, Enter opens', async () => {
    const page = await open();
    await page.locator(`[data-node="${second}"]`).focus();
    await page.keyboard.press('ArrowLeft');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.node), first);
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    assert.equal(await page.evaluate(() => document.activeElement.dataset.node), branch);
    await page.keyboard.press('Enter');
    await eventually(async () => assert.equal(await opened(page), branch));
  });

  test('holding a dream shows it for as long', async () => {
    const page = await open();
    const node = page.locator(`[data-node="${first}"]`);
    await node.hover();
    await page.mouse.down();
    await eventually(async () =>
      assert.ok((await page.locator('.layers img').last().getAttribute('src')).includes(first)),
    );
    await page.mouse.up();
    await eventually(async () =>
      assert.ok((await page.locator('.layers img').last().getAttribute('src')).includes(branch)),
    );
    assert.equal(await opened(page), branch);
  });

  test('stars, names and notes are kept', async () => {
    const page = await open();
    await page.keyboard.press('s');
    await eventually(async () => assert.equal((await api(page, `/dreams/${branch}`)).star, true));
    await page.locator('.node-star').waitFor();
    await page.locator('.title-name').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Eyes over water');
    await page.getByRole('textbox', { name: 'Note' }).fill('the good one');
    await page.keyboard.press('Tab');
    await eventually(async () =>
      assert.equal(await page.locator('.title-name').innerText(), 'Eyes over water'),
    );
    assert.equal((await api(page, `/dreams/${branch}`)).note, 'the good one');
  });

  test('a dream in the bin can come back', async () => {
    const page = await open();
    await page.locator('.title-name').click();
    await page.getByRole('button', { name: 'To the bin' }).click();
    await eventually(async () => assert.equal(await opened(page), first));
    assert.ok((await api(page, `/dreams/${branch}`)).deleted);
    await page.locator('.toast').getByRole('button', { name: 'Undo' }).click();
    await eventually(async () =>
      assert.equal((await api(page, `/dreams/${branch}`)).deleted, null),
    );
    await page.locator(`[data-node="${branch}"]`).waitFor();
  });

  test('on a phone the history comes up over the sheet', async () => {
    const page = await open('phone');
    await page.locator('.go').getByRole('button', { name: 'History' }).click();
    await page.locator(`[data-node="${first}"]`).waitFor();
    await page.waitForTimeout(100);
    await checkPage(page);
    await picture(page, 'history');
    await page.locator(`[data-node="${first}"]`).click();
    await eventually(async () => assert.equal(await opened(page), first));
  });
});
