/** How is kernels/rollout dispatched, which makes all b steps of trajectories at once? */
import { parameterOffset } from '../../nn/parameters.js';
import type { CompositeKernel } from '../../tensor/composite.js';
import type { OperandView } from '../../tensor/primitive.js';
import type { Model } from '../model.js';
import { classOf, laidOut, tablePlaces } from './layout.js';

/** Numbers of one plane of a trace: a logit, or a variance, of each point in each state. */
export const traceSize = ({ poolSize, batchSize }: Model['shape'], count: number): number =>
  count * batchSize * poolSize;

/** The operands of the kernel by what they are; those of a trace are left out where there is none. */
export interface RolloutOperands {
  readonly parameters: number;
  readonly inverseTemperature: number;
  readonly temperatureCode: number;
  readonly keys: number;
  readonly table: number;
  readonly exploration?: number;
  readonly given?: number;
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
  const [ofParameters = 0, ofTemperature = 0, ofPlace = 0, ofKeys = 0, ofTable = 0] = [
    at.parameters,
    at.inverseTemperature,
    at.temperatureCode,
    at.keys,
    at.table,
  ].map((operand) => operands[operand]?.view.offset);
  const traces = at.exploration !== undefined;
  const keys = operands[at.keys]?.shape[0] ?? 1;
  const given = at.given === undefined ? undefined : operands[at.given];
  const groups = keys * Math.ceil(side / 4);
  const placeOf = (name: string): number =>
    name in model.specs ? ofParameters + parameterOffset(model.specs, name) : 0;
  const trace = traces ? traceSize(model.shape, keys * side) : 0;
  const { columns, embeddings, members } = tablePlaces(model.shape, ofTable).places;
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
        },
        uniforms: [
          ...[points, features, width, steps, side, keys, ofTemperature, ofPlace, ofKeys],
          ...[operands[at.exploration ?? 0]?.view.offset ?? 0, given?.view.offset ?? 0],
          side - (given?.shape[0] ?? 0),
          ...['query1', 'query1Bias', 'query2', 'query2Bias', 'query3', 'query3Bias'].map(placeOf),
          ...['temperature1', 'temperature2'].map(placeOf),
          ...[columns, embeddings, members],
          ...[places.variances, places.directions, places.aggregates],
          ...[places.tracedLogits, places.tracedVariances],
        ],
        // Without a trace something must be bound in the places of what it takes.
        operands: [
          ...[at.parameters, at.inverseTemperature, at.temperatureCode, at.keys, at.table],
          ...[at.exploration ?? at.inverseTemperature, at.given ?? at.keys],
        ],
        threads: 64 * groups,
        workgroupSize: 64,
      },
    ],
    scratch: end - 4 * keys * side * steps - 2 * trace,
  };
};
