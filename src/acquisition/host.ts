/**
 * What do strategies that draw on the host have in common? They prepare a sampler, ask it for batches one after the other,
 * the i-th from the i-th child of the seed's key, and say what is known of all of them. Progress and signals get their
 * turn between chunks of draws. All of it is f64; of the engine, the threads alone are asked for, by greedy's scans of large pools.
 */
import * as E from '#fp-ts/Either';
import { identity, pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type Failure, numericalFailure } from '../failure.js';
import { type Key, split } from '../random/key.js';
import type { ScoredBatch } from '../reward/exact.js';
import { improvedBatch } from './improved.js';
import type { Proposal, Strategy, StrategyOptions } from './strategy.js';
import { clock } from '../clock.js';
import { type ProposalContext, contextOn, proposalKeys, summaryInTurns } from './summary.js';

/** What a strategy knows of its target and of how close its draws are to it. */
export type Target = Pick<Proposal, 'effectiveSampleSize' | 'temperature' | 'logPartition'>;

/** Of a strategy whose draws are not meant to be in proportion to exp(JMI / T). */
export const noTarget: Target = { effectiveSampleSize: null, temperature: null, logPartition: null };

/** Batches from keys, and what is to be said of at least one of them. `Draw` is a scored batch, with more where needed. */
export interface HostSampler<Draw extends ScoredBatch = ScoredBatch> {
  readonly draw: (key: Key) => Draw;
  readonly target: (draws: readonly Draw[]) => Target;
}

/** A strategy by its sampler. */
export interface HostStrategy<Draw extends ScoredBatch> extends Pick<
  Strategy,
  'takes' | 'temperature' | 'ofClasses' | 'drawsOfRun'
> {
  /** Whether the best draw is improved before it is proposed (improved.ts); it is not if left out. */
  readonly improves?: boolean;
  /** The sampler on a pool. Batch size and settings are checked before. */
  readonly prepare: (
    context: ProposalContext,
    options: StrategyOptions,
  ) => E.Either<Failure, HostSampler<Draw>>;
}

/** The values; a NumericalFailure where one is not finite, as of a whitened feature that is not. */
export const finite = (during: string, values: Float64Array): E.Either<Failure, Float64Array> => {
  const place = values.findIndex((value) => !Number.isFinite(value));
  return place < 0
    ? E.right(values)
    : E.left(
        numericalFailure(
          during,
          `the gain of point ${place} of the pool is not a finite number`,
          'Check the whitened features of the posterior',
        ),
      );
};

/** Draws, and seconds, between two looks at the signal, whichever is over first. */
const chunk = 16;
const patience = 0.02;

const drawn =
  <Draw extends ScoredBatch>(
    { draw }: HostSampler<Draw>,
    { seed, draws, onProgress, signal }: StrategyOptions,
  ) =>
  async (): Promise<E.Either<Failure, readonly Draw[]>> => {
    const key = proposalKeys(seed).draws;
    const batches: Draw[] = [];
    while (batches.length < draws) {
      await new Promise<void>((resolve) => setTimeout(resolve, 0));
      if (signal?.aborted === true) return E.left({ _tag: 'Interrupted', during: 'drawing' });
      const end = Math.min(draws, batches.length + chunk);
      const started = clock();
      do batches.push(draw(split(key, batches.length)));
      while (batches.length < end && clock() - started < patience);
      onProgress?.({ stage: 'drawing', done: batches.length, total: draws, note: '' });
    }
    return E.right(batches);
  };

/**
 * The strategy. It fails as the preparation does, and with Interrupted between draws; throws a RangeError where the batch
 * is larger than the pool, or a setting is not what it may be.
 */
export const hostStrategy = <Draw extends ScoredBatch>({
  prepare,
  improves,
  ...strategy
}: HostStrategy<Draw>): Strategy => ({
  ...strategy,
  onHost: true,
  propose: (engine, posterior, options) =>
    pipe(
      contextOn(engine, posterior, options),
      TE.bindTo('context'),
      TE.bind('started', () => TE.fromIO<number, Failure>(clock)),
      TE.bind('sampler', ({ context }) => TE.fromEither(prepare(context, options))),
      TE.bind('draws', ({ sampler }) => drawn(sampler, options)),
      TE.bind('summary', ({ draws }) => summaryInTurns(draws, identity, options)),
      TE.bind('improved', ({ context, summary: { best } }) =>
        improves === true ? improvedBatch(context, best, options) : TE.right({ best, improvement: null }),
      ),
      TE.map(({ context, started, sampler, draws, summary, improved }): Proposal => ({
        ...context.baselines,
        ...summary,
        ...improved,
        ...sampler.target(draws),
        certificate: null,
        iterations: 0,
        seconds: { train: 0, draw: clock() - started },
      })),
    ),
});

/** A sampler that always draws the same batch. */
export const always = (batch: ScoredBatch): HostSampler => ({ draw: () => batch, target: () => noTarget });
