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

type Operands = readonly [
  parameters: Tensor,
  features: Tensor,
  scale: Tensor,
  inverseTemperature: Tensor,
  temperatureCode: Tensor,
];

/** The table of a model's pool with the scalars, for programs that need nothing else of the embeddings. */
export const poolTable = (
  model: Model,
  inputs: Omit<ReturnType<typeof modelInputs>, 'pointCost'>,
): PoolTable & { readonly scalars: Tensor } => {
  const { shape, specs } = model;
  const of: Composite = {
    name: 'poolTable',
    settings: { ...shape },
    meaning: (operands) => {
      const [parameters, features, scale, inverseTemperature, temperatureCode] = operands as Operands;
      const pointCost = filled(0, features.dtype, []);
      const given = { parameters, features, scale, inverseTemperature, temperatureCode, pointCost };
      const scalars = scalarsAs(inverseTemperature, temperatureCode, pointCost);
      return concat([...partsOf(tableOf(samplerOf(model, given))), scalars].map(flat), 0);
    },
    kernel: ({ operands }) => {
      if (!isFused(model)) return undefined;
      const { poolSize: points, features, hidden: width } = shape;
      const [ofParameters = 0, ofFeatures = 0, ofScale = 0, ofTemperature = 0, ofPlace = 0] = operands.map(
        ({ view }) => view.offset,
      );
      const { columns, embeddings, members, scalars } = tablePlaces(shape).places;
      const at = (name: string): number => ofParameters + parameterOffset(specs, name);
      return {
        dispatches: [
          {
            kernel: 'pool-embedding',
            constants: { HELD: classOf(2 * width) },
            uniforms: [
              ...[points, features, width, ofFeatures, ofScale],
              ...['point1', 'point1Bias', 'point2', 'point2Bias', 'key', 'member'].map(at),
              ...[columns, embeddings, members, scalars, ofTemperature, ofPlace],
            ],
            operands: [1, 2, 0, 3, 4],
            threads: 64 * Math.ceil(points / 4),
            workgroupSize: 64,
          },
        ],
      };
    },
  };
  const { parameters, features, scale, inverseTemperature, temperatureCode } = inputs;
  const whole = composite(of, [parameters, features, scale, inverseTemperature, temperatureCode]);
  const { places } = tablePlaces(shape);
  const part = (start: number, ...sizes: readonly number[]): Tensor =>
    reshape(slice(whole, [start], [sizeOf(sizes)]), sizes);
  return {
    columns: part(places.columns, shape.features, shape.poolSize),
    embeddings: part(places.embeddings, shape.hidden, shape.poolSize),
    members: part(places.members, shape.poolSize, shape.hidden),
    scalars: part(places.scalars, 3),
  };
};
