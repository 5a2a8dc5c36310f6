/**
 * What kernels/rollout reads of a pool, one part behind the other in a flat tensor:
 *
 *   features [D, N], what candidates are to the logits [H, N], what members add to the aggregate [N, H]
 *
 * Kernel: pool-embedding.wgsl, of policies that embed points as `gain` and `pointer` do (src/gflownet/policies/embedding.ts).
 */
import { parameterOffset } from '../../nn/parameters.js';
import type { Composite } from '../../tensor/composite.js';
import { sizeOf, type Tensor } from '../../tensor/expression.js';
import { composite, concat, filled, reshape, slice, transpose } from '../../tensor/operations.js';
import { samplerOf, type Model, type modelInputs } from '../model.js';
import type { Sampler } from '../rollout.js';
import { classOf, isFused, tablePlaces } from './layout.js';

const flat = (tensor: Tensor): Tensor => reshape(tensor, [sizeOf(tensor.shape)]);

/** The parts of the table. */
export interface PoolTable {
  readonly columns: Tensor;
  readonly embeddings: Tensor;
  readonly members: Tensor;
}

/** The parts in the order of a composite's operands. */
export const partsOf = ({ columns, embeddings, members }: PoolTable): readonly Tensor[] => [
  columns,
  embeddings,
  members,
];

/** 1 / T, the place of T and the probability of a uniform step, all scalars, as one operand [3]. */
export const scalarsAs = (...scalars: readonly [Tensor, Tensor, Tensor]): Tensor =>
  concat(
    scalars.map((scalar) => reshape(scalar, [1])),
    0,
  );

/** The scalars of that operand. */
export const scalarsOf = (scalars: Tensor): readonly [Tensor, Tensor, Tensor] => {
  const at = (i: number): Tensor => reshape(slice(scalars, [i], [1]), []);
  return [at(0), at(1), at(2)];
};

/** The table of a sampler's pool. */
export const tableOf = ({ policy, parameters, candidates, pool }: Sampler): PoolTable => ({
  columns: transpose(pool.whitened),
  embeddings: transpose(candidates),
  members: policy.members(parameters, policy.embed(parameters, pool.points)),
});

type Operands = readonly [parameters: Tensor, features: Tensor, scale: Tensor];

/** The table of a model's pool, for programs that need nothing else of the embeddings. */
export const poolTable = (
  model: Model,
  inputs: Pick<ReturnType<typeof modelInputs>, 'parameters' | 'features' | 'scale'>,
): PoolTable => {
  const { shape, specs } = model;
  const of: Composite = {
    name: 'poolTable',
    settings: { ...shape },
    meaning: (operands) => {
      const [parameters, features, scale] = operands as Operands;
      const none = filled(0, features.dtype, []);
      const rest = { inverseTemperature: none, temperatureCode: none, pointCost: none };
      const table = tableOf(samplerOf(model, { parameters, features, scale, ...rest }));
      return concat(partsOf(table).map(flat), 0);
    },
    kernel: ({ operands }) => {
      if (!isFused(model)) return undefined;
      const { poolSize: points, features, hidden: width } = shape;
      const [ofParameters = 0, ofFeatures = 0, ofScale = 0] = operands.map(({ view }) => view.offset);
      const { columns, embeddings, members } = tablePlaces(shape).places;
      const at = (name: string): number => ofParameters + parameterOffset(specs, name);
      return {
        dispatches: [
          {
            kernel: 'pool-embedding',
            constants: { HELD: classOf(2 * width) },
            uniforms: [
              ...[points, features, width, ofFeatures, ofScale],
              ...['point1', 'point1Bias', 'point2', 'point2Bias', 'key', 'member'].map(at),
              ...[columns, embeddings, members],
            ],
            operands: [1, 2, 0],
            threads: 64 * Math.ceil(points / 4),
            workgroupSize: 64,
          },
        ],
      };
    },
  };
  const whole = composite(of, [inputs.parameters, inputs.features, inputs.scale]);
  const { columns, embeddings, members } = tablePlaces(shape).places;
  const { poolSize, features, hidden } = shape;
  const part = (start: number, rows: number, size: number): Tensor =>
    reshape(slice(whole, [start], [rows * size]), [rows, size]);
  return {
    columns: part(columns, features, poolSize),
    embeddings: part(embeddings, hidden, poolSize),
    members: part(members, poolSize, hidden),
  };
};
