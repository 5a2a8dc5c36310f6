/**
 * Fitting a neural surrogate: networks trained on standardised rows in one program, and what their draws need besides.
 *
 *   ensemble     M networks, each from a start of its own and without one fold of the rows
 *   dropout      one network on all rows, with masks drawn at every step; and one without each fold, for the held-out values
 *   last-layer   one network on all rows. Of regression another without one fold says when to stop (early-stopping.ts), the layer's
 *                weights are then forgotten, and their posterior is that of Bayesian linear regression on the last features, both
 *                precisions by evidence; of classes it is Laplace's
 *                approximation, and one network without each fold is there for the held-out values (last-layer.ts)
 *
 * The prior's centre of the hidden layers is where they began, a draw of the prior, so that features that no row has a say in
 * stay spread out and members differ where nothing is known; held to zero all members agree there. The last layer is held to zero:
 * held to a draw it adds noise to class probabilities (after 50 labels of images of digits 1.38 nats of cross-entropy on a
 * row for 0.90; after 300 labels 0.31 for 0.23) and changes nothing of a regression.
 *
 * Source: Lakshminarayanan, Pritzel and Blundell (2017), arXiv 1612.01474; held to draws of the prior, Pearce, Leibfried and
 * Brintrup (2020), arXiv 1810.05546; dropout.ts, last-layer.ts.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import type { Engine } from '../../engine/engine.js';
import { type Failure, noneOf } from '../../failure.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { columnVector } from '../../linear-algebra/product.js';
import { normals, split } from '../../random/key.js';
import { classCountOf } from '../class-labels.js';
import { labelledFaults } from '../input-faults.js';
import { answeredInTurns, type Work, type WorkControl } from '../../work.js';
import { columnScalings, scalingOf, standardised, standardisedColumns } from '../standardise.js';
import { dropoutDraws, dropoutRate } from './dropout.js';
import { foldCount, foldsOf, heldOutOf, learnsFrom, noiseVarianceOf } from './folds.js';
import { stoppingOf } from './early-stopping.js';
import { byEvidence, byLaplace } from './last-layer.js';
import { lastLayerOffset, networkSize, networkValues, priorDeviations } from './layers.js';
import type { NetworkModel, NetworkSpec } from './model.js';
import { networkKey } from './posterior.js';
import { baseOf, heldOutDraws, type Prepared, repeatedFolds, temperatureOf } from './prepared.js';
import { trainNetworks } from './training.js';

/** Adam's rate at the first step: at 0.02 to 0.05 the end of 300 steps is the same. */
const learningRate = 0.05;

/** τ of a regression: the noise that networks are trained for, in units of the targets' variance. */
const assumedNoise = 0.05;

/** How many folds there are. */
const foldsFor = ({ head, draws }: Pick<NetworkSpec, 'head' | 'draws'>): number =>
  head === 'ensemble' ? Math.min(foldCount, draws) : foldCount;

/** The folds that the networks of a head leave out, −1 for none. */
const withoutOf = ({ head, task, draws }: NetworkSpec): readonly number[] => {
  const folds = foldsFor({ head, draws });
  switch (head) {
    case 'ensemble':
      return Array.from({ length: draws }, (_, m) => m % folds);
    case 'dropout':
      return [-1, ...Array.from({ length: foldCount }, (_, fold) => fold)];
    case 'last-layer':
      return task === 'classes' ? [-1, ...Array.from({ length: foldCount }, (_, fold) => fold)] : [-1, 0];
  }
};

const trained = (
  engine: Engine,
  prepared: Prepared,
  control: WorkControl,
): TE.TaskEither<Failure, Float64Array> => {
  const { spec, shape, x, y, folds, without } = prepared;
  const size = networkSize(shape);
  const deviations = priorDeviations(shape);
  const members = without.length;
  const start = new Float64Array(members * size);
  for (let m = 0; m < members; m++)
    start.set(
      normals(split(networkKey(spec.seed, 'start'), m), size).map((z, j) => z * at(deviations, j)),
      m * size,
    );
  const lastLayer = lastLayerOffset(shape);
  const centres = start.map((value, k) => (k % size < lastLayer ? value : 0));
  const regression = spec.task === 'regression';
  return pipe(
    trainNetworks(
      engine,
      {
        ...{ shape, members, rows: x.rows, iterations: spec.iterations, learningRate },
        loss: regression ? 'squared' : 'crossEntropy',
        dropout: spec.head === 'dropout' ? dropoutRate : 0,
      },
      { x, y, learns: learnsFrom(folds, without) },
      { centres, deviations, weight: regression ? assumedNoise : 1 },
      start,
      networkKey(spec.seed, 'training'),
      control,
      regression && spec.head === 'last-layer' ? stoppingOf(engine, prepared, control) : undefined,
    ),
    TE.map((parameters) => Float64Array.from(parameters)),
  );
};

/** The noise variance or the temperature of draws by their held-out values. */
const byDraws = (
  engine: Engine,
  prepared: Prepared,
  head: 'ensemble' | 'dropout',
  parameters: Float64Array,
  control: WorkControl,
): TE.TaskEither<Failure, NetworkModel> => {
  const { spec, shape, x, y, labels, target, folds, without } = prepared;
  const size = networkSize(shape);
  const kept = head === 'ensemble' ? parameters : parameters.slice(0, size);
  const ofFold = (m: number) =>
    dropoutDraws(
      shape,
      parameters.subarray(m * size, (m + 1) * size),
      heldOutDraws,
      split(networkKey(spec.seed, 'masks'), m),
    );
  const held =
    head === 'ensemble'
      ? { parameters, without }
      : {
          parameters: Float64Array.from(
            without.flatMap((fold, m) => (fold < 0 ? [] : Array.from(ofFold(m)))),
          ),
          without: repeatedFolds(without.slice(1)),
        };
  const stage = 'testing networks on held-out rows';
  const judged = function* (values: Float64Array): Work<E.Either<Failure, NetworkModel>> {
    const heldOut = heldOutOf(values, shape.outputs, folds, held.without);
    const base = { ...baseOf(prepared, kept), head };
    yield;
    return E.right(
      spec.task === 'regression'
        ? {
            ...base,
            task: 'regression',
            noiseVariance: noiseVarianceOf(heldOut, y.data) * target.scale ** 2,
            target,
          }
        : {
            ...base,
            task: 'classes',
            classes: shape.outputs,
            inverseTemperature: yield* temperatureOf(heldOut, shape.outputs, labels),
          },
    );
  };
  return pipe(
    networkValues(engine, shape, held.parameters, x, 'outputs', control, stage),
    TE.chain((values) => answeredInTurns(() => judged(values), control, stage)),
  );
};

const whole = (x: number, least: number): boolean => Number.isInteger(x) && x >= least;

/**
 * Fits the model on labelled inputs (n×d, raw units) and their n targets, or their classes, whole numbers from 0; the pool's
 * rows (N×d) take part in standardising alone. An InputFailure for no rows, entries that are not finite, and labels that are no
 * classes (class-labels.ts); a NumericalFailure where training does not stay finite; Interrupted; and what the engine fails
 * with. Throws a RangeError where the sizes of the arguments differ, there is no hidden layer, there are fewer than 2 draws, or
 * a size is not a whole number from 1.
 */
export const fitNetwork = (
  engine: Engine,
  inputs: Matrix,
  targets: Float64Array,
  spec: NetworkSpec,
  pool?: Matrix,
  control: WorkControl = {},
): TE.TaskEither<Failure, NetworkModel> => {
  if (inputs.rows !== targets.length)
    throw new RangeError(`fitNetwork: ${inputs.rows} rows of inputs and ${targets.length} targets`);
  if (spec.hidden.length === 0 || !spec.hidden.every((units) => whole(units, 1)))
    throw new RangeError(`fitNetwork: hidden layers of [${spec.hidden.join(', ')}] units`);
  if (!whole(spec.draws, 2) || !whole(spec.iterations, 1))
    throw new RangeError(
      `fitNetwork: ${spec.draws} draws and ${spec.iterations} iterations; give at least 2 and 1`,
    );
  return pipe(
    noneOf(labelledFaults(inputs, targets, pool)),
    E.chain(() => (spec.task === 'classes' ? classCountOf(targets, spec.classes) : E.right(1))),
    E.map((outputs): Prepared => {
      const scalings = columnScalings(pool === undefined ? [inputs] : [inputs, pool]);
      const target = scalingOf(targets);
      const without = withoutOf(spec);
      return {
        ...{ spec, inputs: scalings, target, labels: targets, without },
        shape: { inputs: inputs.columns, hidden: spec.hidden, outputs },
        x: standardisedColumns(inputs, scalings),
        y:
          spec.task === 'regression'
            ? columnVector(standardised(targets, target))
            : matrixFrom(targets.length, outputs, (i, c) => (targets[i] === c ? 1 : 0)),
        folds: foldsOf(inputs.rows, foldsFor(spec), networkKey(spec.seed, 'folds')),
      };
    }),
    TE.fromEither,
    TE.chainW((prepared) =>
      pipe(
        trained(engine, prepared, control),
        TE.chain((parameters) =>
          spec.head !== 'last-layer'
            ? byDraws(engine, prepared, spec.head, parameters, control)
            : spec.task === 'regression'
              ? byEvidence(engine, prepared, parameters.slice(0, networkSize(prepared.shape)), control)
              : byLaplace(engine, prepared, parameters, control),
        ),
      ),
    ),
  );
};
