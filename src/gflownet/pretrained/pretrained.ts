/** The network's parameters in a model of any pool, batch size and temperature: the policy's come first, flows begin at zero. */
import { parameterCount } from '../../nn/parameters.js';
import type { TypedArray } from '../../tensor/expression.js';
import type { Model } from '../model.js';
import { latticeSpecs } from '../policies/lattice-gas.js';

/**
 * The flat parameters of a model of `messagePassing` with given ones of its network. Throws a RangeError where the model is of
 * another policy or width.
 */
export const pretrainedAt = (model: Model, network: TypedArray): Float64Array => {
  const { policy, hidden } = model.shape;
  if (policy !== 'messagePassing' || network.length !== parameterCount(latticeSpecs(hidden)))
    throw new RangeError(
      `pretrainedAt: ${network.length} parameters are none of a ${policy} model of width ${hidden}; give those of its network`,
    );
  const parameters = new Float64Array(model.size);
  parameters.set(network);
  return parameters;
};
