// Written by batchgfn pretrain. Do not edit.
import type { PretrainedWeights } from './pretrained.js';

/** The pretrained weights. */
export const weights: PretrainedWeights = {
  policy: 'messagePassing',
  version: 1,
  hidden: 32,
  seed: 0,
  iterations: 0,
  parameters: '',
};
