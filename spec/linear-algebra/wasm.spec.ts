/**
 * Dense linear algebra in WebAssembly against plain TypeScript, which says what it means: sizes of every remainder by four, and by
 * the panels that are taken at a time. Products and forward substitution agree to the bit; the rest rounds otherwise.
 */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  cholesky,
  choleskyInSteps,
  plainCholesky,
  plainInverse,
  plainSolveLower,
  plainSolveLowerTransposed,
} from '../../src/linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../src/linear-algebra/matrix.js';
import {
  columnVector,
  identity,
  plainProduct,
  plainRowGram,
  transpose,
} from '../../src/linear-algebra/product.js';
import { plainSpectrum, symmetricEigenvalues } from '../../src/linear-algebra/symmetric-eigen.js';
import { wasmCholesky, wasmInverse, wasmSolve } from '../../src/linear-algebra/wasm/cholesky.js';
import { wasmSpectrum } from '../../src/linear-algebra/wasm/eigen.js';
import { wasmGram, wasmProduct } from '../../src/linear-algebra/wasm/products.js';
import { atOnce, type Work } from '../../src/work.js';
import { distance, entry, normalMatrix, right } from './arbitrary.js';

/** The answer, which must be there: Node has WebAssembly with SIMD. */
const answered = <A>(answer: A | undefined): A => {
  if (answer === undefined) throw new Error('WebAssembly gave no answer');
  return answer;
};

const wasm = <A>(work: Work<A | undefined>): A => answered(atOnce(work));

/** max |a − b| of two matrices, in units of the largest |b|. */
const apart = (a: Matrix, b: Matrix): number => {
  assert.is(a.rows, b.rows);
  assert.is(a.columns, b.columns);
  return distance(a.data, b.data) / b.data.reduce((most, x) => Math.max(most, Math.abs(x)), 1e-300);
};

/** A well-conditioned matrix whose upper triangle is not to be read. */
const positive = (n: number): Matrix => {
  const gram = atOnce(plainRowGram(normalMatrix(n, n, n)));
  return matrixFrom(n, n, (i, j) => (j > i ? NaN : entry(gram, i, j) + (i === j ? n : 0)));
};

const sizes = [32, 33, 34, 35, 64, 65, 67, 127, 130, 261];

test('factors, inverses and solutions are those of plain TypeScript', () => {
  for (const n of sizes) {
    const a = positive(n);
    const l = right(atOnce(plainCholesky(a)));
    assert.ok(apart(wasm(wasmCholesky(a)), l) < 1e-13, `L, n = ${n}`);
    const inverse = wasm(wasmInverse(l));
    assert.ok(apart(inverse, atOnce(plainInverse(l))) < 1e-13, `A⁻¹, n = ${n}`);
    assert.equal(inverse, transpose(inverse));
    // What stands above the diagonal is not read.
    const marred = matrixFrom(n, n, (i, j) => (j > i ? NaN : entry(l, i, j)));
    for (const m of [4, 5, 33]) {
      const b = normalMatrix(n, m, m);
      assert.ok(
        apart(answered(wasmSolve(marred, b, false)), plainSolveLower(l, b)) < 1e-13,
        `L⁻¹ B, ${n}×${m}`,
      );
      assert.ok(
        apart(answered(wasmSolve(marred, b, true)), plainSolveLowerTransposed(l, b)) < 1e-13,
        `L⁻ᵀ B, ${n}×${m}`,
      );
    }
  }
});

test('products are those of plain TypeScript', () => {
  for (const [m, k, n] of [
    [64, 64, 4],
    [4, 300, 65],
    [33, 61, 35],
    [70, 9, 71],
    [130, 259, 67],
  ] as const) {
    const [a, b] = [normalMatrix(m, k, 1), normalMatrix(k, n, 2)];
    assert.equal(wasm(wasmProduct(a, b)), atOnce(plainProduct(a, b)), `${m}×${k}×${n}`);
  }
  for (const [n, k] of [
    [64, 64],
    [67, 9],
    [70, 301],
    [131, 33],
  ] as const) {
    const a = normalMatrix(n, k, 3);
    const gram = wasm(wasmGram(a, 'rows'));
    assert.ok(apart(gram, atOnce(plainRowGram(a))) < 1e-13, `A Aᵀ, ${n}×${k}`);
    assert.equal(gram, transpose(gram));
    assert.equal(wasm(wasmGram(transpose(a), 'columns')), gram);
  }
});

test('spectra are those of plain TypeScript, of the lower triangle alone', () => {
  for (const n of sizes) {
    const b = normalMatrix(n, n, n);
    const a = matrixFrom(n, n, (i, j) => (j > i ? NaN : entry(b, i, j) + entry(b, j, i)));
    const [left, plain] = [wasm(wasmSpectrum(a, 3, identity(n))), atOnce(plainSpectrum(a, 3, identity(n)))];
    assert.ok(left.converged && plain.converged);
    const sorted = (x: Float64Array) => x.slice().sort();
    const norm = Math.max(...plain.eigenvalues.map(Math.abs));
    assert.ok(distance(sorted(left.eigenvalues), sorted(plain.eigenvalues)) < 1e-13 * norm, `λ, n = ${n}`);
    const v = left.projected;
    const scaled = { ...v, data: v.data.map((x, k) => x * (left.eigenvalues[Math.floor(k / n)] ?? NaN)) };
    const back = atOnce(plainProduct(transpose(v), scaled));
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++)
        assert.ok(Math.abs(entry(back, i, j) - entry(a, i, j) / 3) < 2e-14 * norm, `Vᵀ diag(λ) V, n = ${n}`);
    assert.ok(apart(atOnce(plainRowGram(v)), identity(n)) < 1e-13, `V Vᵀ, n = ${n}`);
    // One column, and none, by the same eigenvalues.
    const x = columnVector(normalMatrix(n, 1, 5).data);
    const one = wasm(wasmSpectrum(a, 3, x));
    assert.equal(one.eigenvalues, left.eigenvalues);
    assert.ok(apart(one.projected, atOnce(plainProduct(v, x))) < 1e-13);
    assert.equal(wasm(wasmSpectrum(a, 3, normalMatrix(n, 0, 0))).eigenvalues, left.eigenvalues);
  }
});

test('spectra with rows of zeros, and of diagonal matrices', () => {
  const n = 50;
  const blocks = matrixFrom(n, n, (i, j) => (i % 5 === j % 5 && i % 5 > 1 ? 1 + (i === j ? 1 : 0) : 0));
  // Of each residue 2, 3, 4: eigenvalue 11 once and 1 nine times; all else is 0.
  const expected = [11, 11, 11, ...new Array<number>(27).fill(1), ...new Array<number>(20).fill(0)];
  assert.ok(distance(right(symmetricEigenvalues(blocks)), expected) < 1e-13);
  assert.equal(right(symmetricEigenvalues(identity(n))), new Float64Array(n).fill(1));
  assert.equal(right(symmetricEigenvalues(matrixFrom(n, n, () => 0))), new Float64Array(n));
});

test('what has no factor fails with the words of plain TypeScript', () => {
  const n = 70;
  const whole = positive(n);
  for (const [place, value] of [
    [66, -1],
    [3, NaN],
    [40, Infinity],
    [0, 0],
  ] as const) {
    const a = matrixFrom(n, n, (i, j) => (i === place && j === place ? value : entry(whole, i, j)));
    assert.is(atOnce(wasmCholesky(a)), undefined);
    assert.equal(cholesky(a), atOnce(plainCholesky(a)));
    assert.ok(E.isLeft(cholesky(a)));
  }
});

test('work that is interleaved keeps its numbers apart', () => {
  const [a, b] = [positive(300), positive(333)];
  const [alone, other] = [right(cholesky(a)), right(cholesky(b))];
  const works = [choleskyInSteps(a), choleskyInSteps(b)];
  const answers = works.map(() => undefined as Matrix | undefined);
  let turns = 0;
  while (answers.includes(undefined))
    works.forEach((work, i) => {
      const next = answers[i] === undefined ? work.next() : undefined;
      turns++;
      if (next?.done === true) answers[i] = right(next.value);
    });
  assert.ok(turns > 8);
  assert.equal(answers, [alone, other]);
});

test.run();
