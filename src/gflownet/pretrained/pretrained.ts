/**
 * Pretrained weights of `messagePassing`: its network's parameters, trained once on generated posteriors
 * (src/learning/pretraining), in models of any pool, batch size and temperature. A model's parameters begin with those of its
 * policy; what stands behind them, the state flows, begins at zero.
 *
 * The weights lie in a module of their own (weights.ts), which programs load when they are asked for it: `pretrainedPolicy` where
 * modules can be imported by their address, as in Node, and `batchgfn/pretrained` where a bundler has to see the import.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { inputFailure, type InputFailure } from '../../failure.js';
import { parameterCount } from '../../nn/parameters.js';
import type { TypedArray } from '../../tensor/expression.js';
import { defaultModel } from '../defaults.js';
import type { Model } from '../model.js';
import type { TrainedModel } from '../model-file.js';
import { networkSpecs } from '../policies/slot-network.js';
import type { Problem } from '../problem.js';

/** The version of the network that weights are for; it goes up with every change of what the network computes. */
export const pretrainedVersion = 2;

/** Weights as they are kept. */
export interface PretrainedWeights {
  readonly policy: string;
  readonly version: number;
  /** Width of the network. */
  readonly hidden: number;
  /** Of the pretraining, as they came about. */
  readonly seed: number;
  readonly iterations: number;
  /** The network's parameters: f32, little-endian, in base64. */
  readonly parameters: string;
}

/** The weights of a network's parameters. */
export const weightsOf = (
  network: TypedArray,
  about: Pick<PretrainedWeights, 'hidden' | 'seed' | 'iterations'>,
): PretrainedWeights => {
  const bytes = new Uint8Array(4 * network.length);
  const view = new DataView(bytes.buffer);
  network.forEach((value, i) => {
    view.setFloat32(4 * i, value, true);
  });
  const text = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  return { policy: 'messagePassing', version: pretrainedVersion, ...about, parameters: btoa(text) };
};

/** Of the network, as in model files. */
const largestWidth = 2 ** 16;

const unusable = (problem: string): InputFailure =>
  inputFailure({
    source: 'pretrained weights',
    problem,
    remedy: 'Use those of this version, or make new ones: batchgfn pretrain --out FILE',
  });

/** The network's parameters. An InputFailure where the weights are of another version, policy or shape, or damaged. */
export const networkOf = (weights: PretrainedWeights): E.Either<InputFailure, Float32Array> => {
  const { policy, version, hidden, parameters } = weights;
  if (policy !== 'messagePassing') return E.left(unusable(`they are of the policy ${policy}`));
  if (version !== pretrainedVersion)
    return E.left(
      unusable(
        `they are of version ${version} of the network, and this program has version ${pretrainedVersion}`,
      ),
    );
  if (!Number.isSafeInteger(hidden) || hidden < 1 || hidden > largestWidth)
    return E.left(unusable(`their width ${hidden} is not a whole number from 1 to ${largestWidth}`));
  const isBase64 = parameters.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(parameters);
  const text = isBase64 ? atob(parameters) : '';
  const count = parameterCount(networkSpecs(hidden));
  if (text.length !== 4 * count)
    return E.left(
      unusable(`they hold ${text.length / 4} parameters, and a network of width ${hidden} has ${count}`),
    );
  const view = new DataView(Uint8Array.from(text, (character) => character.charCodeAt(0)).buffer);
  const network = Float32Array.from({ length: count }, (_, i) => view.getFloat32(4 * i, true));
  return network.every(Number.isFinite)
    ? E.right(network)
    : E.left(unusable('one of the parameters is not a finite number'));
};

/**
 * The flat parameters of a model of `messagePassing` with given ones of its network. Throws a RangeError where the model is of
 * another policy or width.
 */
export const pretrainedAt = (model: Model, network: TypedArray): Float64Array => {
  const { policy, hidden } = model.shape;
  if (policy !== 'messagePassing' || network.length !== parameterCount(networkSpecs(hidden)))
    throw new RangeError(
      `pretrainedAt: ${network.length} parameters are none of a ${policy} model of width ${hidden}; give those of its network`,
    );
  const parameters = new Float64Array(model.size);
  parameters.set(network);
  return parameters;
};

/** The pretrained policy on a problem. Fails as {@link networkOf} does. */
export const pretrainedModel =
  (problem: Problem) =>
  (weights: PretrainedWeights): E.Either<InputFailure, TrainedModel> =>
    pipe(
      networkOf(weights),
      E.map((network) => {
        const model = defaultModel('messagePassing', problem, weights.hidden);
        return { model, parameters: pretrainedAt(model, network) };
      }),
    );

/** Bundlers leave an import of an address alone: the weights are no part of a bundle that does not import them itself. */
const weightsHere = (): Promise<{ readonly weights: PretrainedWeights }> =>
  import(new URL('./weights.js', import.meta.url).href) as Promise<{ readonly weights: PretrainedWeights }>;

/** The pretrained policy on a problem, its weights loaded now. Fails with an InputFailure where they are not there or not right. */
export const pretrainedPolicy = (problem: Problem): TE.TaskEither<InputFailure, TrainedModel> =>
  pipe(
    TE.tryCatch(weightsHere, (error) =>
      inputFailure({
        source: 'pretrained weights',
        problem: `they cannot be loaded from here: ${error instanceof Error ? error.message : String(error)}`,
        remedy:
          "In a bundle, import { pretrained } from 'batchgfn/pretrained' and give start: pretrained(problem)",
      }),
    ),
    TE.chainEitherK(({ weights }) => pretrainedModel(problem)(weights)),
  );
