/** Which values belong together? Those of one key, found in one pass. */

/** Values by a key, in their order; keys in the order in which keys first occur. */
export const grouped = <A, K>(values: readonly A[], keyOf: (value: A) => K): ReadonlyMap<K, readonly A[]> => {
  const groups = new Map<K, A[]>();
  for (const value of values) {
    const group = groups.get(keyOf(value));
    if (group === undefined) groups.set(keyOf(value), [value]);
    else group.push(value);
  }
  return groups;
};
