/** Did a verification reach what was asked of it? */
import type { Verification } from '../verify/verification.js';

const tooManyBatches = 'there is none for this problem: too many batches to list them all';

/** Why there is no p-value of any kind. */
const noTest = ({ logZ, corrected }: Verification): string =>
  logZ.source === null
    ? 'there is none: pairs of Gibbs chains did not meet, so that nothing is known of the target'
    : `there is none: too few draws for a correction that accepts ${(100 * corrected.acceptance).toFixed(1)}% of them; raise --draws or --iterations`;

/**
 * Sentences on bounds that were asked for and not met; a bound that has nothing to be held against is not met. The p-value
 * is that of χ² where there is one, else that of the corrected draws' inclusion.
 */
export const shortfallsOf =
  (maxTv: number | undefined, minP: number | undefined) =>
  (verification: Verification): readonly string[] => {
    const { policy, objective, totalVariation, chiSquare, corrected } = verification;
    const who = `${policy}, ${objective}`;
    const test = chiSquare ?? corrected.inclusion;
    const kind = chiSquare === null ? 'inclusion' : 'χ²';
    const tooFar =
      maxTv !== undefined && !(totalVariation !== null && totalVariation <= maxTv)
        ? [
            `${who}: total variation ${totalVariation?.toFixed(4) ?? `(${tooManyBatches})`} is not at most ${maxTv} (--max-tv).`,
          ]
        : [];
    const unlikely =
      minP !== undefined && !(test !== null && test.pValue >= minP)
        ? [
            `${who}: ${test === null ? `p-value (${noTest(verification)})` : `${kind} p-value ${test.pValue.toPrecision(3)}`} is not at least ${minP} (--min-p).`,
          ]
        : [];
    return [...tooFar, ...unlikely];
  };
