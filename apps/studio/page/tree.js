// How the history is laid out: a dream's first child goes on in its row, later ones branch off into rows below.

/**
 * @typedef {{id: string, parent: string|null}} Node
 * @typedef {{id: string, column: number, row: number, parent: string|null}} Placed
 */

/**
 * Places nodes in columns (their depth) and rows, so that no two share a place.
 * @param {Node[]} nodes oldest first; a node whose parent is not among them hangs at the root
 * @param {string} root id of the root, which is not among the nodes
 * @returns {Map<string, Placed>} the root, too
 */
export function placeTree(nodes, root) {
  const known = new Set(nodes.map(node => node.id));
  /** @type {Map<string, string[]>} */
  const children = new Map();
  for (const node of nodes) {
    const parent =
      node.parent && known.has(node.parent) && node.parent !== node.id ? node.parent : root;
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(node.id);
  }
  /** @type {Map<string, Placed>} */
  const placed = new Map();
  /** @type {[number, number][][]} taken columns of each row */
  const taken = [];
  const isFree = (
    /** @type {number} */ row,
    /** @type {number} */ from,
    /** @type {number} */ to,
  ) => !(taken[row] ?? []).some(([a, b]) => a <= to && from <= b);

  // Chains wait here: what a chain's later children begin is placed after the chain itself
  /** @type {{id: string, column: number, row: number, parent: string|null}[]} */
  const chains = [{ id: root, column: 0, row: 0, parent: null }];
  while (chains.length) {
    const chain = chains.pop();
    /** @type {string[]} */
    const line = [];
    for (let id = chain.id; id; id = children.get(id)?.[0]) line.push(id);
    let row = chain.row;
    // One column more on the left, where the line comes down from the parent's row
    while (
      !isFree(
        row,
        chain.column - (row > chain.row || chain.parent ? 1 : 0),
        chain.column + line.length - 1,
      )
    )
      row += 1;
    (taken[row] ??= []).push([chain.column, chain.column + line.length - 1]);
    line.forEach((id, i) =>
      placed.set(id, { id, column: chain.column + i, row, parent: i ? line[i - 1] : chain.parent }),
    );
    // From the left, so that the branches that begin deepest are placed first, nearest below
    line.forEach((id, i) =>
      (children.get(id) ?? [])
        .slice(1)
        .reverse()
        .forEach(child =>
          chains.push({ id: child, column: chain.column + i + 1, row: row + 1, parent: id }),
        ),
    );
  }
  return placed;
}
