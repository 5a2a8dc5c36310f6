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

/** Numbers of all states that a trace holds: 16 MiB in f32 for each of its planes. */
const maxTraced = 2 ** 22;

/**
 * Whether the kernel walks trajectories of a training step and leaves a trace: of pools so large that their states take more
 * than 2²² numbers it would not, and four trajectories a workgroup would leave a GPU idle for longer than many
 * dispatches do (no GPU was measured).
 */
export const isTraced = (model: Model, trajectories: number): boolean =>
  isFused(model) && trajectories * model.shape.batchSize * model.shape.poolSize <= maxTraced;

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
  laidOut(0, {
    columns: features * poolSize,
    embeddings: hidden * poolSize,
    members: poolSize * hidden,
    scalars: 3,
  });
