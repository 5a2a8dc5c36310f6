/** From which surrogates does `--surrogate auto` choose, by held-out labels (learning/fit-for-batch.ts)? */

/** The name under which a surrogate is chosen. */
export const AUTO = 'auto';

/** A surrogate by its options, and with how many labels at most it is tried: with more a fit takes minutes. */
interface Tried {
  readonly most: number;
  readonly surrogate: 'bayesian-linear' | 'gaussian-process' | 'last-layer';
  readonly kernel?: 'matern52-ard';
}

/** By task, the first where no other goes with so many labels. */
export const triedSurrogates: Readonly<Record<'regression' | 'classes', readonly Tried[]>> = {
  regression: [
    { most: Number.MAX_SAFE_INTEGER, surrogate: 'bayesian-linear' },
    { most: 500, surrogate: 'gaussian-process' },
    { most: 500, surrogate: 'gaussian-process', kernel: 'matern52-ard' },
  ],
  classes: [
    { most: Number.MAX_SAFE_INTEGER, surrogate: 'last-layer' },
    { most: 300, surrogate: 'gaussian-process' },
  ],
};
