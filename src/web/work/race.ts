/**
 * Four samplers on one problem, each for the same time by its own clock: how far are the frequencies of what it drew so far from the
 * target? Draws of the target itself would not be at 0 either, and what they would have stands beside it.
 */
import {
  batchesOf,
  certifiedDraws,
  atOnce,
  draw,
  gibbsTargetOf,
  keyFromSeed,
  proposeBatch,
  startTraining,
  train,
  defaultModel,
  type Engine,
  type Posterior,
  type Problem,
  type TrainingState,
} from 'batchgfn';
import {
  coupledPair,
  perfectSamplerTotalVariation,
  totalVariation,
  type BatchOrder,
  type TargetAnswer,
} from 'batchgfn/verify';
import type { EngineName, PairSeen, Racer, RaceNews, Requests } from '../protocol.js';
import { answered, posteriorAt, problemOf, valueOf } from './problem.js';
import { optionsOf } from './training.js';

/** Batches of one piece of drawing. */
const piece = 256;

/** Updates of the pair that is shown, at most. */
const mostUpdates = 120;

type Batches = readonly (readonly number[])[];

/** Draws piece by piece: a sampler gives the next ones by the number of the piece. */
type Next = (i: number) => Promise<Batches>;

/** A sampler, and what it does before it draws, of which it may tell that it goes on. */
interface Sampler {
  readonly next: Next;
  readonly prepare?: (goesOn: () => void) => Promise<void>;
}

const counted = (counts: Float64Array, order: BatchOrder, batches: Batches): void => {
  for (const batch of batches) {
    const row = order.rowOf(batch);
    counts[row] = (counts[row] ?? 0) + 1;
  }
};

/** Milliseconds between two pieces of news of a sampler that prepares. */
const pause = 250;

/** Seconds that a sampler prepares, which its clock shows. */
const prepared = async (
  racer: Racer,
  { prepare }: Sampler,
  tell: (news: RaceNews) => void,
): Promise<number> => {
  if (prepare === undefined) return 0;
  const started = performance.now();
  let told = started;
  const spent = (): number => (performance.now() - started) / 1000;
  await prepare(() => {
    if (performance.now() - told < pause) return;
    told = performance.now();
    tell({ racer, seconds: spent(), trained: spent(), draws: 0, variation: NaN, floor: NaN });
  });
  return spent();
};

/** Runs a sampler until its clock shows the seconds. Its first piece is drawn whatever that shows after it has prepared. */
const runs = async (
  racer: Racer,
  sampler: Sampler,
  { listed }: TargetAnswer,
  seconds: number,
  tell: (news: RaceNews) => void,
): Promise<void> => {
  if (listed === undefined) return;
  const { order, target } = listed;
  const counts = new Float64Array(order.count);
  const trained = await prepared(racer, sampler, tell);
  let [spent, draws] = [trained, 0];
  for (let i = 0; draws === 0 || spent < seconds; i++) {
    const started = performance.now();
    const batches = await sampler.next(i);
    spent += (performance.now() - started) / 1000;
    // Others get their turn: a race can be watched, and other requests answered.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    counted(counts, order, batches);
    draws += batches.length;
    tell({
      ...{ racer, seconds: spent, trained, draws },
      variation: totalVariation(
        counts.map((count) => count / draws),
        target.probabilities,
      ),
      floor: perfectSamplerTotalVariation(target.probabilities, draws),
    });
  }
};

/** Greedy and stochastic BatchBALD, as proposals draw them. */
const proposer =
  (
    engine: Engine,
    posterior: Posterior,
    { batchSize, temperature }: Problem,
    seed: number,
    greedy: boolean,
  ): Next =>
  async (i) => {
    const request = { batchSize, draws: greedy ? 1 : piece, seed: seed + i };
    const { drawn } = valueOf(
      await proposeBatch(
        engine,
        posterior,
        greedy
          ? { ...request, acquisition: 'greedy' }
          : { ...request, acquisition: 'stochasticBatchBald', temperature },
      )(),
    );
    return drawn.batches;
  };

const gibbs = (problem: Problem, seed: number): Next => {
  const { target, beta } = gibbsTargetOf(problem);
  return (i) =>
    Promise.resolve(
      atOnce(certifiedDraws(target, beta, { count: piece, key: keyFromSeed(seed + i) })).batches,
    );
};

/** Trains first, and then draws. */
const gflownet = (
  engine: Engine,
  problem: Problem,
  { training, problem: { seed } }: Requests['race']['ask'],
  signal: AbortSignal,
): Sampler => {
  const options = optionsOf(training);
  const model = defaultModel(training.policy, problem);
  let parameters: TrainingState['parameters'];
  return {
    prepare: async (goesOn) => {
      const start = valueOf(await startTraining(engine, model, problem, options, keyFromSeed(seed))());
      const state = await train(engine, model, problem, options, start, { onProgress: goesOn, signal })();
      ({ parameters } = valueOf(state));
    },
    next: async (i) =>
      batchesOf(valueOf(await draw(engine, model, problem, parameters, piece, keyFromSeed(seed + i))())),
  };
};

/** The race, until the signal ends it; answers with a pair of Gibbs chains on its way to each other. */
export const raced = async (
  ask: Requests['race']['ask'],
  engineOf: (name: EngineName) => Promise<Engine>,
  hear: (news: RaceNews) => void,
  signal: AbortSignal,
): Promise<PairSeen> => {
  const { problem: settings, seconds } = ask;
  const tell = (news: RaceNews): void => {
    signal.throwIfAborted();
    hear(news);
  };
  const problem = problemOf(settings);
  const answer = await answered(problem, settings.seed);
  if (answer.listed === undefined)
    throw new Error('race: there are too many batches to list. Take a smaller pool or smaller batches.');
  const posterior = posteriorAt(settings, settings.pool);
  const engine = await engineOf(ask.engine);
  const samplers: readonly (readonly [Racer, Sampler])[] = [
    ['greedy', { next: proposer(engine, posterior, problem, settings.seed, true) }],
    ['stochasticBatchBald', { next: proposer(engine, posterior, problem, settings.seed, false) }],
    ['gibbs', { next: gibbs(problem, settings.seed) }],
    ['gflownet', gflownet(engine, problem, ask, signal)],
  ];
  for (const [racer, sampler] of samplers)
    await runs(racer, sampler, answer, racer === 'greedy' ? seconds / 10 : seconds, tell);
  const { path, met } = coupledPair(problem, keyFromSeed(settings.seed), mostUpdates);
  return { path, met: Number.isFinite(met) ? met : undefined };
};
