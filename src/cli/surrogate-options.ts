/** Which options has the surrogate, and which surrogate do they ask for? What is offered under which name: surrogate-offers.ts. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { badInput, type InputFailure } from '../failure.js';
import type { BatchSurrogate } from '../learning/fit-for-batch.js';
import { AUTO, triedSurrogates } from './auto-surrogate.js';
import { oneOf } from './decoders.js';
import { idle } from './kernel-options.js';
import { longName, naming, optional, withDefault } from './options.js';
import {
  DEFAULT_SURROGATE,
  drawsOption,
  isOffered,
  offered,
  type OwnOption,
  ownOptions,
  surrogateNames,
  type SurrogateChoice,
  type SurrogateName,
  type Task,
  TASKS,
} from './surrogate-offers.js';

/** `--task`, of commands that can do with class labels. */
export const task = withDefault(
  {
    long: 'task',
    placeholder: 'TASK',
    description: 'regression, or classes where the target holds labels of classes: any text, two at least',
  },
  oneOf(TASKS),
  'regression',
);

const choices: readonly (SurrogateName | typeof AUTO)[] = [...surrogateNames, AUTO];

/** Options of the surrogate; what is left out is undefined, for there are commands that may do without one. */
export const surrogateOptions = {
  surrogate: optional(
    {
      long: 'surrogate',
      placeholder: 'NAME',
      description: naming('model: ', choices, ` (${DEFAULT_SURROGATE.regression} if left out)`),
    },
    oneOf(choices),
  ),
  ...ownOptions,
  posteriorDraws: drawsOption,
};

/** The first option that is given and that belongs to some surrogates, but not to these. */
const foreignTo = (options: SurrogateChoice, holds: (option: OwnOption) => boolean): OwnOption | undefined =>
  (Object.keys(ownOptions) as readonly OwnOption[]).find(
    (option) => options[option] !== undefined && !holds(option),
  );

/** An InputFailure for the first option that belongs to other surrogates than the one of this name. */
const requireOwn = (options: SurrogateChoice, name: SurrogateName): E.Either<InputFailure, void> => {
  const takes = (one: SurrogateName, option: OwnOption): boolean =>
    isOffered(one, (offer) => offer.options.includes(option));
  const foreign = foreignTo(options, (option) => takes(name, option));
  if (foreign === undefined) return E.right(undefined);
  const owners = surrogateNames.filter((other) => takes(other, foreign));
  return idle(longName(foreign), `surrogate is ${owners.join(' or ')}`, `--surrogate ${owners[0] ?? name}`);
};

/** An InputFailure for an option that belongs to one surrogate. */
const autoOf = (
  options: SurrogateChoice,
  task: Task,
  seed: number,
): E.Either<InputFailure, BatchSurrogate> => {
  const foreign = foreignTo(options, () => false);
  if (foreign !== undefined)
    return idle(longName(foreign), 'surrogate is named', `--surrogate ${DEFAULT_SURROGATE[task]}`);
  return pipe(
    triedSurrogates[task],
    E.traverseArray(({ most, ...choice }) =>
      pipe(
        surrogateSpecOf({ ...options, kernel: undefined, ...choice }, seed),
        E.map((spec) => ({ most, spec })),
      ),
    ),
    E.map((of) => ({
      kind: AUTO,
      of: of.flatMap(({ most, spec }) => (spec.kind === AUTO ? [] : [{ most, spec }])),
    })),
  );
};

/** No option of a surrogate given. */
export const plainSurrogate = {
  ...{ surrogate: undefined, kernel: undefined, featureMap: undefined, degree: undefined },
  ...{ fourierFeatures: undefined, hidden: undefined, fitIterations: undefined, posteriorDraws: undefined },
};

/** The surrogate of the options. An InputFailure for an option that belongs to another surrogate, feature map or task. */
export const surrogateSpecOf = (
  options: SurrogateChoice,
  seed: number,
): E.Either<InputFailure, BatchSurrogate> => {
  const { task: aim = 'regression', posteriorDraws } = options;
  const { surrogate: name = DEFAULT_SURROGATE[aim] } = options;
  if (name === AUTO) return autoOf(options, aim, seed);
  return pipe(
    requireOwn(options, name),
    E.chain(() => {
      const [, offer] = offered.find(([other, { tasks }]) => other === name && tasks.includes(aim)) ?? [];
      if (offer === undefined) {
        const others = surrogateNames.filter((other) => isOffered(other, ({ tasks }) => tasks.includes(aim)));
        return E.left(
          badInput(
            '--surrogate',
            `${name} is a model of numbers and not of classes`,
            `Leave it out, or give ${others.slice(0, -1).join(', ')} or ${others.at(-1) ?? ''}`,
          ),
        );
      }
      return posteriorDraws !== undefined && !offer.draws.includes(aim)
        ? idle('--posterior-draws', 'posterior is one of draws', '--surrogate ensemble')
        : offer.spec(options, aim, seed);
    }),
  );
};

/** Whether a posterior may have as many features as points: that of a Gaussian process, or of a surrogate that is yet to be chosen. */
export const isWide = ({ surrogate }: SurrogateChoice): boolean =>
  surrogate === 'gaussian-process' || surrogate === AUTO;
