/** The settings of every property. */

/** One seed for all properties: a failure repeats. fast-check prints it, with the path to the smallest case. */
export const seed = 20230615;

/** How often a property is tried; a failure says why, not only where. */
export const runs = (numRuns: number) => ({ seed, numRuns, includeErrorInReport: true });
