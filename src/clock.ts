/** Seconds since some fixed moment, for how long things take. */
export const clock = (): number => performance.now() / 1000;
