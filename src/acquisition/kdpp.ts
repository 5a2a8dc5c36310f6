/**
 * The k-DPP strategy: exact, independent draws at T = ½, where the target is a k-DPP (verify/kdpp/oracle.ts), and
 * nothing is to be trained. The most informative one drawn is proposed. All of it is f64 on the host, O(N D² + D³) to
 * prepare; a draw hardly depends on N (verify/kdpp/sample.ts).
 *
 * T = ½ suits a posterior where the information of a batch weighs as much as their number there, so that its draws
 * gather at good batches: see temperature.ts for the balance. Where ½ is far above it, draws are close to random ones,
 * and a lower temperature needs another strategy.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import { split } from '../random/key.js';
import { jointMutualInformation, type ScoredBatch } from '../reward/exact.js';
import { kdpp as kdppOf, type Kdpp } from '../verify/kdpp/oracle.js';
import { kdppSampler } from '../verify/kdpp/sample.js';
import type { Proposal, Strategy, StrategyOptions } from './strategy.js';
import { besideDraws, clock, proposalKeys, summaryOf } from './summary.js';

/** The temperature at which exp(JMI / T) is a determinant. */
const temperature = 0.5;

/** Draws between two looks at the signal. */
const chunk = 16;

/** The draws, the i-th from the i-th child of the key. */
const drawn =
  (dpp: Kdpp, { seed, draws, onProgress, signal }: StrategyOptions) =>
  async (): Promise<E.Either<Failure, readonly ScoredBatch[]>> => {
    const draw = kdppSampler(dpp);
    const key = proposalKeys(seed).draws;
    const batches: ScoredBatch[] = [];
    while (batches.length < draws) {
      // Progress and signals get their turn between chunks.
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      if (signal?.aborted === true) return E.left({ _tag: 'Interrupted', during: 'drawing' });
      for (let i = 0; i < chunk && batches.length < draws; i++) {
        const indices = draw(split(key, batches.length));
        batches.push({ indices, jointMutualInformation: jointMutualInformation(dpp.whitened, indices) });
      }
      onProgress?.({ stage: 'drawing', done: batches.length, total: draws, note: '' });
    }
    return E.right(batches);
  };

/** The strategy. It leaves the engine alone, and fails with a NumericalFailure where a whitened feature is not finite. */
export const kdpp: Strategy = {
  takes: [],
  temperature,
  onHost: true,
  propose: (_, posterior, options) => {
    const beside = besideDraws(posterior, options);
    return pipe(
      TE.fromIO<number, Failure>(clock),
      TE.bindTo('started'),
      TE.bind('dpp', () => TE.fromEither(kdppOf(posterior.whitened, options.batchSize))),
      TE.bind('batches', ({ dpp }) => drawn(dpp, options)),
      TE.map(({ started, dpp, batches }): Proposal => ({
        ...beside,
        ...summaryOf(batches),
        effectiveSampleSize: 1,
        temperature,
        logPartition: { exact: dpp.logZ },
        iterations: 0,
        seconds: { train: 0, draw: clock() - started },
      })),
    );
  },
};
