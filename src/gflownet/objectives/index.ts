/** All objectives by name: the one place to add one. */
import type { Objective } from '../objective.js';
import { detailedBalance } from './detailed-balance.js';
import { flowMatching } from './flow-matching.js';
import { logPartitionVariance } from './log-partition-variance.js';
import { subTrajectoryBalance } from './sub-trajectory-balance.js';
import { trajectoryBalance } from './trajectory-balance.js';

/** The objectives. */
export const objectives = {
  trajectoryBalance,
  logPartitionVariance,
  detailedBalance,
  subTrajectoryBalance,
  flowMatching,
} as const satisfies Readonly<Record<string, Objective>>;

/** The name of an objective. */
export type ObjectiveName = keyof typeof objectives;
