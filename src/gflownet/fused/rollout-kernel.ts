/** How is kernels/rollout dispatched, which makes all b steps of trajectories at once? */
import { parameterOffset } from '../../nn/parameters.js';
import type { CompositeKernel } from '../../tensor/composite.js';
import type { OperandView } from '../../tensor/primitive.js';
import type { Model } from '../model.js';
import { classOf, laidOut } from './layout.js';

/** Numbers of one plane of a trace: a logit, or a variance, of each point in each state. */
export const traceSize = ({ poolSize, batchSize }: Model['shape'], count: number): number =>
  count * batchSize * poolSize;

/** The operands of the kernel by what they are (kernels/rollout); a trace is left where one may be given. */
export interface RolloutOperands {
  readonly parameters: number;
  /** 1 / T, the place of T, the probability of a uniform step. */
  readonly scalars: number;
  readonly keys: number;
  readonly columns: number;
  readonly embeddings: number;
  readonly members: number;
  /** The actions that are given; undefined where a trace is left and none are. */
  readonly given?: number | undefined;
}

/**
 * The dispatch of trajectories `side` a key, into [4, K·side, b] (log P_F, log P_B, gains, actions); traced, with the logits and
 * variances of all states behind them, [S, b, N] each. The last of a key's trajectories take the actions that are given.
 */
export const rolloutKernel = (
  model: Model,
  operands: readonly OperandView[],
  at: RolloutOperands,
  side: number,
): CompositeKernel => {
  const { poolSize: points, features, hidden: width, batchSize: steps } = model.shape;
  const offset = (operand: number | undefined): number =>
    (operand === undefined ? undefined : operands[operand]?.view.offset) ?? 0;
  const traces = 'given' in at;
  const keys = operands[at.keys]?.shape[0] ?? 1;
  const shown = at.given === undefined ? 0 : (operands[at.given]?.shape[0] ?? 0);
  const groups = keys * Math.ceil(side / 4);
  const placeOf = (name: string): number =>
    name in model.specs ? offset(at.parameters) + parameterOffset(model.specs, name) : 0;
  const trace = traces ? traceSize(model.shape, keys * side) : 0;
  const { places, end } = laidOut(4 * keys * side * steps, {
    tracedLogits: trace,
    tracedVariances: trace,
    variances: groups * 4 * points,
    directions: groups * 4 * steps * features,
    aggregates: groups * 4 * width,
  });
  return {
    dispatches: [
      {
        kernel: 'rollout',
        constants: {
          POLICY: model.policy.fused ?? 0,
          HELD: classOf(width + 3, features),
          LAYER: classOf(width, steps),
          TRACE: traces ? 1 : 0,
          DENSE: [points, offset(at.columns), offset(at.embeddings)].every((start) => start % 4 === 0)
            ? 1
            : 0,
        },
        uniforms: [
          ...[points, features, width, steps, side, keys],
          ...[offset(at.scalars), offset(at.keys), offset(at.given), side - shown],
          ...['query1', 'query1Bias', 'query2', 'query2Bias', 'query3', 'query3Bias'].map(placeOf),
          ...['temperature1', 'temperature2'].map(placeOf),
          ...[offset(at.columns), offset(at.embeddings), offset(at.members)],
          ...[places.variances, places.directions, places.aggregates],
          ...[places.tracedLogits, places.tracedVariances],
          ...[0, 0],
        ],
        // Where nothing is given something must be bound in its place.
        operands: [
          ...[at.parameters, at.scalars, at.keys, at.columns, at.embeddings, at.members],
          at.given ?? at.keys,
        ],
        threads: 64 * groups,
        workgroupSize: 64,
      },
    ],
    scratch: end - 4 * keys * side * steps - 2 * trace,
  };
};
