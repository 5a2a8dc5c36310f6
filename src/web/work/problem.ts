/**
 * What is known before anything is trained: the posterior on the line, what a batch is worth, and the target.
 *
 *   f ~ a Gaussian process of variance 1, conditioned on labels of noise σ     U(B) = ½ log det(I + Φ_B Φ_Bᵀ)     P(B) ∝ exp(U(B) / T)
 */
import {
  conditionedOn,
  gibbsTargetOf,
  keyFromSeed,
  matern52,
  showFailure,
  type Failure,
  type Posterior,
  type Problem,
} from 'batchgfn';
import { answerKind, answerOf, type TargetAnswer } from 'batchgfn/verify';
import type { Band, ProblemSettings, TargetView, View } from '../protocol.js';

/** Either, as the library has it. */
type Outcome<A> =
  { readonly _tag: 'Left'; readonly left: Failure } | { readonly _tag: 'Right'; readonly right: A };

/** The value, or an Error of the failure's words. */
export const valueOf = <A>(outcome: Outcome<A>): A => {
  if (outcome._tag === 'Left') throw new Error(showFailure(outcome.left));
  return outcome.right;
};

const kernels: Readonly<
  Record<ProblemSettings['kernel'], (lengthScale: number) => (x: number, y: number) => number>
> = {
  matern52: (lengthScale) => matern52(lengthScale),
  rbf: (lengthScale) => (x, y) => Math.exp(-0.5 * ((x - y) / lengthScale) ** 2),
};

/** The posterior of the settings at some places of the line. */
export const posteriorAt = (
  { labelled, kernel, lengthScale, noise }: ProblemSettings,
  places: readonly number[],
): Posterior =>
  valueOf(
    conditionedOn(labelled.map(([input, target]) => ({ input, target })))({
      kernel: kernels[kernel](lengthScale),
      noiseVariance: noise ** 2,
    })(places),
  );

/** |φ_n|² σ² is the variance of f at a point. */
const bandOf = ({ mean, whitened: { data, columns }, noiseVariance }: Posterior): Band => ({
  mean,
  deviation: mean.map((_, n) =>
    Math.sqrt(
      noiseVariance *
        data.subarray(n * columns, (n + 1) * columns).reduce((sum, feature) => sum + feature * feature, 0),
    ),
  ),
});

/** The sampling problem of the pool. */
export const problemOf = (settings: ProblemSettings): Problem => ({
  whitened: posteriorAt(settings, settings.pool).whitened,
  batchSize: settings.batchSize,
  temperature: settings.temperature,
});

/** Batches that are shown by name. */
const named = 500;

/** How many batches are drawn of the target, where they are asked for. */
const drawn = 256;

/** The whole answer of a problem: by listing, by the k-DPP, or by Gibbs draws. */
export const answered = async (problem: Problem, seed: number): Promise<TargetAnswer> => {
  const answer = valueOf(await answerOf(problem, { draws: drawn, key: keyFromSeed(seed) })());
  if (answer.kind === 'uncertified')
    throw new Error('pairs of Gibbs chains did not meet: raise the temperature, or take a smaller batch.');
  return answer;
};

const targetOf = (
  problem: Problem,
  { kind, logZ, standardError, inclusion, listed }: TargetAnswer,
): TargetView => ({
  ...{ by: kind, logZ, standardError, count: listed?.order.count ?? countOf(problem) },
  inclusion: Float64Array.from(inclusion(), ({ mean }) => mean),
  ...(listed === undefined
    ? {}
    : {
        best: Array.from(listed.target.probabilities.keys())
          .sort((a, b) => (listed.target.probabilities[b] ?? 0) - (listed.target.probabilities[a] ?? 0))
          .slice(0, named)
          .map((row) => ({
            batch: listed.order.batchAt(row),
            probability: listed.target.probabilities[row] ?? NaN,
          })),
      }),
});

/** N choose b. */
const countOf = ({ whitened, batchSize }: Problem): number =>
  Math.round(
    Array.from({ length: batchSize }, (_, i) => (whitened.rows - i) / (i + 1)).reduce((a, b) => a * b, 1),
  );

/** The target of a pool, at whatever cost. */
export const lookAtTarget = async (settings: ProblemSettings): Promise<TargetView> => {
  const problem = problemOf(settings);
  return targetOf(problem, await answered(problem, settings.seed));
};

/** What is seen of a pool, with the target where that is known without Gibbs draws. */
export const lookAt = async (
  settings: ProblemSettings,
  batch: readonly number[],
  grid: readonly number[],
): Promise<View> => {
  const pool = posteriorAt(settings, settings.pool);
  const { batchSize, temperature } = settings;
  const problem = { whitened: pool.whitened, batchSize, temperature };
  const { utility } = gibbsTargetOf(problem).target;
  const gains = new Float64Array(settings.pool.length);
  if (batch.length < settings.pool.length) utility.batchFrom(batch).gains(-1, gains);
  return {
    grid: bandOf(posteriorAt(settings, grid)),
    pool: bandOf(pool),
    information: utility.value(batch),
    gains,
    ...(answerKind(problem) === 'gibbs'
      ? {}
      : { target: targetOf(problem, await answered(problem, settings.seed)) }),
  };
};
