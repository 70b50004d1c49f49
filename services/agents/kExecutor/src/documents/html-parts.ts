// A page cut into parts of a bounded number of blocks: the writer joins what it has with each next block, which for thousands of blocks in
// one element takes time with their square. It decides where a page may be cut; it changes no text.

import type { DomDocument, DomElement, DomNode } from "./dom.ts";

const BLOCKS_A_PART = 64;
const ELEMENT = 1;
const TEXT = 3;
/** Containers without a form of their own in Markdown. */
const TRANSPARENT: ReadonlySet<string> = new Set([
  "HTML",
  "BODY",
  "DIV",
  "MAIN",
  "ARTICLE",
  "SECTION",
  "HEADER",
  "FOOTER",
  "ASIDE",
  "CENTER",
  "NAV",
]);
const BLOCKS: ReadonlySet<string> = new Set([
  ...TRANSPARENT,
  ...["P", "H1", "H2", "H3", "H4", "H5", "H6", "UL", "OL", "DL", "TABLE", "PRE", "BLOCKQUOTE", "HR", "FIGURE", "ADDRESS", "DETAILS"],
]);

/** Elements that together hold what `root` holds, in order; the tree is taken apart for them. */
export function htmlParts(document: DomDocument, root: DomElement): readonly DomElement[] {
  const parts: DomElement[] = [];
  let open: { readonly element: DomElement; blocks: number } | undefined;
  for (const node of pieces(root)) {
    const isBlock = BLOCKS.has(node.nodeName);
    // Only before a block: text and what stands in its line belong together.
    if (open === undefined || (isBlock && open.blocks >= BLOCKS_A_PART)) {
      open = { element: document.createElement("div"), blocks: 0 };
      parts.push(open.element);
    }
    open.element.append(node);
    if (isBlock) open.blocks += 1;
  }
  return parts;
}

/** Children of the root, and of containers that hold nothing but blocks, in order. As deep as html-markdown.ts allows, so recursion is safe. */
function pieces(container: DomNode): readonly DomNode[] {
  const found: DomNode[] = [];
  for (let child = container.firstChild; child !== null; child = child.nextSibling) {
    if (isTransparent(child)) {
      for (const piece of pieces(child)) found.push(piece);
    } else found.push(child);
  }
  return found;
}

function isTransparent(node: DomNode): boolean {
  if (node.nodeType !== ELEMENT || !TRANSPARENT.has(node.nodeName)) return false;
  for (let child = node.firstChild; child !== null; child = child.nextSibling) {
    if (child.nodeType === TEXT && (child.textContent ?? "").trim() !== "") return false;
    if (child.nodeType === ELEMENT && !BLOCKS.has(child.nodeName)) return false;
  }
  return true;
}
