// What every view must hold: names for everything that can be used, enough contrast, nothing beside the screen or on top of
// something else, targets that a finger hits. Written for this page; not a general checker.
import assert from 'node:assert/strict';

/** Runs in the page: what is wrong, as sentences. */
function findProblems({ phone }) {
  const problems = [];
  const tell = (element, what) => problems.push(`${describe(element)}: ${what}`);
  const describe = element =>
    `<${element.tagName.toLowerCase()}${element.className && typeof element.className === 'string' ? `.${element.className.trim().split(/\s+/).join('.')}` : ''}> "${(element.textContent || element.getAttribute('aria-label') || '').trim().slice(0, 40)}"`;
  const isShown = element =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: false }) &&
    element.getClientRects().length > 0 &&
    !element.closest('[inert], [aria-hidden=true], .unseen, .skip');
  const dialog = document.querySelector('dialog[open], .drop-veil:not([hidden])');
  const root = dialog ?? document.body;
  const all = [...root.querySelectorAll('*')].filter(isShown);

  // ---- names
  const nameOf = element => {
    const by = element.getAttribute('aria-labelledby');
    if (by)
      return by
        .split(' ')
        .map(id => document.getElementById(id)?.textContent ?? '')
        .join(' ')
        .trim();
    const label = element.getAttribute('aria-label');
    if (label) return label.trim();
    if (element.labels?.length)
      return [...element.labels]
        .map(other => other.textContent)
        .join(' ')
        .trim();
    if (element.tagName === 'INPUT' && element.type !== 'radio' && element.type !== 'checkbox')
      return (element.getAttribute('title') ?? '').trim();
    return (
      element.textContent + [...element.querySelectorAll('img')].map(image => image.alt).join(' ')
    ).trim();
  };
  const usable = all.filter(element =>
    element.matches(
      'button, a[href], input, select, textarea, summary, [tabindex="0"], [role=treeitem]',
    ),
  );
  for (const element of usable)
    if (!nameOf(element) && !element.matches('[role=dialog], dialog')) tell(element, 'has no name');
  for (const element of all) {
    if (element.tagName === 'IMG' && !element.hasAttribute('alt')) tell(element, 'has no alt');
    if (
      element.hasAttribute('style') &&
      element
        .getAttribute('style')
        .split(';')
        .some(part => part.trim() && !part.trim().startsWith('--'))
    )
      tell(element, 'has a style that is no custom property');
    for (const attribute of ['aria-labelledby', 'aria-controls'])
      for (const id of (element.getAttribute(attribute) ?? '').split(' ').filter(Boolean))
        if (!document.getElementById(id)) tell(element, `${attribute} names nothing`);
  }
  const headings = all.filter(element => element.matches('h1, h2, h3'));
  if (
    !dialog &&
    !headings.some(element => element.tagName === 'H1') &&
    document.querySelectorAll('h1').length === 0
  )
    problems.push('there is no h1');

  // ---- contrast, where the ground is known (text on pictures stands on gradients that are looked at)
  const parse = text => {
    const m = /rgba?\(([^)]+)\)/.exec(text);
    if (!m) return null;
    const [r, g, b, a = 1] = m[1]
      .split(/[ ,/]+/)
      .filter(Boolean)
      .map(Number);
    return { r, g, b, a };
  };
  const over = (top, under) => ({
    r: top.r * top.a + under.r * (1 - top.a),
    g: top.g * top.a + under.g * (1 - top.a),
    b: top.b * top.a + under.b * (1 - top.a),
    a: 1,
  });
  const ground = element => {
    const layers = [];
    for (let node = element; node; node = node.parentElement) {
      const style = getComputedStyle(node);
      if (style.backgroundImage !== 'none' && node !== element) return null;
      const colour = parse(style.backgroundColor);
      if (colour?.a > 0) {
        layers.push(colour);
        if (colour.a === 1) break;
      }
      // What lies over a picture, and not over its parent
      if (
        style.position === 'absolute' &&
        !(colour?.a > 0.7) &&
        node.closest(
          '.stage, .tile, .node, .look, .cell, .first, .channel, .film-card, .block, .compare',
        )
      )
        return null;
    }
    return layers.reduceRight((under, top) => over(top, under), { r: 10, g: 11, b: 13, a: 1 });
  };
  const light = ({ r, g, b }) =>
    [r, g, b]
      .map(v => v / 255)
      .map(v => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
      .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let measured = 0;
  for (const element of all) {
    const own = [...element.childNodes].some(
      node => node.nodeType === 3 && node.textContent.trim(),
    );
    if (!own || element.closest(':disabled, .is-idle, option')) continue;
    const style = getComputedStyle(element),
      colour = parse(style.color),
      under = ground(element);
    if (!under || !colour) continue;
    let alpha = colour.a;
    for (let node = element; node; node = node.parentElement)
      alpha *= Number(getComputedStyle(node).opacity);
    const text = over({ ...colour, a: alpha }, under),
      [a, b] = [light(text), light(under)].sort((x, y) => y - x),
      ratio = (a + 0.05) / (b + 0.05);
    const large =
      Number.parseFloat(style.fontSize) >= 24 ||
      (Number.parseFloat(style.fontSize) >= 18.6 && Number(style.fontWeight) >= 700);
    measured += 1;
    if (ratio < (large ? 3 : 4.5)) tell(element, `has a contrast of ${ratio.toFixed(2)}`);
  }
  if (measured < 1 && !dialog) problems.push(`contrast was measured at ${measured} places only`);

  // ---- boxes
  const width = document.documentElement.clientWidth,
    height = document.documentElement.clientHeight;
  if (document.documentElement.scrollWidth > width + 1)
    problems.push(
      `the page is wider (${document.documentElement.scrollWidth}) than the screen (${width})`,
    );
  const scrolls = element => {
    for (let node = element.parentElement; node; node = node.parentElement) {
      const style = getComputedStyle(node);
      if (/(auto|scroll)/.test(style.overflowX + style.overflowY)) return true;
    }
    return false;
  };
  for (const element of usable) {
    const box = element.getBoundingClientRect();
    if (
      !scrolls(element) &&
      !element.closest('.viewer') &&
      (box.left < -1 || box.right > width + 1 || box.top < -1 || box.bottom > height + 1)
    )
      tell(
        element,
        `lies beside the screen (${[box.left, box.top, box.right, box.bottom].map(Math.round)})`,
      );
    // WCAG 2.2: 24 px; text links within a line are exempt
    const target = element.closest('label')?.getBoundingClientRect() ?? box,
      least = Math.min(target.width, target.height);
    if (
      least < 23.5 &&
      !element.matches(
        'input[type=range], .slider-value, .link, .section a, .section .link, input[type=file], .track-line *',
      ) &&
      element.type !== 'radio'
    )
      tell(element, `is a target of ${Math.round(box.width)} x ${Math.round(box.height)} px`);
  }
  // Text that is cut without a sign
  for (const element of all) {
    if (!element.matches('h1, h2, b, .button, .chip, .go-button, .row-label')) continue;
    const style = getComputedStyle(element);
    if (
      element.scrollWidth > element.clientWidth + 2 &&
      element.clientWidth > 0 &&
      style.overflow !== 'visible' &&
      style.textOverflow !== 'ellipsis'
    )
      tell(element, 'is cut');
  }
  // Buttons on top of each other: what lies at a button's middle must be the button
  for (const element of usable) {
    const box = element.getBoundingClientRect(),
      x = box.left + box.width / 2,
      y = box.top + box.height / 2;
    if (x < 0 || y < 0 || x >= width || y >= height || element.disabled) continue;
    const clip = (() => {
      for (let node = element.parentElement; node; node = node.parentElement) {
        const other = node.getBoundingClientRect();
        if (
          getComputedStyle(node).overflow !== 'visible' &&
          (x < other.left || x > other.right || y < other.top || y > other.bottom)
        )
          return true;
      }
      return false;
    })();
    if (clip) continue;
    const hit = document.elementFromPoint(x, y);
    if (!hit || hit === element || element.contains(hit) || hit.contains(element)) continue;
    const label = element.closest('label');
    if (label && label.contains(hit)) continue;
    if (hit.closest('.popover, .toasts, dialog, .selection, .seen') || element.closest('.viewer'))
      continue;
    if (phone && hit.closest('.past, .go, .foot, .head, .atlas-detail')) continue;
    tell(element, `is covered by ${describe(hit)}`);
  }
  return problems;
}

/** @param {import('playwright-core').Page} page */
export async function checkPage(page) {
  await page.waitForTimeout(80);
  const problems = await page.evaluate(findProblems, { phone: page.viewportSize().width < 760 });
  assert.deepEqual(problems, []);
}

/** Whether a box lies within another. */
export async function boxes(page, ...selectors) {
  const found = [];
  for (const selector of selectors) found.push(await page.locator(selector).first().boundingBox());
  return found;
}
