/** Pretraining as text: what is kept of a state, to go on from, and the module of the weights that come of it. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { at } from '../../at.js';
import { parseJson } from '../../data/json.js';
import { finite, nonNegative, positive, whole, wholeIn } from '../../data/ranges.js';
import { inputFailure, type InputFailure } from '../../failure.js';
import { weightsOf } from '../../gflownet/pretrained/pretrained.js';
import { networkSpecs } from '../../gflownet/policies/slot-network.js';
import { parameterCount } from '../../nn/parameters.js';
import type { PretrainingOptions, PretrainingState } from './pretrain.js';

const keptCodec = t.type({
  seed: whole,
  iterations: whole,
  learningRate: positive,
  hidden: wholeIn(1, 2 ** 16),
  parameters: t.array(finite),
  first: t.array(finite),
  /** Means of squares. */
  second: t.array(nonNegative),
  steps: whole,
});

/** The text of a state; numbers are written so that reading gives the same bits. */
export const encodePretraining = (options: PretrainingOptions, state: PretrainingState): string =>
  JSON.stringify({
    ...options,
    parameters: Array.from(state.parameters),
    first: Array.from(state.first),
    second: Array.from(state.second),
    steps: at(state.steps, 0),
  });

/**
 * The state of a text, to go on with under some options. An InputFailure, with the name of the file as its source, where it is no
 * such text or was made under others.
 */
export const decodePretraining = (
  source: string,
  text: string,
  options: PretrainingOptions,
): E.Either<InputFailure, PretrainingState> => {
  const size = parameterCount(networkSpecs(options.hidden));
  const unusable = (problem: string) =>
    inputFailure({
      source,
      problem,
      remedy: 'Give the options that it was begun with, or leave out --resume to begin anew',
    });
  return pipe(
    parseJson(text),
    E.mapLeft(unusable),
    E.chain(({ value }) =>
      pipe(
        keptCodec.decode(value),
        E.mapLeft(() => unusable('it holds no state of pretraining')),
      ),
    ),
    E.chain(({ parameters, first, second, steps, ...made }) => {
      const names = ['seed', 'iterations', 'learningRate', 'hidden'] as const;
      const other = names.find((name) => made[name] !== options[name]);
      if (other !== undefined)
        return E.left(
          unusable(`it was begun with ${other} ${made[other]}, and ${options[other]} is asked for`),
        );
      if (![parameters, first, second].every(({ length }) => length === size))
        return E.left(
          unusable(`a network of width ${options.hidden} has ${size} parameters, and it does not`),
        );
      if (steps > options.iterations)
        return E.left(unusable(`it has taken ${steps} steps of ${options.iterations}`));
      return E.right({
        parameters: Float64Array.from(parameters),
        first: Float64Array.from(first),
        second: Float64Array.from(second),
        steps: Float64Array.of(steps),
      });
    }),
  );
};

const head = '// Written by batchgfn pretrain. Do not edit.\n';

/** Whether a text is such a module as {@link weightsModule} writes. */
export const isWeightsModule = (text: string): boolean => text.startsWith(head);

/** The module src/gflownet/pretrained/weights.ts of a state. */
export const weightsModule = (
  { hidden, seed }: PretrainingOptions,
  { parameters, steps }: PretrainingState,
): string => {
  const { parameters: text, ...about } = weightsOf(parameters, { hidden, seed, iterations: at(steps, 0) });
  return `${head}import type { PretrainedWeights } from './pretrained.js';

/** The pretrained weights. */
export const weights: PretrainedWeights = {
${Object.entries(about)
  .map(([name, value]) => `  ${name}: ${typeof value === 'string' ? `'${value}'` : value},\n`)
  .join('')}  parameters:
    '${text}',
};
`;
};
