/** What is wrong with numbers that a surrogate is given, as faults that say where. */
import type { Fault } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { columnVector } from '../linear-algebra/product.js';
import { type Floats, heldIn } from '../linear-algebra/vector.js';
import { scalingOf } from './standardise.js';

/** The next place whose entry is not finite, or beyond ±`most`; the length if there is none. Of a large pool a pass over a gigabyte. */
const nextBeyond = (data: Floats, from: number, most: number): number => {
  let k = from;
  while (k < data.length && Math.abs(data[k] ?? NaN) <= most) k++;
  return k;
};

/** The first few entries that are not finite, or beyond ±`most`, with their 1-based row and column. */
export const notFinite = (source: string, matrix: Matrix, most = Number.MAX_VALUE): readonly Fault[] => {
  const { columns } = matrix;
  const data = heldIn(matrix);
  const faults: Fault[] = [];
  let k = nextBeyond(data, 0, most);
  while (k < data.length && faults.length < 5) {
    faults.push({
      source: `${source}, row ${Math.floor(k / columns) + 1}`,
      column: (k % columns) + 1,
      problem: `the value is ${data[k] ?? NaN}`,
      remedy: `Give a finite number${most < Number.MAX_VALUE ? ` up to ${most}` : ''}, or leave the row out`,
    });
    k = nextBeyond(data, k + 1, most);
  }
  return faults;
};

/**
 * The largest target, and the inverse of the smallest deviation, that surrogates take. Variances are in squared units of the
 * target, 1e±280 of these, and hyperparameters may lie eight decades and more beside them: f64 ends at 1e±308.
 */
export const largestTarget = 1e140;

/** A fault where squares of the targets cannot be held: what they are, and the unit to give them in. */
export const scaleFaults = (targets: Float64Array): readonly Fault[] => {
  const largest = targets.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const { scale } = scalingOf(targets);
  const large = largest > largestTarget;
  if (!Number.isFinite(largest) || !(large || scale < 1 / largestTarget)) return [];
  return [
    {
      source: 'targets',
      problem: large
        ? `the largest is ${largest}, beyond ${largestTarget}`
        : `their standard deviation is ${scale}; it is taken from ${1 / largestTarget} up`,
      remedy: `In another unit: divide by 1e${Math.floor(Math.log10(large ? largest : scale))}`,
    },
  ];
};

/** What is wrong with labelled rows, their targets and the pool that all surrogates ask for; `fewest` rows, 1 if left out. */
export const labelledFaults = (
  inputs: Matrix,
  targets: Float64Array,
  pool: Matrix | undefined,
  fewest = 1,
): readonly Fault[] => [
  ...(inputs.rows < fewest
    ? [{ source: 'labelled rows', problem: 'there are none', remedy: 'Label at least one row' }]
    : []),
  ...(inputs.columns === 0
    ? [{ source: 'inputs', problem: 'there are none', remedy: 'Give at least one input column' }]
    : []),
  ...notFinite('inputs of the labelled rows', inputs),
  ...notFinite('targets', columnVector(targets)),
  ...scaleFaults(targets),
  ...(pool === undefined ? [] : notFinite('inputs of the pool', pool)),
];

/** A fault where a value is given and is not a positive number. */
export const notPositive = (name: string, value: number | undefined): readonly Fault[] =>
  value === undefined || (value > 0 && value < Infinity)
    ? []
    : [
        {
          source: name,
          problem: `it is ${value}`,
          remedy: 'Give a positive number, or leave it out to have it fitted',
        },
      ];
