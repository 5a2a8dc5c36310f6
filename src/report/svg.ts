/**
 * How do panels become one SVG file without a browser? Observable Plot draws each into a document of xmldom; the
 * drawings are set into one outer drawing, with the texts around them, and written as XML.
 *
 * The same value gives the same bytes: coordinates are rounded to hundredths of a pixel, below which machines may
 * differ, and nothing carries a counter. Both packages are optional and loaded when the first file is drawn.
 */
import type * as Xmldom from '@xmldom/xmldom';
import type * as Plot from '@observablehq/plot';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type Failure } from '../failure.js';
import { printable } from '../printable.js';

/** The packages, at the versions that are tried. */
const packages = { plot: '@observablehq/plot', dom: '@xmldom/xmldom' } as const;
const versions = '@observablehq/plot@0.6.17 @xmldom/xmldom@0.9.12';

/** What draws. */
export interface Drawing {
  readonly plot: typeof Plot;
  readonly dom: typeof Xmldom;
}

/** Loads a package by its name. */
export type Load = (name: string) => Promise<unknown>;

// The name is not a literal, so that bundlers leave the import alone.
const load: Load = (name) => import(/* webpackIgnore: true */ /* @vite-ignore */ name);

/** Loads what draws. Fails, saying what to install, where a package is missing. */
export const loadDrawing = (from: Load = load): TE.TaskEither<Failure, Drawing> =>
  TE.tryCatch(
    async () => ({
      plot: (await from(packages.plot)) as typeof Plot,
      dom: (await from(packages.dom)) as typeof Xmldom,
    }),
    (error) =>
      inputFailure({
        source: 'plot',
        problem: `the packages that draw could not be loaded: ${String(error).split('\n')[0] ?? ''}`,
        remedy: `Install them with \`npm install ${versions}\``,
      }),
  );

/** A panel and where it stands, in pixels. */
export interface Placed {
  readonly options: Plot.PlotOptions;
  readonly left: number;
  readonly top: number;
}

/** A line of text; `top` is its base line. */
export interface Line {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly size: number;
  readonly bold: boolean;
}

/** A whole drawing, in pixels. */
export interface Sheet {
  readonly width: number;
  readonly height: number;
  /** One line, and sentences, for those who do not see the picture. */
  readonly title: string;
  readonly description: string;
  readonly panels: readonly Placed[];
  readonly lines: readonly Line[];
}

const namespace = 'http://www.w3.org/2000/svg';

/** Families that machines have, the last one always. */
const fonts = 'Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif';
const fontSize = 11;

const rounded = (text: string): string =>
  text.replace(/-?\d*\.\d{3,}(e-?\d+)?/g, (number) => String(Math.round(Number(number) * 100) / 100 + 0));

const geometry = ['cx', 'cy', 'd', 'height', 'r', 'transform', 'width', 'x', 'x1', 'x2', 'y', 'y1', 'y2'];

/** XML has no control characters and no halves of surrogate pairs, and what is not a character. */
const drawable = (text: string): string => printable(text).replace(/[\uFFFE\uFFFF]/g, '?');

const tidy = (element: Xmldom.Element): void => {
  for (const name of geometry) {
    const value = element.getAttribute(name);
    if (value !== null) element.setAttribute(name, rounded(value));
  }
  for (const { name, value } of Array.from(element.attributes)) element.setAttribute(name, drawable(value));
  for (const child of Array.from<Xmldom.Node>(element.childNodes)) {
    if (child.nodeName === 'style') element.removeChild(child);
    else if (child.nodeType === child.TEXT_NODE) child.nodeValue = drawable(child.nodeValue ?? '');
    else if (child.nodeType === child.ELEMENT_NODE) tidy(child as Xmldom.Element);
  }
};

/** A sheet as the text of an SVG file. */
export const sheetSvg = ({ plot, dom }: Drawing, sheet: Sheet): string => {
  const document = new dom.DOMImplementation().createDocument(namespace, 'svg', null);
  const root = document.documentElement;
  if (root === null) throw new Error('sheetSvg: a new document has no root');
  const add = (name: string, attributes: Readonly<Record<string, string | number>>, text = '') => {
    const element = document.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    if (text !== '') element.appendChild(document.createTextNode(drawable(text)));
    root.appendChild(element);
  };
  const { width, height } = sheet;
  const attributes = {
    width,
    height,
    viewBox: `0 0 ${width} ${height}`,
    role: 'img',
    'aria-labelledby': 'sheet-title sheet-description',
    'font-family': fonts,
    'font-size': fontSize,
    fill: '#000000',
  };
  for (const [key, value] of Object.entries(attributes)) root.setAttribute(key, String(value));
  add('title', { id: 'sheet-title' }, sheet.title);
  add('desc', { id: 'sheet-description' }, sheet.description);
  add('rect', { width, height, fill: '#ffffff' });
  for (const { options, left, top } of sheet.panels) {
    // Plot's style sheet is for pages: there it would stretch a drawing inside another.
    const panel = plot.plot({ ...options, document: document as never }) as unknown as Xmldom.Element;
    for (const name of ['class', 'font-family', 'font-size']) panel.removeAttribute(name);
    tidy(panel);
    panel.setAttribute('x', String(left));
    panel.setAttribute('y', String(top));
    root.appendChild(panel);
  }
  for (const { text, left, top, size, bold } of sheet.lines)
    add(
      'text',
      { x: left, y: top, 'font-size': size, ...(bold ? { 'font-weight': 'bold' } : { fill: '#333333' }) },
      text,
    );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new dom.XMLSerializer().serializeToString(document)}\n`;
};
