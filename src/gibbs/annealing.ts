/**
 * log Z at any temperature, by a sequential Monte Carlo sampler over β (target.ts; Z_β = Σ_B exp(β (U(B) − cost |B|))):
 *
 *   β = 0       batches uniformly from all of them, log Z_0 = log Σ_k C(N, k) exactly
 *   β → β′      log Z += log mean exp((β′ − β) V(B)),   V = U − cost |B|,   over all batches that the chains passed through
 *               at β; chains begin anew at some of them, drawn in proportion to that, and make their updates at β′
 *               (update.ts), which leave π_β′ as it is
 *
 * Each next β is as large as leaves an effective sample size of the weights of three fifths. A first population chooses them, and
 * R more that go the same way have an exp(l_r), l_r their log Z, which is unbiased. These are nearly log-normal: with the mean l̄ and the
 * variance s² of the l_r,
 *
 *   log Z ≈ l̄ + s²/2,    error² = (R − 1)/(R − 3) · s²/R + s⁴ / (2 (R − 1))
 *
 * the first term as the variance of Student's t has it, since s² comes of few. The mean of the exp(l_r) themselves hangs on the
 * largest of them, and is below what it estimates more often than not.
 *
 * Source: Del Moral, Doucet and Jasra, Sequential Monte Carlo samplers, J. Royal Statistical Society B 68 (2006); all batches
 * on the way as particles, Dau and Chopin, Waste-free sequential Monte Carlo (2022), arXiv 2011.02328; the choice of β, Zhou,
 * Johansen and Aston (2016), arXiv 1303.3123; the log-normal law, Bérard, Del Moral and Doucet, Electronic J. Probability 19
 * (2014), arXiv 1307.0181.
 */
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import type { Key } from '../random/key.js';
import { split } from '../random/key.js';
import type { Work, WorkControl } from '../work.js';
import { chainsOf } from './chains.js';
import { answersTo, type EngineThreads, inOneThread, onThreads, type Parted } from './parts.js';
import { type BatchTarget, isLarge, requireTarget } from './target.js';

/** How hard to work. */
export interface AnnealingOptions {
  readonly key: Key;
  /** Chains of a population; 16 if left out, 8 of large pools. */
  readonly chains?: number;
  /** R, from 4 up: of fewer the error is not known. 8 if left out. */
  readonly replicates?: number;
  /** Updates of each chain at each β; 4b, and 40 at least, if left out. */
  readonly updates?: number;
}

/** What annealing found. */
export interface Annealed {
  /** log Z at the last β, nats. */
  readonly logPartition: number;
  /** Of that, from the spread of the replicates; Infinity where they are fewer than four. */
  readonly standardError: number;
  /** The particles of all populations at the last β: batches that follow the target but for what annealing leaves. */
  readonly batches: readonly (readonly number[])[];
  /** Evaluations of U, where gains take them. */
  readonly evaluations: number;
}

/** log Z and batches at β ≥ 0, by parts: a population that chooses the steps of β, and those that go the same way. */
function* annealingParts(target: BatchTarget, beta: number, options: AnnealingOptions): Parted<Annealed> {
  const { batchSize } = target;
  const {
    key,
    chains = isLarge(target) ? 8 : 16,
    replicates = 8,
    updates = Math.max(40, 4 * batchSize),
  } = options;
  const stage = { stage: 'annealing', total: replicates + 1 };
  const taskOf = (r: number, betas: readonly number[]) => ({
    ...{ kind: 'population' as const, beta, key: split(key, r), chains, updates, betas, units: 1 },
  });
  const [chosen] = yield* answersTo({ ...stage, done: 0, tasks: [taskOf(0, [])] });
  const { betas = [] } = chosen ?? {};
  const others = Array.from({ length: replicates }, (_, r) => taskOf(r + 1, betas));
  const found = yield* answersTo({ ...stage, done: 1, tasks: others });
  const populations = [...(chosen === undefined ? [] : [chosen]), ...found];
  const logs = found.map(({ logPartition }) => logPartition);
  const mean = logs.reduce((sum, log) => sum + log / replicates, 0);
  const degrees = Math.max(1, replicates - 1);
  const variance = logs.reduce((sum, log) => sum + (log - mean) ** 2 / degrees, 0);
  const square = variance * (degrees / (replicates - 3) / replicates + variance / (2 * degrees));
  return {
    logPartition: mean + variance / 2,
    standardError: replicates > 3 ? Math.sqrt(square) : Infinity,
    batches: populations.flatMap(({ batches }) => batches),
    evaluations: populations.reduce((sum, { evaluations }) => sum + evaluations, 0),
  };
}

/**
 * log Z and batches at β ≥ 0 as work (work.ts): `atOnce`, or `inTurns` with progress. The same key gives the same bits. Throws a
 * TypeError for what is no target, and for batches of no point.
 */
export const annealed = (target: BatchTarget, beta: number, options: AnnealingOptions): Work<Annealed> => {
  requireTarget('annealed', target, options);
  return inOneThread(chainsOf(target), annealingParts(target, beta, options));
};

/** The same on the threads of an engine (parts.ts). Fails with Interrupted, and where a thread is lost. */
export const annealedOn = (
  engine: EngineThreads,
  target: BatchTarget,
  beta: number,
  options: AnnealingOptions,
  control: WorkControl,
): TaskEither<Failure, Annealed> =>
  onThreads(engine, target, chainsOf(target), () => annealingParts(target, beta, options), control);
