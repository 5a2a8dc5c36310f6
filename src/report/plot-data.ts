/**
 * What is drawn of a verification: plain values, with no drawing in them, and what they must satisfy. A run is one
 * policy trained with one objective on the problem.
 */

/** The loss of one training step, nats² (every objective is a mean of squared log ratios). */
export interface LossPoint {
  readonly iteration: number;
  readonly loss: number;
}

/** The ELBO of one training step's trajectories, nats. */
export interface ElboPoint {
  readonly iteration: number;
  readonly elbo: number;
}

/** One trained sampler. */
export interface VerificationRun {
  /** For example "gain, trajectoryBalance". */
  readonly name: string;
  /** Probabilities of all batches, both in one order; absent where the batches cannot be listed. */
  readonly probabilities?: { readonly target: ArrayLike<number>; readonly learned: ArrayLike<number> };
  /**
   * Held-out batches where not all can be listed: log target up to a constant, and log of the learned probability
   * (−∞ where it is 0), nats. Not drawn where `probabilities` are given.
   */
  readonly logRatios?: { readonly logTarget: ArrayLike<number>; readonly logLearned: ArrayLike<number> };
  /** Between target and learned probabilities, in [0, 1]; null where it is not known. */
  readonly totalVariation: number | null;
  /** In order of iterations. */
  readonly loss: readonly LossPoint[];
  /** In order of iterations. */
  readonly elbo: readonly ElboPoint[];
  /** The exact log Z, nats; null where it is not known. */
  readonly logZ: number | null;
}

/** A verification to draw: one row of panels for each run. */
export interface VerificationPlot {
  /** For example "15 points, batches of 3, T = 0.2". */
  readonly problem: string;
  readonly runs: readonly VerificationRun[];
}

const refuse = (run: VerificationRun, what: string): never => {
  throw new RangeError(`verificationSvg: run '${run.name}': ${what}`);
};

const checkAll = (
  run: VerificationRun,
  name: string,
  values: ArrayLike<number>,
  wanted: string,
  fits: (value: number) => boolean,
): void => {
  for (let i = 0; i < values.length; i++) {
    const value = values[i] ?? NaN;
    if (!fits(value)) refuse(run, `${name}[${i}] is ${value}; it must be ${wanted}`);
  }
};

const checkPair = (
  run: VerificationRun,
  names: readonly [string, string],
  first: ArrayLike<number>,
  second: ArrayLike<number>,
): void => {
  if (first.length !== second.length)
    refuse(
      run,
      `${names[0]} has ${first.length} values and ${names[1]} has ${second.length}; give both over the same batches`,
    );
  if (first.length === 0) refuse(run, `${names[0]} has no values; leave it out where there are none`);
};

const checkCurve = (
  run: VerificationRun,
  name: string,
  iterations: readonly number[],
  values: readonly number[],
  wanted: string,
  fits: (value: number) => boolean,
): void => {
  checkAll(run, `${name} iteration`, iterations, 'finite and not negative', (x) => x >= 0 && x < Infinity);
  const back = iterations.findIndex((x, i) => x <= (iterations[i - 1] ?? -1));
  if (back >= 0) refuse(run, `${name} iteration[${back}] does not come after the one before`);
  checkAll(run, name, values, wanted, fits);
};

const isFinite = (x: number): boolean => Number.isFinite(x);

/** Rounding may leave the probability of a certain batch this far above 1. */
const rounding = 1e-6;

const checkRun = (run: VerificationRun): void => {
  const { probabilities, logRatios, totalVariation, logZ } = run;
  if (probabilities !== undefined) {
    const { target, learned } = probabilities;
    checkPair(run, ['probabilities.target', 'probabilities.learned'], target, learned);
    const fits = (p: number): boolean => p >= 0 && p <= 1 + rounding;
    checkAll(run, 'probabilities.target', target, 'in [0, 1]', fits);
    checkAll(run, 'probabilities.learned', learned, 'in [0, 1]', fits);
  }
  if (logRatios !== undefined) {
    const { logTarget, logLearned } = logRatios;
    checkPair(run, ['logRatios.logTarget', 'logRatios.logLearned'], logTarget, logLearned);
    checkAll(run, 'logRatios.logTarget', logTarget, 'finite', isFinite);
    checkAll(run, 'logRatios.logLearned', logLearned, 'finite or −∞', (x) => isFinite(x) || x === -Infinity);
  }
  if (totalVariation !== null && !(totalVariation >= 0 && totalVariation <= 1 + rounding))
    refuse(run, `totalVariation is ${totalVariation}; it must be in [0, 1]`);
  if (logZ !== null && !isFinite(logZ)) refuse(run, `logZ is ${logZ}; it must be finite`);
  checkCurve(
    run,
    'loss',
    run.loss.map(({ iteration }) => iteration),
    run.loss.map(({ loss }) => loss),
    'finite and not negative',
    (x) => x >= 0 && x < Infinity,
  );
  checkCurve(
    run,
    'elbo',
    run.elbo.map(({ iteration }) => iteration),
    run.elbo.map(({ elbo }) => elbo),
    'finite',
    isFinite,
  );
};

/**
 * Throws a RangeError that names the run and the value where a plot cannot be drawn: no runs, lengths that differ,
 * probabilities that are negative or not numbers, curves out of order or not finite.
 */
export const checkVerificationPlot = (plot: VerificationPlot): void => {
  if (plot.runs.length === 0) throw new RangeError('verificationSvg: there are no runs; give at least one');
  plot.runs.forEach(checkRun);
};
