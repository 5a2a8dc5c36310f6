/**
 * What do strategies that draw on the host have in common? They prepare a sampler, ask it for batches one after the other,
 * the i-th from the i-th child of the seed's key, and say what is known of all of them. Progress and signals get their
 * turn on the way. All of it is f64; of the engine, the threads alone are asked for, by greedy's scans of large pools.
 */
import { identity, pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { type Failure, numericalFailure } from '../failure.js';
import { type Key, split } from '../random/key.js';
import type { ScoredBatch } from '../reward/exact.js';
import { breakOff, endingInFailure, inTurns, type Work } from '../work.js';
import { watchedBy } from './certified.js';
import { improvedBatch } from './improved.js';
import type { Proposal, Strategy, StrategyOptions } from './strategy.js';
import { clock } from '../clock.js';
import { type ProposalContext, contextOn, proposalKeys, summaryInTurns } from './summary.js';

/** What a strategy knows of its target and of how close its draws are to it. */
export type Target = Pick<Proposal, 'effectiveSampleSize' | 'temperature' | 'logPartition'>;

/** Of a strategy whose draws are not meant to be in proportion to exp(JMI / T). */
export const noTarget: Target = { effectiveSampleSize: null, temperature: null, logPartition: null };

/** Batches from keys, in steps, and what is to be said of at least one of them. `Draw` is a scored batch, with more where needed. */
export interface HostSampler<Draw extends ScoredBatch = ScoredBatch> {
  readonly draw: (key: Key) => Work<Draw>;
  readonly target: (draws: readonly Draw[]) => Target;
}

/** A strategy by its sampler. */
export interface HostStrategy<Draw extends ScoredBatch> extends Pick<
  Strategy,
  'takes' | 'temperature' | 'ofClasses' | 'drawsOfRun'
> {
  /** Whether the best draw is improved before it is proposed (improved.ts); it is not if left out. */
  readonly improves?: boolean;
  /** The sampler on a pool, in steps, which a failure may end (work.ts). Batch size and settings are checked before. */
  readonly prepare: (context: ProposalContext, options: StrategyOptions) => Work<HostSampler<Draw>>;
}

/** The values. Ends the work with a NumericalFailure where one is not finite, as of a whitened feature that is not. */
export const finite = (during: string, values: Float64Array): Float64Array => {
  const place = values.findIndex((value) => !Number.isFinite(value));
  return place < 0
    ? values
    : breakOff(
        numericalFailure(
          during,
          `the gain of point ${place} of the pool is not a finite number`,
          'Check the features of the posterior',
        ),
      );
};

/** A sampler and what it draws. */
function* drawn<Draw extends ScoredBatch>(
  prepared: Work<HostSampler<Draw>>,
  { seed, draws: total }: StrategyOptions,
): Work<{ readonly sampler: HostSampler<Draw>; readonly draws: readonly Draw[] }> {
  const sampler = yield* prepared;
  const key = proposalKeys(seed).draws;
  const draws: Draw[] = [];
  while (draws.length < total) {
    draws.push(yield* sampler.draw(split(key, draws.length)));
    yield { stage: 'drawing', done: draws.length, total };
  }
  return { sampler, draws };
}

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
      TE.bind('drawn', ({ context }) =>
        endingInFailure(inTurns(() => drawn(prepare(context, options), options), watchedBy(options))),
      ),
      TE.bind('summary', ({ drawn: { draws } }) => summaryInTurns(draws, identity, options)),
      TE.bind('improved', ({ context, summary: { best } }) =>
        improves === true ? improvedBatch(context, best, options) : TE.right({ best, improvement: null }),
      ),
      TE.map(({ context, started, drawn: { sampler, draws }, summary, improved }): Proposal => ({
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

/** A preparation that is soon over. */
export const inOneStep = <Draw extends ScoredBatch>(
  prepare: (context: ProposalContext, options: StrategyOptions) => HostSampler<Draw>,
): HostStrategy<Draw>['prepare'] =>
  // eslint-disable-next-line require-yield
  function* (...asked) {
    return prepare(...asked);
  };

/** A sampler of draws that are made in one step and have no target. */
export const drawingBy = (draw: (key: Key) => ScoredBatch): HostSampler => ({
  // eslint-disable-next-line require-yield
  draw: function* (key) {
    return draw(key);
  },
  target: () => noTarget,
});

/** A sampler that always draws the same batch. */
export const always = (batch: ScoredBatch): HostSampler => drawingBy(() => batch);
