/** Distances between discrete distributions given as vectors of probabilities over the same outcomes. */

/** Total variation: ½ Σ |p − q|, in [0, 1]. Throws a RangeError where the lengths differ. */
export const totalVariation = (p: ArrayLike<number>, q: ArrayLike<number>): number => {
  if (p.length !== q.length)
    throw new RangeError(
      `totalVariation: ${p.length} and ${q.length} outcomes; give both over the same ones`,
    );
  let total = 0;
  for (let i = 0; i < p.length; i++) total += Math.abs((p[i] ?? 0) - (q[i] ?? 0));
  return total / 2;
};
