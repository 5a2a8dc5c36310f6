/** The pools that benches run on: random features, which make no difference to what a step costs. */
import type { Matrix } from '../linear-algebra/matrix.js';
import type { Model } from '../gflownet/model.js';
import { modelOf } from '../gflownet/model.js';
import type { PolicyName } from '../gflownet/policies/index.js';
import type { Problem } from '../gflownet/problem.js';
import { keyFromSeed, normals, split } from '../random/key.js';
import type { TrainingSizes } from './floor.js';

/** Rows that are made at a time: a large pool is not to need several times its own memory. */
const rowsAtOnce = 4096;

/** N×D independent normal features of variance 1/D, so that every point has a variance near one noise variance. */
export const randomFeatures = (rows: number, columns: number, seed: number): Matrix => {
  const key = keyFromSeed(seed);
  const data = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, rows - row) * columns;
    const part = normals(split(key, row / rowsAtOnce), count).map((x) => x / Math.sqrt(columns));
    data.set(part, row * columns);
  }
  return { rows, columns, data };
};

/** Sizes of a problem and of a policy for it. */
export interface PolicySizes extends Omit<TrainingSizes, 'trajectories'> {
  readonly policy: PolicyName;
}

/** Batches of random features at T = ½, and the model of a policy for them. */
export const randomProblem = (
  { policy, poolSize, batchSize, features, hidden }: PolicySizes,
  seed: number,
): { readonly problem: Problem; readonly model: Model } => ({
  problem: { whitened: randomFeatures(poolSize, features, seed), batchSize, temperature: 0.5 },
  model: modelOf({ policy, hidden, poolSize, features, batchSize, dtype: 'f32' }),
});
