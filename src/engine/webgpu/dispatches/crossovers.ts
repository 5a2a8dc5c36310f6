/**
 * From which sizes on is which kernel the faster? The one table of it, each row with the adapters on which it was measured and
 * the day. "Both" are the two in software, SwiftShader 5.0 and lavapipe (Mesa 25.0.7); no GPU was measured. A rule is of the
 * class of a shape: pipelines never depend on the shape itself.
 */
export const crossovers = {
  /** matmul-long from this many terms of a sum on, where its 4×4 blocks are at most one for `termsABlock` terms. Both, 2026-11. */
  longSum: 2048,
  termsABlock: 512,
  /** matmul-blocks with blocks of 8×16 from this many of them on, and of 8×8; fewer leave threads without work. Both, 2026-11. */
  wideBlocks: 1024,
  blocks: 8,
  /** What blocks may compute past the edges, as a multiple of what 4×4 blocks do. Both, 2026-11. */
  pastEdges: 1.25,
  /** One thread a sum below so many terms, and of tall operands with so many sums. Both, 2026-11. */
  shortSum: 256,
  manySums: 2048,
  /** A workgroup a sum, rather than eight threads, where there are at most so many sums. Both, 2026-11. */
  fewSums: 16,
  /**
   * scatter-add by a thread an element of an update up to so many updates, [·, 64] into 4,096 rows. SwiftShader, lavapipe,
   * 2026-11-29, CPU ms: 64 updates 10 for 24, 5 for 7.5; 256 59 for 81, 14 for 17; 512 207 for 190, 59 for 32.
   */
  fewUpdates: 256,
} as const;
