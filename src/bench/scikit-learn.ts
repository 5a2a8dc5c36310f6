/**
 * The same fit by scikit-learn, where a Python has it: GaussianProcessRegressor with a constant times Matérn-5/2 kernel plus white
 * noise in the ranges of ours, one restart (n_restarts_optimizer=1), one thread. It is no dependency: a Python that does not start, or
 * has no scikit-learn, is said to take no part.
 */
import { spawn } from 'node:child_process';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import type { FitTable } from './fit.js';

/** The fit of a peer: its seconds, and the log marginal likelihood in nats; or why it takes no part. */
export type PeerFit =
  | { readonly version: string; readonly seconds: number; readonly logLikelihood: number }
  | { readonly reason: string };

const program = `
import json, math, sys, time
problem = json.load(sys.stdin)
import numpy, sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
x = numpy.array(problem["inputs"]).reshape(-1, problem["features"])
y = numpy.array(problem["targets"])
middle = math.sqrt(problem["features"])
scales = middle if problem["shared"] else [middle] * problem["features"]
kernel = ConstantKernel(1.0, (1e-3, 1e3)) * Matern(scales, (middle / 20, middle * 20), nu=2.5) + WhiteKernel(0.15, (1e-3, 2))
started = time.perf_counter()
fit = GaussianProcessRegressor(kernel, alpha=0, n_restarts_optimizer=1, random_state=0).fit(x, y)
seconds = time.perf_counter() - started
print(json.dumps({"version": sklearn.__version__, "seconds": seconds, "logLikelihood": fit.log_marginal_likelihood_value_}))
`;

const answer = t.type({ version: t.string, seconds: t.number, logLikelihood: t.number });

/** The last line of what was said. */
const lastLine = (said: string): string => said.trim().split('\n').at(-1) ?? '';

const read = (said: string): PeerFit => {
  try {
    return pipe(
      answer.decode(JSON.parse(lastLine(said))),
      E.getOrElseW(() => ({ reason: 'it gave no figures' })),
    );
  } catch {
    return { reason: 'it gave no figures' };
  }
};

/** scikit-learn's fit of a table by the Python of that name. Ends without one once the signal is aborted. */
export const peerFit = (
  python: string,
  { inputs, targets }: FitTable,
  lengthScales: 'shared' | 'perFeature',
  signal: AbortSignal,
): Promise<PeerFit> =>
  new Promise((resolve) => {
    const threads = { OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
    const child = spawn(python, ['-W', 'ignore', '-c', program], {
      env: { ...process.env, ...threads },
      signal,
    });
    let [out, errors] = ['', ''];
    child.stdout.on('data', (part) => (out += String(part)));
    child.stderr.on('data', (part) => (errors += String(part)));
    child.on('error', ({ message }) => {
      resolve({ reason: message });
    });
    child.on('close', (status) => {
      resolve(status === 0 ? read(out) : { reason: lastLine(errors) });
    });
    // A child that ended early does not read on.
    child.stdin.on('error', () => undefined);
    child.stdin.end(
      JSON.stringify({
        inputs: Array.from(inputs.data),
        targets: Array.from(targets),
        features: inputs.columns,
        shared: lengthScales === 'shared',
      }),
    );
  });
