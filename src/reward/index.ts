/** The rewards by name. A new one is a file, and a line here. */
import { epig } from './epig.js';
import { information } from './information.js';
import { predictiveVariance } from './predictive-variance.js';
import type { Reward } from './utility.js';

const table = {
  information,
  predictiveVariance: predictiveVariance(),
  epig: epig(),
} satisfies Readonly<Record<string, Reward>>;

/** The name of a reward. */
export type RewardName = keyof typeof table;

/** The rewards. */
export const rewards: Readonly<Record<RewardName, Reward>> = table;
