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

/** Draws piece by piece: a sampler gives the next ones by the number of the piece, or undefined while it still learns. */
type Next = (i: number) => Promise<Batches | undefined>;

const counted = (counts: Float64Array, order: BatchOrder, batches: Batches): void => {
  for (const batch of batches) {
    const row = order.rowOf(batch);
    counts[row] = (counts[row] ?? 0) + 1;
  }
};

const runs = async (
  racer: Racer,
  next: Next,
  { listed }: TargetAnswer,
  seconds: number,
  tell: (news: RaceNews) => void,
): Promise<void> => {
  if (listed === undefined) return;
  const { order, target } = listed;
  const counts = new Float64Array(order.count);
  let [spent, draws] = [0, 0];
  for (let i = 0; spent < seconds; i++) {
    const started = performance.now();
    const batches = await next(i);
    spent += (performance.now() - started) / 1000;
    // Others get their turn: a race can be watched, and other requests answered.
    await new Promise<void>((resolve) => setTimeout(resolve, 0));
    if (batches === undefined) continue;
    counted(counts, order, batches);
    draws += batches.length;
    tell({
      ...{ racer, seconds: spent, draws },
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
): Next => {
  const options = optionsOf(training);
  const model = defaultModel(training.policy, problem);
  const trained = async () => {
    const start = valueOf(await startTraining(engine, model, problem, options, keyFromSeed(seed))());
    return valueOf(await train(engine, model, problem, options, start)());
  };
  let state: Awaited<ReturnType<typeof trained>> | undefined;
  return async (i) => {
    if (state === undefined) {
      state = await trained();
      return undefined;
    }
    return batchesOf(
      valueOf(await draw(engine, model, problem, state.parameters, piece, keyFromSeed(seed + i))()),
    );
  };
};

/** The race; answers with a pair of Gibbs chains on its way to each other. */
export const raced = async (
  ask: Requests['race']['ask'],
  engineOf: (name: EngineName) => Promise<Engine>,
  tell: (news: RaceNews) => void,
): Promise<PairSeen> => {
  const { problem: settings, seconds } = ask;
  const problem = problemOf(settings);
  const answer = await answered(problem, settings.seed);
  if (answer.listed === undefined)
    throw new Error('race: there are too many batches to list. Take a smaller pool or smaller batches.');
  const posterior = posteriorAt(settings, settings.pool);
  const engine = await engineOf(ask.engine);
  const samplers: readonly (readonly [Racer, Next])[] = [
    ['greedy', proposer(engine, posterior, problem, settings.seed, true)],
    ['stochasticBatchBald', proposer(engine, posterior, problem, settings.seed, false)],
    ['gibbs', gibbs(problem, settings.seed)],
    ['gflownet', gflownet(engine, problem, ask)],
  ];
  for (const [racer, next] of samplers)
    await runs(racer, next, answer, racer === 'greedy' ? seconds / 10 : seconds, tell);
  const { path, met } = coupledPair(problem, keyFromSeed(settings.seed), mostUpdates);
  return { path, met: Number.isFinite(met) ? met : undefined };
};
