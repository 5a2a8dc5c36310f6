/** `batchgfn/pretrained`: the pretrained policy with its weights, for programs that a bundler puts together. */
import type { Either } from '#fp-ts/Either';
import type { InputFailure } from '../../failure.js';
import type { TrainedModel } from '../model-file.js';
import type { Problem } from '../problem.js';
import { pretrainedModel } from './pretrained.js';
import { weights } from './weights.js';

/** The pretrained policy on a problem: what `start` of `proposeBatch` takes. */
export const pretrained = (problem: Problem): Either<InputFailure, TrainedModel> =>
  pretrainedModel(problem)(weights);
