/**
 * The small part of a browser that the page's script uses. TypeScript's own library of it would put every name that a
 * browser has into every file of this project, where they would hide mistakes.
 */
export interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly firstChild: DomNode | null;
  readonly nextSibling: DomNode | null;
  nodeValue: string | null;
}

export interface DomElement extends DomNode {
  readonly id: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly children: ArrayLike<DomElement> & Iterable<DomElement>;
  readonly classList: {
    toggle(name: string, on: boolean): void;
    add(name: string): void;
    remove(name: string): void;
  };
  readonly dataset: { [name: string]: string | undefined };
  readonly firstElementChild: DomElement | null;
  readonly content: DomElement;
  textContent: string | null;
  innerHTML: unknown;
  value: string;
  title: string;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  hasAttribute(name: string): boolean;
  appendChild(node: DomNode): void;
  insertBefore(node: DomNode, before: DomNode | null): void;
  moveBefore?(node: DomNode, before: DomNode | null): void;
  removeChild(node: DomNode): void;
  replaceChild(node: DomNode, old: DomNode): void;
  remove(): void;
  contains(node: DomNode | null): boolean;
  focus(): void;
  querySelector(selector: string): DomElement | null;
  querySelectorAll(selector: string): Iterable<DomElement>;
  addEventListener(type: string, listener: (event: { preventDefault(): void }) => void): void;
}

interface Dom extends DomElement {
  readonly body: DomElement;
  readonly activeElement: DomElement | null;
  readonly visibilityState: string;
  title: string;
  createElement(name: string): DomElement;
  getElementById(id: string): DomElement | null;
}

export interface BrowserWindow {
  readonly document: Dom;
  readonly location: { readonly href: string; reload(): void };
  readonly trustedTypes?: {
    createPolicy(
      name: string,
      rules: { createHTML(text: string): string },
    ): { createHTML(text: string): unknown };
  };
  addEventListener(type: string, listener: () => void): void;
}
