/** Products with steps around them, for threads to share. */
import { keyFromSeed, normals } from '../../src/random/key.js';
import { sum, argmax, exp, gather, input, matmul, max, tanh } from '../../src/tensor/operations.js';
import { program, type Program } from '../../src/tensor/program.js';

/** So many numbers of a seed. */
export const numbers = (count: number, seed: number): Float32Array =>
  Float32Array.from(normals(keyFromSeed(seed), count));

/** Products of shapes that are cut by rows, by columns, both ways and not at all, and steps around them. */
export const products = (m: number, k: number, n: number): Program => {
  const a = input('a', 'f32', [m, k]);
  const b = input('b', 'f32', [k, n]);
  const product = matmul(a, b);
  return program({
    product,
    rows: sum(exp(tanh(product)), [1]),
    columns: sum(product, [0]),
    largest: max(product, [1]),
    which: argmax(product, 1),
    picked: gather(product, argmax(product, 1)),
  });
};
