/**
 * For which models is there a kernel that makes all b steps of trajectories in one dispatch, and where does it find things?
 * kernels/rollout is for batches of one size, the uniform backward policy, and policies that say so (`fused`).
 */
import type { Model, ModelShape } from '../model.js';

/** What the kernel's workgroup memory, 16 KiB, has room for. */
const maxSizes = { hidden: 256, features: 512, batchSize: 256 };

/** Whether the kernel draws from a model. */
export const isFused = ({ shape, policy }: Model): boolean =>
  policy.fused !== undefined &&
  (shape.backward ?? 'uniform') === 'uniform' &&
  (shape.smallestBatch ?? shape.batchSize) === shape.batchSize &&
  shape.hidden <= maxSizes.hidden &&
  shape.features <= maxSizes.features &&
  shape.batchSize <= maxSizes.batchSize;

/** Lengths of workgroup memory come in few classes, which pipelines are keyed by. */
export const classOf = (...lengths: readonly number[]): number =>
  2 ** Math.ceil(Math.log2(Math.max(64, ...lengths)));

/** Where parts of some sizes lie one behind the other, from a start; and where they end. */
export const laidOut = <K extends string>(start: number, sizes: Readonly<Record<K, number>>) => {
  let end = start;
  const places = {} as Record<K, number>;
  for (const name of Object.keys(sizes) as K[]) {
    places[name] = end;
    end += sizes[name];
  }
  return { places, end };
};

/**
 * Where the parts of a pool's table (pool-table.ts) lie: features [D, N], what candidates are to the logits [H, N], what members
 * add to the aggregate [N, H], and 1 / T, the place of T and a zero.
 */
export const tablePlaces = ({ poolSize, features, hidden }: ModelShape) =>
  laidOut(0, { columns: features * poolSize, embeddings: hidden * poolSize, members: poolSize * hidden, scalars: 3 });
