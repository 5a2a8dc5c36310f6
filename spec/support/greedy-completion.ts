/** A batch completed greedily, in f64 on the host. */
import { pipe } from '#fp-ts/function';
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { choose, noneChosen } from '../../src/reward/exact.js';

/** The subset, and behind it the points of largest conditional variance one after the other, up to `batchSize`. */
export const greedyCompletion = (
  whitened: Matrix,
  subset: readonly number[],
  batchSize: number,
): readonly number[] => {
  let state = subset.reduce((before, n) => choose(n)(before), noneChosen(whitened));
  const members = [...subset];
  while (members.length < batchSize) {
    const free = state.variances.map((v, n) => (members.includes(n) ? -1 : v));
    const next = free.indexOf(free.reduce((a, b) => Math.max(a, b), -1));
    members.push(next);
    state = pipe(state, choose(next));
  }
  return members;
};
