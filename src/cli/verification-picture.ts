/** What of verifications is drawn? Their probabilities or held-out log-probabilities, and the history of training. */
import path from 'node:path';
import type { VerificationPlot, VerificationRun } from '../report/verification-plot.js';
import type { VerificationTrace } from '../verify/verification.js';
import { problemInWords, type ReportedProblem } from './verification-report.js';
import { present } from '../present.js';

const runOf = (trace: VerificationTrace): VerificationRun => {
  const { policy, objective, probabilities, heldOut, history, totalVariation, logZ } = trace;
  return {
    name: `${policy}, ${objective}`,
    ...present({ probabilities }),
    ...(heldOut === undefined
      ? {}
      : { logRatios: { logTarget: heldOut.logReward, logLearned: heldOut.logLearned } }),
    totalVariation,
    loss: history.map(({ done, loss }) => ({ iteration: done, loss })),
    elbo: history.map(({ done, elbo }) => ({ iteration: done, elbo })),
    logZ: logZ.exact ?? logZ.estimate,
  };
};

/** The picture of verifications of one problem; of a file its name without the folder. */
export const pictureOf = (
  problem: ReportedProblem,
  traces: readonly VerificationTrace[],
): VerificationPlot => ({
  problem: problemInWords(
    problem.kind === 'file' ? { ...problem, source: path.basename(problem.source) } : problem,
  ),
  runs: traces.map(runOf),
});
