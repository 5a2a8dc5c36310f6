/** All objectives by name: the one place to add one. */
import type { Objective } from '../objective.js';
import { logPartitionVariance } from './log-partition-variance.js';
import { trajectoryBalance } from './trajectory-balance.js';

/** The objectives. */
export const objectives = { trajectoryBalance, logPartitionVariance } as const satisfies Readonly<
  Record<string, Objective>
>;

/** The name of an objective. */
export type ObjectiveName = keyof typeof objectives;
