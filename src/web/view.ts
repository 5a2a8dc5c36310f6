/**
 * How does a picture get onto the page? A picture is a tree of nodes, made anew from the state each time; `patch` makes the document
 * like it and leaves what is the same as it is, so that focus, drags and animations go on. Children are matched by key where they have
 * one, and in their order otherwise; what stays is not moved where its order stays, since an element that is moved loses its focus.
 */

type Listener = (event: never) => void;

/** Attributes by name; a function is a listener (`onclick`), undefined and false are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | Listener | undefined>>;

/** An element, or a text. */
export type Shown = Drawn | string;

/** An element of a picture. */
export interface Drawn {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly Shown[];
}

type Children = readonly (Shown | readonly (Shown | undefined)[] | undefined)[];

/** An element. */
export const h = (tag: string, attributes: Attributes = {}, ...children: Children): Drawn => ({
  tag,
  attributes,
  children: children.flatMap((child) =>
    child === undefined
      ? []
      : typeof child === 'string' || 'tag' in child
        ? [child]
        : child.filter((one) => one !== undefined),
  ),
});

const SVG = 'http://www.w3.org/2000/svg';

const namespaceOf = (parent: Element, tag: string): string =>
  tag === 'svg' || (parent.namespaceURI === SVG && parent.tagName !== 'foreignObject')
    ? SVG
    : 'http://www.w3.org/1999/xhtml';

const attributesOf = new WeakMap<Element, Attributes>();

/** What the user may have changed since it was set. */
const isLive = (name: string): boolean => name === 'value' || name === 'checked';

const setAttribute = (element: Element, name: string, value: Attributes[string]): void => {
  if (typeof value === 'function' || (value === undefined && name.startsWith('on')))
    Object.assign(element, { [name]: value ?? null });
  else if (isLive(name)) {
    const own = element as unknown as Record<string, unknown>;
    const wanted = name === 'checked' ? value === true : String(value ?? '');
    if (own[name] !== wanted) own[name] = wanted;
  } else if (value === undefined || value === false) element.removeAttribute(name);
  else element.setAttribute(name, value === true ? '' : String(value));
};

const keyOf = (node: Shown | undefined): Attributes[string] =>
  node === undefined || typeof node === 'string' ? undefined : node.attributes['key'];

const fits = (old: ChildNode | undefined, node: Shown): old is ChildNode =>
  old !== undefined &&
  (typeof node === 'string'
    ? old.nodeType === 3
    : old instanceof Element &&
      old.localName === node.tag &&
      attributesOf.get(old)?.['key'] === node.attributes['key']);

const made = (parent: Element, node: Shown): ChildNode =>
  typeof node === 'string'
    ? document.createTextNode(node)
    : document.createElementNS(namespaceOf(parent, node.tag), node.tag);

const drawnAs = new WeakMap<Element, Drawn>();

const patchElement = (element: Element, node: Drawn): void => {
  // The same picture is there already.
  if (drawnAs.get(element) === node) return;
  drawnAs.set(element, node);
  const before = attributesOf.get(element) ?? {};
  for (const name of Object.keys(before))
    if (!(name in node.attributes)) setAttribute(element, name, undefined);
  // What a control may hold (its options, its range) comes before what it holds.
  patchChildren(element, node.children);
  for (const [name, value] of Object.entries(node.attributes))
    if (name !== 'key' && !isLive(name) && before[name] !== value) setAttribute(element, name, value);
  for (const [name, value] of Object.entries(node.attributes))
    if (isLive(name)) setAttribute(element, name, value);
  attributesOf.set(element, node.attributes);
};

/** Of each node the child that becomes it, where there is one. */
const matched = (parent: Element, children: readonly Shown[]): readonly (ChildNode | undefined)[] => {
  const old = Array.from(parent.childNodes);
  // Most pictures differ in attributes alone.
  if (old.length === children.length && children.every((node, i) => fits(old[i], node))) return old;
  const keyed = new Map<unknown, ChildNode>();
  for (const child of old) {
    const key = child instanceof Element ? attributesOf.get(child)?.['key'] : undefined;
    if (key !== undefined) keyed.set(key, child);
  }
  let from = 0;
  return children.map((node) => {
    const key = keyOf(node);
    if (key !== undefined) {
      const own = keyed.get(key);
      keyed.delete(key);
      return fits(own, node) ? own : undefined;
    }
    for (let i = from; i < old.length; i++) {
      const own = old[i];
      if (!fits(own, node)) continue;
      from = i + 1;
      return own;
    }
    return undefined;
  });
};

const patchChildren = (parent: Element, children: readonly Shown[]): void => {
  if (children.length === 0 && parent.firstChild === null) return;
  const own = matched(parent, children);
  const stays = new Set(own);
  for (const child of Array.from(parent.childNodes)) if (!stays.has(child)) child.remove();
  children.forEach((node, place) => {
    const child = own[place] ?? made(parent, node);
    const there = parent.childNodes[place];
    if (there !== child) parent.insertBefore(child, there ?? null);
    if (typeof node === 'string') {
      if (child.nodeValue !== node) child.nodeValue = node;
    } else if (child instanceof Element) patchElement(child, node);
  });
};

/** Makes the children of an element like a picture. */
export const patch = (parent: Element, picture: readonly Shown[]): void => patchChildren(parent, picture);
