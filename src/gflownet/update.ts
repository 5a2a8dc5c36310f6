/**
 * One step of the optimiser on a model: Adam along the clipped gradient of a loss, its rate falling along half a cosine,
 * the size biases of the state flows at a rate of their own.
 */
import { adam, clipByNorm } from '../nn/adam.js';
import { parameterOffset } from '../nn/parameters.js';
import { cosineDecay } from '../nn/schedule.js';
import { splitKey } from '../tensor/derived/random.js';
import type { Tensor } from '../tensor/expression.js';
import { input, iota, less, mul, select } from '../tensor/operations.js';
import type { Model } from './model.js';

/** The gradient's Euclidean norm is held below this: early trajectories under a sharp reward can be far off. */
const clip = 100;

/** Inputs that programs of training share: what is carried from step to step beside the parameters, and the schedule. */
export const updateInputs = ({ shape: { dtype }, size }: Model) => ({
  first: input('first', dtype, [size]),
  second: input('second', dtype, [size]),
  steps: input('steps', dtype, []),
  key: input('key', 'u32', [2]),
  iterations: input('iterations', dtype, []),
  learningRate: input('learningRate', dtype, []),
  logZRate: input('logZRate', dtype, []),
});

/** What the next step begins with, after one down the gradient of a loss in the flat parameters. */
export const update = (
  model: Model,
  parameters: Tensor,
  slope: Tensor,
  { first, second, steps, key, iterations, learningRate, logZRate }: ReturnType<typeof updateInputs>,
) => {
  const before = parameterOffset(model.specs, 'flowLevels') - 1;
  const isLevel = less(before, iota('i32', [model.size], 0));
  const rate = mul(mul(learningRate, cosineDecay(steps, iterations)), select(isLevel, logZRate, 1));
  const next = adam({ parameters, first, second, steps }, clipByNorm(slope, clip), rate);
  return { ...next, key: splitKey(key, 1) };
};
