// The little of the DOM that is used here: linkedom's own types are those of a browser, which this package does not have.

export interface DomNode {
  /** 1 an element, 3 text. */
  readonly nodeType: number;
  /** Upper case for elements of HTML. */
  readonly nodeName: string;
  readonly parentNode: DomNode | null;
  readonly firstChild: DomNode | null;
  readonly nextSibling: DomNode | null;
  textContent: string | null;
}

export interface DomElement extends DomNode {
  readonly children: ArrayLike<DomElement>;
  getAttribute(name: string): string | null;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
  append(...nodes: DomNode[]): void;
  remove(): void;
}

export interface DomDocument extends DomElement {
  createElement(name: string): DomElement;
}
