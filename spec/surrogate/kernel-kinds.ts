/** Every kind of kernel that a Gaussian process can have. */
import type { KernelKind } from '../../src/surrogate/kernels.js';

export const kernels: readonly KernelKind[] = [
  { kind: 'rbf', lengthScales: 'shared' },
  { kind: 'rbf', lengthScales: 'perFeature' },
  { kind: 'matern52', lengthScales: 'shared' },
  { kind: 'matern52', lengthScales: 'perFeature' },
  { kind: 'periodic' },
  { kind: 'linear' },
];
