/** Small pools for specs: whitened features of a Matérn posterior, or plain random ones. */
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed, normals } from '../../src/random/key.js';
import { maternProblem } from '../../src/surrogate/matern.js';

/** The synthetic problem of a size: 1-D Matérn-5/2 pool, five labelled points. */
export const maternPool = (poolSize: number, seed: number): Matrix => {
  const problem = maternProblem({ poolSize, seed });
  if (problem._tag === 'Left') throw new Error(JSON.stringify(problem.left));
  return problem.right.posterior.whitened;
};

/** N×D independent normal features. */
export const randomPool = (rows: number, columns: number, seed: number, scale = 1): Matrix => ({
  rows,
  columns,
  data: normals(keyFromSeed(seed), rows * columns).map((x) => scale * x),
});
