/**
 * M networks of one shape as one expression: layers a ↦ tanh(a W + b), the last one linear, with a leading axis for the
 * networks, so that M of them are as many products of matrices as one is.
 *
 *   parameters, flat: [M, P], network after network; of one network W₁, b₁, W₂, b₂, … row-major
 *   prior: W ~ N(0, g²/from),    b ~ N(0, g²) in the first layer, N(0, 1) after it
 *          g = 1 + 3/√d of d standardised inputs in the first layer, 4 in the last, 1 between
 *
 * tanh and not ReLU: surrogates are asked for smooth functions of few rows, and far from all rows the features level off
 * instead of growing without end. The gains were chosen among a dozen by log predictive density, on the toy function (d = 1, g = 4
 * of the first layer was best), two bells (d = 2, g = 2) and images of digits (d = 64, g = 1): more inputs leave fewer rows to
 * tell a bend in any one of them.
 */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { Engine, Values } from '../../engine/engine.js';
import { inBlocks } from '../../engine/with-program.js';
import type { Failure } from '../../failure.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import type { WorkControl } from '../../work.js';
import { sizeOf, type Tensor } from '../../tensor/expression.js';
import { add, input, matmul, mul, reshape, slice, tanh } from '../../tensor/operations.js';
import { program } from '../../tensor/program.js';

/** How wide a network is: d inputs, the hidden layers, and its outputs. */
export interface NetworkShape {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
}

/** The widths from and to each layer. */
const layersOf = ({ inputs, hidden, outputs }: NetworkShape): readonly (readonly [number, number])[] =>
  [...hidden, outputs].map((to, i) => [i === 0 ? inputs : (hidden[i - 1] ?? inputs), to]);

/** P. */
export const networkSize = (shape: NetworkShape): number =>
  layersOf(shape).reduce((total, [from, to]) => total + (from + 1) * to, 0);

/** Where the last layer's W and b begin among the P parameters; they go to the end. */
export const lastLayerOffset = (shape: NetworkShape): number =>
  networkSize(shape) - ((shape.hidden.at(-1) ?? shape.inputs) + 1) * shape.outputs;

/** The prior standard deviation of each of the P parameters. */
export const priorDeviations = (shape: NetworkShape): Float64Array => {
  const layers = layersOf(shape);
  return Float64Array.from(
    layers.flatMap(([from, to], i) => {
      const first = 1 + 3 / Math.sqrt(shape.inputs);
      const gain = i === layers.length - 1 ? 4 : i === 0 ? first : 1;
      return [
        ...new Array<number>(from * to).fill(gain / Math.sqrt(from)),
        ...new Array<number>(to).fill(i === 0 ? first : 1),
      ];
    }),
  );
};

/** What M networks say of n rows: activations of the last hidden layer [M, n, H], and outputs [M, n, O]. */
export interface NetworkValues {
  readonly features: Tensor;
  readonly outputs: Tensor;
}

/** Scales of the hidden units of a layer, broadcast to [M, n, H]: dropout. Undefined where none are dropped. */
export type UnitScales = ((layer: number, activations: Tensor) => Tensor) | undefined;

/** M networks at rows x [n, d], from their flat parameters [M·P]. */
export const networksAt = (
  shape: NetworkShape,
  members: number,
  flat: Tensor,
  x: Tensor,
  scales?: UnitScales,
): NetworkValues => {
  const table = reshape(flat, [members, networkSize(shape)]);
  const layers = layersOf(shape);
  let offset = 0;
  let features = x;
  let outputs = x;
  layers.forEach(([from, to], i) => {
    const take = (...own: readonly number[]): Tensor => {
      const part = slice(table, [0, offset], [members, sizeOf(own)]);
      offset += sizeOf(own);
      return reshape(part, [members, ...own]);
    };
    features = outputs;
    const sums = add(matmul(features, take(from, to)), take(1, to));
    const active = i < layers.length - 1 ? tanh(sums) : sums;
    outputs = i < layers.length - 1 && scales !== undefined ? mul(active, scales(i, active)) : active;
  });
  return { features, outputs };
};

/** Rows that go through the networks together; the last block is filled up with zeros. */
const blockSize = 256;

/**
 * Activations of the last hidden layer, [M, N, H], or outputs, [M, N, O], of M networks at standardised rows (N×d): of each row
 * whatever the others are. Watched and stopped by `control`. Fails where the engine does, and with Interrupted.
 */
export const networkValues = (
  engine: Engine,
  shape: NetworkShape,
  parameters: ArrayLike<number>,
  rows: Matrix,
  what: keyof NetworkValues,
  control: WorkControl = {},
  stage = 'predicting',
): TE.TaskEither<Failure, Float64Array> => {
  const members = parameters.length / networkSize(shape);
  const width = what === 'outputs' ? shape.outputs : (shape.hidden.at(-1) ?? shape.inputs);
  const value = networksAt(
    shape,
    members,
    input('parameters', 'f32', [parameters.length]),
    input('x', 'f32', [blockSize, shape.inputs]),
  )[what];
  const of = (block: number): Values => {
    const x = new Float64Array(blockSize * rows.columns);
    x.set(rows.data.subarray(block * x.length, (block + 1) * x.length));
    return { x };
  };
  const blocks = Math.ceil(rows.rows / blockSize);
  return pipe(
    inBlocks(
      engine,
      program({ value }),
      blocks,
      { parameters: Float64Array.from(parameters) },
      of,
      control,
      stage,
    ),
    TE.map((answers) => {
      const all = new Float64Array(members * rows.rows * width);
      answers.forEach(({ value: own = new Float64Array(0) }, block) => {
        const count = Math.min(blockSize, rows.rows - block * blockSize) * width;
        for (let m = 0; m < members; m++)
          all.set(
            own.subarray(m * blockSize * width, m * blockSize * width + count),
            (m * rows.rows + block * blockSize) * width,
          );
      });
      return all;
    }),
  );
};
