/**
 * A law as a property of fast-check, for every seed. fast-check is the caller's: it comes as an argument, so this
 * library does not depend on it.
 */
import { assertLaw, type LawReport } from './report.js';

/** What is used of fast-check (`import * as fc from 'fast-check'`). */
export interface FastCheck<Arbitrary, Property> {
  readonly integer: (range: { readonly min: number; readonly max: number }) => Arbitrary;
  readonly asyncProperty: (seeds: Arbitrary, predicate: (seed: number) => Promise<void>) => Property;
}

/**
 * The property that a law holds at every seed from 0 to 2³¹ − 1; what it throws is the report's line. Over n runs a
 * law that chance decides fails a perfect sampler with n times its false-alarm probability.
 *
 *   await fc.assert(asProperty(fc, (seed) => validBatches(mine, { seed })), { numRuns: 20 })
 */
export const asProperty = <Arbitrary, Property>(
  fc: FastCheck<Arbitrary, Property>,
  law: (seed: number) => Promise<LawReport>,
): Property =>
  fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => assertLaw(await law(seed)));
