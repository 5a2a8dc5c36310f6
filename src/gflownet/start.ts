/** Where training begins: fresh parameters, with the levels of the state flows from a trial under them. */
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { split, type Key } from '../random/key.js';
import { firstParameters, temperatureRange, type Model } from './model.js';
import type { Problem } from './problem.js';
import { draw, type Draws } from './sample.js';
import { firstState, type TrainingState } from './train.js';

/** Trajectories of the trial. */
const trial = 256;

/**
 * The levels by size (nats): log Z by importance, and beyond the empty set the mean of log R + Σ_{t ≥ k} (log P_B −
 * log P_F), a lower bound of log F(s_k) in expectation; less JMI(s_k) / T if flows look forward.
 */
const levels = (
  { steps, estimates, count }: Draws,
  { batchSize, temperature }: Problem,
  forwardLooking: boolean,
) => {
  const sums = new Float64Array(batchSize);
  for (let i = 0; i < count; i++) {
    let ahead = 0;
    let partial = 0;
    for (let k = batchSize - 1; k >= 0; k--) {
      const at = i * batchSize + k;
      const gain = (steps.gains[at] ?? 0) / temperature;
      ahead += gain + (steps.logBackward[at] ?? 0) - (steps.logForward[at] ?? 0);
      sums[k] = (sums[k] ?? 0) + ahead / count;
    }
    if (!forwardLooking)
      for (let k = 0; k < batchSize; k++) {
        sums[k] = (sums[k] ?? 0) + partial / count;
        partial += (steps.gains[i * batchSize + k] ?? 0) / temperature;
      }
  }
  return sums.with(0, estimates.logZ);
};

/** A first training state. The same key gives the same bits. Fails where the engine does. */
export const startTraining = (
  engine: Engine,
  model: Model,
  problem: Problem,
  forwardLooking: boolean,
  key: Key,
): TE.TaskEither<Failure, TrainingState> => {
  const parameters = firstParameters(model, key);
  const trialProblem = { ...problem, temperature: temperatureRange(model, problem).middle };
  return pipe(
    draw(engine, model, trialProblem, parameters, trial, split(key, 2)),
    TE.map((draws) => {
      parameters.set(levels(draws, trialProblem, forwardLooking), parameters.length - problem.batchSize);
      return firstState(parameters, key);
    }),
  );
};
