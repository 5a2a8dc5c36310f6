/**
 * Active learning, round by round: each strategy chooses batches from a pool of its own, has them labelled by the function of the page,
 * and its model is asked again. The error is that of the posterior mean against the function, over the line.
 */
import { proposeBatch, type Engine } from 'batchgfn';
import { labelAt, poolFrom, truth } from '../line.js';
import type { EngineName, Learner, ProblemSettings, Requests, RoundNews } from '../protocol.js';
import { posteriorAt, valueOf } from './problem.js';

/** The strategies in the order in which they are shown. */
const learners: readonly Learner[] = ['random', 'greedy', 'stochasticBatchBald', 'kdpp', 'gflownet'];

const poolSize = 60;

const draws = 64;

const errorOf = (settings: ProblemSettings, grid: readonly number[]): number => {
  const { mean } = posteriorAt(settings, grid);
  return Math.sqrt(grid.reduce((sum, x, i) => sum + (truth(x) - (mean[i] ?? NaN)) ** 2, 0) / grid.length);
};

const proposed = async (
  engine: Engine,
  learner: Learner,
  settings: ProblemSettings,
  seed: number,
  signal: AbortSignal,
) => {
  const { batchSize } = settings;
  const { best } = valueOf(
    await proposeBatch(engine, posteriorAt(settings, settings.pool), {
      ...{ batchSize, seed, signal, acquisition: learner },
      draws: learner === 'random' || learner === 'greedy' ? 1 : draws,
    })(),
  );
  return best.indices;
};

const labelled = (settings: ProblemSettings, batch: readonly number[], seed: number): ProblemSettings => ({
  ...settings,
  labelled: [
    ...settings.labelled,
    ...batch.map((n) => settings.pool[n] ?? 0).map((x) => [x, labelAt(x, settings.noise, seed)] as const),
  ],
  pool: settings.pool.filter((_, n) => !batch.includes(n)),
});

/** All strategies, round by round, until the signal ends it; what each has is told on the way. */
export const learned = async (
  { problem, engine: name, rounds, repeats, grid }: Requests['rounds']['ask'],
  engineOf: (name: EngineName) => Promise<Engine>,
  tell: (news: RoundNews) => void,
  signal: AbortSignal,
): Promise<null> => {
  const engine = await engineOf(name);
  for (let repeat = 0; repeat < repeats; repeat++)
    for (const learner of learners) {
      const seed = problem.seed + repeat;
      let now: ProblemSettings = { ...problem, pool: poolFrom(poolSize, seed) };
      const report = (): void =>
        tell({ learner, repeat, labels: now.labelled.length, error: errorOf(now, grid) });
      report();
      for (let round = 0; round < rounds; round++) {
        now = labelled(now, await proposed(engine, learner, now, seed + round, signal), seed);
        report();
        await new Promise<void>((resolve) => setTimeout(resolve, 0));
      }
    }
  return null;
};
