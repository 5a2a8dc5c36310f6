/** Records of which some entries may be undefined, which is as good as left out. */

/** A record without its undefined entries. */
export type Present<A> = { readonly [K in keyof A]?: Exclude<A[K], undefined> };

/** The entries that are not undefined, so that defaults apply to the others. */
export const present = <A extends object>(record: A): Present<A> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as Present<A>;
