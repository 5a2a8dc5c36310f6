/** Did a verification reach what was asked of it? */
import type { Verification } from '../verify/verification.js';

/** Sentences on bounds that were asked for and not met; a bound that has nothing to be held against is not met. */
export const shortfallsOf =
  (maxTv: number | undefined, minP: number | undefined) =>
  ({ policy, objective, totalVariation, chiSquare }: Verification): readonly string[] => {
    const who = `${policy}, ${objective}`;
    const missing = 'there is none for this problem: too many batches to list them all';
    const tooFar =
      maxTv !== undefined && !(totalVariation !== null && totalVariation <= maxTv)
        ? [
            `${who}: total variation ${totalVariation?.toFixed(4) ?? `(${missing})`} is not at most ${maxTv} (--max-tv).`,
          ]
        : [];
    const unlikely =
      minP !== undefined && !(chiSquare !== null && chiSquare.pValue >= minP)
        ? [
            `${who}: p-value ${chiSquare?.pValue.toPrecision(3) ?? `(${missing})`} is not at least ${minP} (--min-p).`,
          ]
        : [];
    return [...tooFar, ...unlikely];
  };
