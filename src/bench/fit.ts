/**
 * How long does a Gaussian process take to fit, and its linear algebra? Tables of so many labels and features, drawn by the seed,
 *
 *   x ~ N(0, I),   y = Σ_j sin(a_j x_j) / √d + 0.1 e,   a_j from ½ to 2 over the features,   e ~ N(0, 1)
 *
 * each fitted (Matérn-5/2, one length-scale or one a feature, no priors, standardised) with the ascents that a fit has by default;
 * and one Cholesky factor, inverse and eigendecomposition of an n×n matrix, counted as n³/3, 2n³/3 and 9n³ operations.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { clock } from '../clock.js';
import type { Failure } from '../failure.js';
import { choleskyInSteps, inverseInSteps } from '../linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { rowGram } from '../linear-algebra/product.js';
import { symmetricEigenInSteps } from '../linear-algebra/symmetric-eigen.js';
import { keyFromSeed, normals, split } from '../random/key.js';
import type { KernelKind } from '../surrogate/kernels.js';
import { maximiseLikelihood } from '../surrogate/likelihood-maximum.js';
import { scalingOf, standardised } from '../surrogate/standardise.js';
import { answeredInTurns, type Work } from '../work.js';
import { type BenchControl, measure, type Sampling, type Timing, timingOf } from './measure.js';
import { type PeerFit, peerFit } from './scikit-learn.js';

/** What is fitted. */
export interface FitSizes {
  readonly labels: number;
  readonly features: number;
  readonly lengthScales: 'shared' | 'perFeature';
}

/** A fit: its seconds, how often it asked for the likelihood, the log marginal likelihood that it came to in nats; and a peer's. */
export interface FitResult extends FitSizes {
  readonly fit: Timing;
  /** On trial rows too (likelihood-maximum.ts). */
  readonly evaluations: number;
  readonly logLikelihood: number;
  readonly peer: PeerFit | null;
}

/** A factor, inverse or eigendecomposition. */
export interface FactorResult {
  readonly name: 'cholesky' | 'inverse' | 'eigen';
  readonly size: number;
  readonly time: Timing;
  readonly gigaflops: number;
}

/** Inputs n×d, and targets of mean 0 and deviation 1. */
export interface FitTable {
  readonly inputs: Matrix;
  readonly targets: Float64Array;
}

/** The table of a seed. */
export const fitTable = ({ labels, features }: FitSizes, seed: number): FitTable => {
  const key = keyFromSeed(seed);
  const inputs = { rows: labels, columns: features, data: normals(split(key, 0), labels * features) };
  const targets = normals(split(key, 1), labels).map((e, i) => {
    let sum = 0.1 * e;
    for (let j = 0; j < features; j++) {
      const rate = 0.5 * 4 ** (features === 1 ? 1 : j / (features - 1));
      sum += Math.sin(rate * (inputs.data[i * features + j] ?? NaN)) / Math.sqrt(features);
    }
    return sum;
  });
  return { inputs, targets: standardised(targets, scalingOf(targets)) };
};

interface Fitted {
  readonly seconds: number;
  readonly evaluations: number;
  readonly logLikelihood: number;
}

/** One fit in steps. Its ascents tell each time that they ask for the likelihood. */
function* fitted(
  table: FitTable,
  kernel: KernelKind,
  size: number,
  seed: number,
): Work<E.Either<Failure, Fitted>> {
  const start = clock();
  const work = maximiseLikelihood(
    {
      ...{ kernel, inputs: table.inputs, targets: [table.targets], priors: 'none' },
      fixed: new Array<undefined>(size).fill(undefined),
    },
    { starts: 4, seed },
  );
  for (let evaluations = 0; ;) {
    const next = work.next();
    if (next.done === true)
      return pipe(
        next.value,
        E.map(({ logLikelihood }) => ({ seconds: clock() - start, evaluations, logLikelihood })),
      );
    if (next.value !== undefined) evaluations++;
    yield;
  }
}

/** Fits of one table, so many times, and scikit-learn's by the Python of that name, none where it is empty. */
export const measureFit =
  (
    sizes: FitSizes,
    python: string,
    repeats: number,
    seed: number,
    control: BenchControl,
  ): TE.TaskEither<Failure, FitResult> =>
  async () => {
    const table = fitTable(sizes, seed);
    const { labels, features, lengthScales } = sizes;
    const size = 2 + (lengthScales === 'shared' ? 1 : features);
    const stage = `${labels} labels, ${features} features`;
    const runs: Fitted[] = [];
    for (let done = 0; done < repeats; done++) {
      control.progress({ stage, done, total: repeats, note: 'fits' });
      const kernel = { kind: 'matern52', lengthScales } as const;
      const run = await answeredInTurns(() => fitted(table, kernel, size, seed), control, 'bench')();
      if (E.isLeft(run)) return run;
      runs.push(run.right);
    }
    const peer = python === '' ? null : await peerFit(python, table, lengthScales, control.signal);
    return E.right({
      ...sizes,
      fit: timingOf(runs.map(({ seconds }) => seconds)),
      evaluations: runs[0]?.evaluations ?? 0,
      logLikelihood: runs[0]?.logLikelihood ?? NaN,
      peer,
    });
  };

/** Factors of one positive definite n×n matrix. */
export const measureFactors = (
  size: number,
  sampling: Sampling,
  seed: number,
  control: BenchControl,
): TE.TaskEither<Failure, readonly FactorResult[]> => {
  const gram = rowGram({ rows: size, columns: size, data: normals(keyFromSeed(seed), size * size) });
  const a = matrixFrom(size, size, (i, j) => (gram.data[i * size + j] ?? NaN) + (i === j ? size : 0));
  const timed =
    (work: () => Work<E.Either<Failure, unknown>>) =>
    (calls: number): TE.TaskEither<Failure, unknown> =>
      answeredInTurns(
        function* () {
          for (let call = 1; call < calls; call++) yield* work();
          return yield* work();
        },
        { signal: control.signal },
        'bench',
      );
  const operations = { cholesky: size ** 3 / 3, inverse: (2 * size ** 3) / 3, eigen: 9 * size ** 3 };
  return pipe(
    answeredInTurns(() => choleskyInSteps(a), { signal: control.signal }, 'bench'),
    TE.chain((factor) =>
      measure(
        `factors of ${size}×${size}`,
        {
          cholesky: timed(() => choleskyInSteps(a)),
          inverse: timed(function* () {
            return E.right(yield* inverseInSteps(factor));
          }),
          eigen: timed(() => symmetricEigenInSteps(a)),
        },
        sampling,
        control,
      ),
    ),
    TE.map((times) =>
      (['cholesky', 'inverse', 'eigen'] as const).map((name) => ({
        ...{ name, size, time: times[name] },
        gigaflops: operations[name] / times[name].seconds / 1e9,
      })),
    ),
  );
};
