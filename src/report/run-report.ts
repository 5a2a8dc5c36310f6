/**
 * How do simulated runs become one page that people mail each other? A section an experiment: its drawings, the same SVG
 * that a file would have, and the table of final figures. The page refers to nothing outside itself and runs no script;
 * the drawings have a white ground, so that they read alike on paper and on a dark screen.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { inputFailure, type Failure, type InputFailure } from '../failure.js';
import type { RunRecord } from '../learning/record.js';
import { printable } from '../printable.js';
import { batchesSheet, learningSheet, picturesSheet } from './learning-curves.js';
import { runGrids, type RunGrid } from './run-grid.js';
import { summaryOfGrid } from './run-summary.js';
import { summaryScope, summaryTable, tableLegend } from './run-table.js';
import { loadDrawing, sheetSvg, type Drawing, type Load, type Sheet } from './svg.js';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML shows it, in elements and in attributes; what a terminal must not see is escaped here too. */
export const escapeHtml = (text: string): string =>
  printable(text)
    .replace(/[\uFFFE\uFFFF]/g, '?')
    .replace(/[&<>"']/g, (character) => entities[character] ?? character);

const style = `
:root { color-scheme: light dark; --ground: #ffffff; --ink: #1a1a1a; --faint: #5c5c5c; --rule: #cccccc; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #17191c; --ink: #e6e6e6; --faint: #a8a8a8; --rule: #44484d; }
}
body { margin: 2rem auto; padding: 0 1rem; max-width: 62rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 Helvetica, Arial, "Liberation Sans", sans-serif; }
h1 { font-size: 1.5rem; }
h2 { margin-top: 2.5rem; font-size: 1.25rem; }
figure { margin: 1.5rem 0; break-inside: avoid; }
figure svg { display: block; max-width: 100%; height: auto; border-radius: 4px; }
figcaption, .legend { color: var(--faint); font-size: 0.875rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: 0.8125rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.25rem 0.5rem; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
th:first-child { text-align: left; }
@media (max-width: 57rem) {
  figure { overflow-x: auto; }
  figure svg { max-width: none; }
  figcaption { position: sticky; left: 0; }
}
@media print {
  :root { color-scheme: light; --ground: #ffffff; --ink: #000000; --faint: #333333; --rule: #999999; }
  body { margin: 0; max-width: none; }
  .scroll, figure { overflow: visible; }
  figure svg { max-width: 100%; }
  table { font-size: 0.625rem; }
}
`;

interface Figure {
  readonly sheet: Sheet | undefined;
  readonly caption: string;
}

const curveCaption = ({ measures: { curves } }: RunGrid): string => {
  const [first, second] = curves.map(
    ({ axis, logarithmic }) => `${axis}${logarithmic ? ' (geometric mean over seeds)' : ''}`,
  );
  return `Against labels: ${first ?? ''}, and ${second ?? ''}.`;
};

const figuresOf = (plot: Drawing['plot'], grid: RunGrid): readonly Figure[] => {
  const [{ axis, better }] = grid.measures.curves;
  return [
    {
      sheet: learningSheet(plot, grid),
      caption: `${curveCaption(grid)} Bands are 95% intervals after what each seed has in common for all strategies is taken out (Cousineau 2005, Morey 2008), so that they show how far strategies differ on the same seeds.`,
    },
    {
      sheet: batchesSheet(plot, grid),
      caption: `Left: final ${axis} against the mean seconds to propose a batch, on a logarithmic axis; further ${better === 'below' ? 'down' : 'up'} and left is better. Right: joint mutual information of each batch over that of greedy BatchBALD on the same posterior, mean over seeds with 95% Student intervals; at 1 they are equal.`,
    },
    {
      sheet: picturesSheet(plot, grid),
      caption: `The surrogate in the last round of seed ${grid.seeds[0] ?? ''}: mean and two standard deviations of a label on each side. Labelled points are grey, those of the last batch orange and larger.`,
    },
  ];
};

/** A drawing inside a page. Each names its title by ids, which may occur once in a page. */
const inlineSvg = (drawing: Drawing, sheet: Sheet, id: string): string =>
  sheetSvg(drawing, sheet)
    .replace(/^<\?xml[^>]*\?>\n/, '')
    // The first of each is the drawing's own: they come before every text but the title.
    .replace(
      'aria-labelledby="sheet-title sheet-description"',
      () => `aria-labelledby="${id}-title ${id}-description"`,
    )
    .replace('<title id="sheet-title">', () => `<title id="${id}-title">`)
    .replace('<desc id="sheet-description">', () => `<desc id="${id}-description">`);

const tableHtml = (rows: readonly (readonly string[])[]): string => {
  const [header = [], ...body] = rows;
  const head = header.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  const lines = body.map(([first = '', ...cells]) => {
    const numbers = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join('');
    return `<tr><th scope="row">${escapeHtml(first)}</th>${numbers}</tr>\n`;
  });
  return `<div class="scroll"><table>\n<thead><tr>${head}</tr></thead>\n<tbody>\n${lines.join('')}</tbody>\n</table></div>\n`;
};

const sectionHtml = (drawing: Drawing, grid: RunGrid, index: number): string => {
  const summary = summaryOfGrid(grid);
  const figures = figuresOf(drawing.plot, grid).flatMap(({ sheet, caption }, k) =>
    sheet === undefined
      ? []
      : [
          `<figure>\n${inlineSvg(drawing, sheet, `figure-${index + 1}-${k + 1}`)}<figcaption>${escapeHtml(caption)}</figcaption>\n</figure>\n`,
        ],
  );
  return [
    `<section>\n<h2>${escapeHtml(grid.experiment)}</h2>\n<p>${escapeHtml(summaryScope(summary))}</p>\n`,
    tableHtml(summaryTable(summary)),
    `<p class="legend">${escapeHtml(tableLegend(summary))}</p>\n`,
    ...figures,
    '</section>\n',
  ].join('');
};

/** An InputFailure of `source` that names the first experiment without a seed that all strategies completed. */
export const comparableGrids = (
  source: string,
  records: readonly RunRecord[],
): E.Either<InputFailure, readonly RunGrid[]> => {
  const grids = runGrids(records);
  const empty = grids.find(({ seeds }) => seeds.length === 0);
  return empty === undefined
    ? E.right(grids)
    : E.left(
        inputFailure({
          source,
          problem: `no seed of ${empty.experiment} has all rounds from 0 to ${empty.lastRound} of all strategies (${empty.strategies.join(', ')})`,
          remedy: 'Finish the runs, or remove the strategies that were not finished',
        }),
      );
};

/** The page about grids that have a seed each; pure. */
const pageOf = (drawing: Drawing, grids: readonly RunGrid[]): string => {
  const title = `Simulated active learning: ${grids.map(({ experiment }) => experiment).join(', ')}`;
  return [
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    `<title>${escapeHtml(title)}</title>\n<style>${style}</style>\n</head>\n<body>\n`,
    `<h1>${escapeHtml(title)}</h1>\n`,
    ...grids.map((grid, i) => sectionHtml(drawing, grid, i)),
    '</body>\n</html>\n',
  ].join('');
};

/**
 * The text of one HTML file about simulated runs; the same records give the same text. Fails with an InputFailure of `source`
 * where an experiment has no seed that all strategies completed, and, saying what to install, where the optional packages
 * that draw are missing.
 */
export const runReport = (
  source: string,
  records: readonly RunRecord[],
  load?: Load,
): TE.TaskEither<Failure, string> =>
  pipe(
    TE.fromEither(comparableGrids(source, records)),
    TE.mapLeft((failure): Failure => failure),
    TE.chain((grids) =>
      pipe(
        loadDrawing(load),
        TE.map((drawing) => pageOf(drawing, grids)),
      ),
    ),
  );
