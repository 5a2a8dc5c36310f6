/** Generated rows with class labels. */
import type { Matrix } from '../../src/linear-algebra/matrix.js';
import { keyFromSeed, normals, split } from '../../src/random/key.js';

/**
 * n rows of d features in C classes: the label is the largest of C linear functions that hang on the problem alone, of the
 * features and noise of the given deviation.
 */
export const linearClasses = (
  n: number,
  { d, classes, noise }: { readonly d: number; readonly classes: number; readonly noise: number },
  seed: number,
): { readonly inputs: Matrix; readonly labels: Float64Array } => {
  const slopes = normals(split(keyFromSeed(classes), d), d * classes);
  const key = keyFromSeed(seed);
  const data = normals(split(key, 0), n * d);
  const errors = normals(split(key, 1), n * classes);
  const labels = Float64Array.from({ length: n }, (_, i) => {
    const scores = Array.from({ length: classes }, (__, c) =>
      Array.from({ length: d }, (___, j) => (slopes[j * classes + c] ?? 0) * (data[i * d + j] ?? 0)).reduce(
        (sum, x) => sum + x,
        noise * (errors[i * classes + c] ?? 0),
      ),
    );
    return scores.indexOf(Math.max(...scores));
  });
  return { inputs: { rows: n, columns: d, data }, labels };
};
