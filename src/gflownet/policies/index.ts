/** All forward policies by name: the one place to add one. */
import type { Policy } from '../policy.js';
import { deepSets } from './deep-sets.js';
import { gain } from './gain.js';
import { messagePassing } from './message-passing.js';
import { pointer } from './pointer.js';

/** The policies. */
export const policies = { gain, pointer, deepSets, messagePassing } as const satisfies Readonly<
  Record<string, Policy>
>;

/** The name of a policy. */
export type PolicyName = keyof typeof policies;

/** The policy of a name. */
export const policyOf = (name: PolicyName): Policy => policies[name];

/** What is trained where a caller does not say. */
export const defaultPolicy: PolicyName = 'gain';
