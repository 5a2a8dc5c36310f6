/**
 * How is an array read where the index cannot lie outside? By `at`, which tells the index where it does after all; of a matrix by
 * `entry` (linear-algebra/matrix.ts). `?? 0` is for arrays in which a missing entry means zero.
 *
 * In the inner loops of numbers `?? NaN` stands in its place: a function that reads arrays of many kinds reads each by a look-up
 * (some ten times slower in V8), and a NaN shows in the answer.
 */

/** The element at an index. Throws a RangeError, which names the index, where it is outside. */
export const at = <A>(array: ArrayLike<A>, index: number): A => {
  const element = array[index];
  if (element === undefined) throw new RangeError(`at: index ${index} of ${array.length}`);
  return element;
};
