/**
 * Training that is watched: played, paused, made step by step. Between its steps the policy is measured: how far the law of its draws is
 * from the target, exactly where batches can be listed, and the bounds ELBO ≤ log Z ≤ EUBO.
 */
import {
  batchesOf,
  defaultModel,
  defaultTraining,
  draw,
  keyFromSeed,
  openEngine,
  startTraining,
  train,
  type Engine,
  type Model,
  type Problem,
  type TrainingState,
} from 'batchgfn';
import { euboOf, exactDistribution, totalVariation, type TargetAnswer } from 'batchgfn/verify';
import type { EngineName, Measured, ProblemSettings, TrainingNews, TrainingSettings } from '../protocol.js';
import { answered, problemOf, valueOf } from './problem.js';

/** What a training is of; another one begins where it differs. */
export interface TrainingOf {
  readonly problem: ProblemSettings;
  readonly training: TrainingSettings;
  readonly engine: EngineName;
}

interface Training {
  readonly of: string;
  readonly engine: Engine;
  readonly problem: Problem;
  readonly answer: TargetAnswer;
  readonly model: Model;
  readonly options: ReturnType<typeof optionsOf>;
  state: TrainingState;
}

/** How a policy is trained by the settings: as the library would, but for what is set. */
export const optionsOf = ({ policy, objective, iterations, teacher }: TrainingSettings) => {
  const { teacher: shown, ...own } = defaultTraining(policy);
  return { ...own, objective, iterations, ...(teacher && shown !== undefined ? { teacher: shown } : {}) };
};

/** Trajectories that are looked at. */
const looked = 64;

const shown = 8;

/** Steps between two measurements. */
const stride = 20;

/** Steps between two pieces of news. */
const chunk = 5;

/** Most batches whose probabilities are looked at, but for those that are probable. */
const mostDots = 1000;

/** Exact and learned probability in turns: of very many batches those that are most probable, and some of the others. */
const agreementOf = (exact: Float64Array, learned: Float64Array): Float64Array => {
  const highest = exact.reduce((a, b) => Math.max(a, b), 0);
  const every = Math.ceil(exact.length / mostDots);
  const found: number[] = [];
  exact.forEach((p, row) => {
    if (row % every === 0 || p > highest / 10) found.push(p, learned[row] ?? NaN);
  });
  return Float64Array.from(found);
};

/** What a policy is measured by, at parameters. */
export const measured = async (
  { engine, problem, answer, model }: Pick<Training, 'engine' | 'problem' | 'answer' | 'model'>,
  parameters: TrainingState['parameters'],
  step: number,
): Promise<Measured> => {
  const draws = valueOf(await draw(engine, model, problem, parameters, looked, keyFromSeed(step + 1))());
  const upper = valueOf(
    await euboOf({ engine, model, problem, parameters }, answer, keyFromSeed(step + 2))(),
  );
  const batches = batchesOf(draws);
  const information = Array.from(draws.jointMutualInformation);
  const best = information.indexOf(Math.max(...information));
  const found = {
    ...{ step, elbo: draws.estimates.elbo, eubo: upper.mean, trajectories: batches.slice(0, shown) },
    best: { batch: batches[best] ?? [], information: information[best] ?? NaN },
  };
  if (answer.listed === undefined) return found;
  const learned = valueOf(await exactDistribution(engine, model, problem, parameters)());
  const { probabilities } = answer.listed.target;
  return {
    ...found,
    agreement: agreementOf(probabilities, learned),
    totalVariation: totalVariation(learned, probabilities),
  };
};

/** Opens engines, each once. */
export const engineHolder = () => {
  // None is closed while the page is there: another scene may be at work on it.
  const held = new Map<EngineName, Promise<Engine>>();
  return (name: EngineName): Promise<Engine> => {
    const before = held.get(name);
    if (before !== undefined) return before;
    const engine = openEngine(name, undefined, { threads: 1 })().then(valueOf);
    held.set(name, engine);
    engine.catch(() => held.delete(name));
    return engine;
  };
};

const begun = async (
  { problem: settings, training, engine: name }: TrainingOf,
  of: string,
  engineOf: (name: EngineName) => Promise<Engine>,
): Promise<Training> => {
  const engine = await engineOf(name);
  const problem = problemOf(settings);
  const answer = await answered(problem, settings.seed);
  const model = defaultModel(training.policy, problem);
  const options = optionsOf(training);
  const key = keyFromSeed(settings.seed);
  const state = valueOf(await startTraining(engine, model, problem, options, key)());
  return { of, engine, problem, answer, model, options, state };
};

const standing = ({ engine, options, state }: Training, run: number, running: boolean): TrainingNews => ({
  ...{ run, done: state.steps[0] ?? 0, total: options.iterations, running, engine: engine.description },
});

/** How it is played: for some steps, or to the end. */
interface Playing {
  readonly steps: number | undefined;
  readonly run: number;
  readonly fresh: boolean;
}

/** Goes on with a training for some steps, or to the end, and measures it at last. */
const go = async (
  own: Training,
  control: AbortController,
  { steps, run }: Playing,
  tell: (news: TrainingNews) => void,
): Promise<TrainingNews> => {
  let measuring: Promise<void> | undefined;
  let problem: Error | undefined;
  const begin = own.state.steps[0] ?? 0;
  const watched = (state: TrainingState): void => {
    own.state = state;
    // One measurement at a time; steps go on meanwhile.
    measuring ??= measured(own, state.parameters, state.steps[0] ?? 0)
      .then((found) => tell({ ...standing(own, run, true), measured: found }))
      .catch((error: unknown) => {
        problem = error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        measuring = undefined;
      });
  };
  const result = await train(own.engine, own.model, own.problem, own.options, own.state, {
    ...{ chunk: Math.min(chunk, steps ?? chunk), checkpointEvery: stride, signal: control.signal },
    onCheckpoint: watched,
    onProgress: ({ done, loss, elbo }) => {
      tell({ ...standing(own, run, true), done, loss, elbo });
      if (steps !== undefined && done >= begin + steps) control.abort();
    },
  })();
  if (result._tag === 'Right') own.state = result.right;
  else if (result.left._tag !== 'Interrupted') valueOf(result);
  while (measuring !== undefined) await measuring;
  if (problem !== undefined) throw problem;
  const found = await measured(own, own.state.parameters, own.state.steps[0] ?? 0);
  return { ...standing(own, run, false), measured: found };
};

/** A training that is played and paused. `tell` hears of it. */
export const trainer = (
  engineOf: (name: EngineName) => Promise<Engine>,
  tell: (news: TrainingNews) => void,
) => {
  let training: Training | undefined;
  let stop: AbortController | undefined;
  let ended: Promise<unknown> = Promise.resolve();
  return {
    /** Goes on for some steps, or to the end; from the start where the settings are others than before. */
    play: async (what: TrainingOf, playing: Playing): Promise<TrainingNews> => {
      stop?.abort();
      const control = new AbortController();
      stop = control;
      const before = ended;
      const own = (async () => {
        await before;
        const of = JSON.stringify(what);
        const again =
          !playing.fresh &&
          training?.of === of &&
          (training.state.steps[0] ?? 0) < training.options.iterations;
        const next = again && training !== undefined ? training : await begun(what, of, engineOf);
        training = next;
        return go(next, control, playing, tell);
      })();
      ended = own.catch(() => undefined);
      return own;
    },
    pause: (): void => stop?.abort(),
  };
};
