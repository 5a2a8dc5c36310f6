// The rule of src/tensor/pointwise/arithmetic.ts for NaN, infinities, zeros, huge and subnormal numbers, for every
// primitive: on both paths of the CPU engine, by single kernels of WebGPU and by chains of them, against plain loops.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Engine, Values } from '../../src/engine/engine.js';
import { logSoftmaxAt } from '../../src/tensor/derived/log-softmax-at.js';
import { norm } from '../../src/tensor/derived/norm.js';
import { logSoftmax, logSumExp, relu, softmax } from '../../src/tensor/derived/softmax.js';
import type { PrimitiveName, Tensor } from '../../src/tensor/expression.js';
import { gradient } from '../../src/tensor/gradient.js';
import * as o from '../../src/tensor/operations.js';
import { primitives } from '../../src/tensor/primitives/index.js';
import { wholeView } from '../../src/tensor/view.js';
import { closeEngines, openEngines, valueOf } from '../support/engines.js';
import { unaries } from '../support/pointwise.js';

const [cpu, webgpu] = await openEngines();
const plain = cpuEngine({ accelerated: false });
const machines: readonly (readonly [string, Engine])[] = [
  ['cpu', cpu],
  ['plain', plain],
  ['webgpu', webgpu],
];

const f = Math.fround;
const subnormals = [1e-40, -1e-40];
const edges = [
  NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1e30,
  -1e30,
  3.4e38,
  -3.4e38,
  1e-36,
  -1e-36,
  1,
  -1,
  0.5,
  88,
  -88,
  89,
  -105,
]
  .concat(subnormals)
  .map(f);

const isSubnormal = (x: number): boolean => x !== 0 && Math.abs(x) < 1.1754943508222875e-38;
const flushed = (x: number): number => (isSubnormal(x) ? 0 * x : x);
const ways = (x: number): readonly number[] => (isSubnormal(x) ? [x, flushed(x)] : [x]);

/** Whether a value is one of those wanted, each of them as it is or, where it is subnormal, zero. */
const among = (is: number, wanted: readonly number[]): boolean =>
  wanted.some((w) =>
    ways(f(w)).some(
      (x) =>
        Object.is(is, x) ||
        (flushed(is) === 0 && x === 0) ||
        Math.abs(is - x) <= 2e-5 * Math.abs(x) + (isSubnormal(w) ? 2e-38 : 0),
    ),
  );

const held = async (
  what: string,
  build: () => Tensor,
  values: Values,
  wanted: (i: number) => readonly number[],
) => {
  for (const [name, engine] of machines) {
    const is = await valueOf(engine, build(), values);
    is.forEach((x, i) => {
      const right = wanted(i);
      const given = Object.values(values).map((own) => own[i % own.length]);
      assert.ok(
        among(x, right),
        `${what} of ${given.join(', ')} on ${name} is ${x}, not ${right.join(' or ')}`,
      );
    });
  }
};

const x = (name: string, n: number) => o.input(name, 'f32', [n]);

/** Alone, and behind another pointwise step of a chain. */
const bothWays = (build: (a: Tensor) => Tensor): readonly ((a: Tensor) => Tensor)[] => [
  build,
  (a) => build(o.neg(o.neg(a))),
];

const exact: Readonly<Record<string, (a: number) => readonly number[]>> = {
  neg: (a) => [-a],
  exp: (a) => [Math.exp(a)],
  log: (a) => [Math.log(a)],
  // WGSL grants tanh an absolute error: of the smallest operands it may give 0.
  tanh: (a) => (Math.abs(a) < 1e-5 ? [Math.tanh(a), 0] : [Math.tanh(a)]),
  sqrt: (a) => [Math.sqrt(a)],
  reciprocal: (a) => [1 / a],
  // Of an angle that its own rounding hides only the bound is kept: here any of [−1, 1] will do.
  sin: (a) => [Math.sin(a)],
  stopGradient: (a) => [a],
};

/* Of those that are not told above, their own loop's. */
const alone =
  (name: string) =>
  (a: number): readonly number[] => {
    const out = new Float64Array(1);
    const data = Float64Array.of(a);
    const view = wholeView([]);
    const { lowering } = primitives[name as 'exp'];
    if (lowering.kind === 'pointwise')
      lowering.host({
        attributes: {},
        operands: [{ shape: [], dtype: 'f64', view, data }],
        output: { shape: [], dtype: 'f64', data: out },
      });
    return [...out];
  };

for (const name of [...Object.keys(unaries), 'stopGradient'])
  test(`${name} of NaN, infinities, zeros, huge and subnormal numbers`, async () => {
    const a = Float32Array.from(edges);
    for (const build of bothWays((t) => o.apply(name as 'exp', [t], {}))) {
      if (name === 'sin') continue;
      await held(
        name,
        () => build(x('a', a.length)),
        { a },
        (i) => ways(a[i] ?? 0).flatMap(exact[name] ?? alone(name)),
      );
    }
    if (name !== 'sin') return;
    for (const build of bothWays(o.sin))
      for (const [machine, engine] of machines) {
        const is = await valueOf(engine, build(x('a', a.length)), { a });
        is.forEach((y, i) => {
          const angle = a[i] ?? 0;
          const fits = Number.isFinite(angle)
            ? Math.abs(angle) < 200
              ? Math.abs(y - Math.sin(angle)) < 1e-4
              : Math.abs(y) <= 1
            : Number.isNaN(y);
          assert.ok(fits, `sin of ${angle} on ${machine} is ${y}`);
        });
      }
  });

const pairs = edges.flatMap((a) => edges.map((b) => [a, b] as const));
const binaries: Readonly<Record<string, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  less: (a, b) => (a < b ? 1 : 0),
  equal: (a, b) => (a === b ? 1 : 0),
};

for (const [name, right] of Object.entries(binaries))
  test(`${name} of all pairs of them`, async () => {
    const [a, b] = [Float32Array.from(pairs, ([p]) => p), Float32Array.from(pairs, ([, q]) => q)];
    const wanted = (i: number) => {
      const [p = 0, q = 0] = pairs[i] ?? [];
      const all = ways(p).flatMap((own) => ways(q).map((other) => right(own, other)));
      // Divisors beyond 2^126, whose reciprocals are subnormal.
      return name === 'div' && Math.abs(q) > 2 ** 126 ? [...all, 0] : all;
    };
    for (const build of bothWays((t) => o.apply(name as 'add', [t, x('b', pairs.length)], {})))
      await held(name, () => build(x('a', pairs.length)), { a, b }, wanted);
  });

test('an operand beside itself', async () => {
  const a = Float32Array.from([NaN, Infinity, -Infinity, 2]);
  const own = x('a', 4);
  for (const [name, engine] of machines) {
    assert.equal([...(await valueOf(engine, o.equal(own, own), { a }))], [0, 1, 1, 1], name);
    assert.equal([...(await valueOf(engine, o.maximum(own, own), { a }))], [...a], name);
    assert.equal([...(await valueOf(engine, o.less(own, own), { a }))], [0, 0, 0, 0], name);
    assert.equal([...(await valueOf(engine, relu(own), { a }))], [NaN, Infinity, 0, 2], name);
  }
});

test('casts saturate, and NaN is 0', async () => {
  const a = Float32Array.from([
    NaN,
    Infinity,
    -Infinity,
    -0,
    1e30,
    -1e30,
    2 ** 31,
    2 ** 32,
    -(2 ** 31),
    -1.5,
    2.75,
    4294967040,
    2147483520,
  ]);
  const unsigned = [
    0,
    2 ** 32 - 1,
    0,
    0,
    2 ** 32 - 1,
    0,
    2 ** 31,
    2 ** 32 - 1,
    0,
    0,
    2,
    4294967040,
    2147483520,
  ];
  const signed = [
    0,
    2 ** 31 - 1,
    -(2 ** 31),
    0,
    2 ** 31 - 1,
    -(2 ** 31),
    2 ** 31 - 1,
    2 ** 31 - 1,
    -(2 ** 31),
    -1,
    2,
    2 ** 31 - 1,
    2147483520,
  ];
  for (const build of bothWays((t) => o.cast(t, 'u32')))
    await held(
      'cast to u32',
      () => build(x('a', a.length)),
      { a },
      (i) => [unsigned[i] ?? 0],
    );
  for (const build of bothWays((t) => o.cast(t, 'i32')))
    await held(
      'cast to i32',
      () => build(x('a', a.length)),
      { a },
      (i) => [signed[i] ?? 0],
    );
  // In f64 as well, which the CPU engine alone has.
  for (const engine of [cpu, plain]) {
    const wide = { a: Float64Array.from([NaN, 1e300, -1e300, 2 ** 32 - 0.5]) };
    const from = o.input('a', 'f64', [4]);
    assert.equal([...(await valueOf(engine, o.cast(from, 'u32'), wide))], [0, 2 ** 32 - 1, 0, 2 ** 32 - 1]);
    assert.equal(
      [...(await valueOf(engine, o.cast(from, 'i32'), wide))],
      [0, 2 ** 31 - 1, -(2 ** 31), 2 ** 31 - 1],
    );
  }
});

/** Rows of several lengths, one element of each something else: short ones, and those that kernels fold together. */
const rowsWith = (odd: number, n: number): Float32Array => {
  const rows = new Float32Array(9 * n);
  for (let r = 0; r < 9; r++)
    for (let c = 0; c < n; c++) rows[r * n + c] = c === (r * 5 + 1) % n && r < 8 ? odd : ((c * 7) % 13) - 6;
  return rows;
};

for (const n of [3, 8, 21, 300])
  test(`sum, max and argmax of rows and columns of ${n}`, async () => {
    for (const odd of [NaN, Infinity, -Infinity, 3e38, 1e-40]) {
      const a = rowsWith(odd, n);
      const row = (r: number) => [...a.subarray(r * n, (r + 1) * n)];
      const sum = (r: number) => row(r).reduce((s, v) => s + v, 0);
      const top = (r: number) => Math.max(...row(r));
      const first = (r: number) =>
        row(r).findIndex((v) => (Number.isNaN(top(r)) ? Number.isNaN(v) : v === top(r)));
      const turned = Float32Array.from(a, (_, i) => a[(i % 9) * n + Math.floor(i / 9)] ?? 0);
      for (const [name, reduced, expected] of [
        ['sum', (t: Tensor, axis: number) => o.sum(t, [axis]), sum],
        ['max', (t: Tensor, axis: number) => o.max(t, [axis]), top],
        ['argmax', (t: Tensor, axis: number) => o.argmax(t, axis), first],
      ] as const)
        for (const [shape, axis, given] of [
          [[9, n], 1, a],
          [[n, 9], 0, turned],
        ] as const)
          await held(
            name,
            () => reduced(o.input('a', 'f32', shape), axis),
            { a: given },
            (r) => [expected(r)],
          );
    }
    const none = { a: new Float32Array(9 * n).fill(-Infinity) };
    await held(
      'max',
      () => o.max(o.input('a', 'f32', [9, n]), [1]),
      none,
      () => [-Infinity],
    );
    await held(
      'argmax',
      () => o.argmax(o.input('a', 'f32', [9, n]), 1),
      none,
      () => [0],
    );
  });

/** Primitives that take what they are given from place to place, or sum it: NaN at one element, and where it must come out. */
const spread: {
  readonly [K in PrimitiveName]?: readonly [build: (a: Tensor) => Tensor, lost: (i: number) => boolean];
} = {
  reshape: [(a) => o.reshape(a, [6]), (i) => i === 4],
  transpose: [(a) => o.transpose(a), (i) => i === 3],
  broadcast: [(a) => o.broadcast(a, [2, 2, 3]), (i) => i % 6 === 4],
  slice: [(a) => o.slice(a, [1, 1], [1, 2]), (i) => i === 0],
  pad: [(a) => o.pad(a, [0, 1], [2, 4]), (i) => i === 6],
  concat: [(a) => o.concat([a, a], 0), (i) => i === 4 || i === 10],
  select: [(a) => o.select(o.constant([1, 0, 1], 'u32', [3]), 0, a), (i) => i === 4],
  gather: [(a) => o.gather(a, o.constant([1, 0, 1], 'u32', [3])), (i) => i === 1 || i === 7],
  scatterAdd: [(a) => o.scatterAdd(a, o.constant([0, 0], 'u32', [2]), 1), (i) => i === 1],
  matmul: [(a) => o.matmul(a, o.filled(0, 'f32', [3, 5])), (i) => i >= 5],
  cholesky: [
    (a) => o.cholesky(o.add(o.matmul(o.transpose(a), a), o.filled(1, 'f32', [3, 3]))),
    (i) => i === 3 || i === 4 || i === 7 || i === 8,
  ],
  triangularSolve: [(a) => o.triangularSolve(o.constant([1, 0, 1, 1], 'f32', [2, 2]), a), (i) => i === 4],
  composite: [
    (a) => logSoftmaxAt(a, o.filled(1, 'u32', [2, 3]), o.constant([0, 0], 'u32', [2])),
    (i) => i === 1,
  ],
};
/** Held above, or without operands of floats. */
const elsewhere = [
  'input',
  'constant',
  'iota',
  'threefry',
  'cast',
  'sum',
  'max',
  'argmax',
  'stopGradient',
  ...Object.keys(unaries),
  ...Object.keys(binaries),
];

test('NaN comes out of every primitive wherever it goes in, and nowhere else', async () => {
  const { primitiveNames } = await import('../../src/tensor/primitives/index.js');
  assert.equal([...Object.keys(spread), ...elsewhere].sort(), [...primitiveNames].sort());
  const a = Float32Array.of(1, 2, 3, 4, NaN, 6);
  for (const [name, [build, lost]] of Object.entries(spread))
    for (const [machine, engine] of machines) {
      const is = await valueOf(engine, build(o.input('a', 'f32', [2, 3])), { a });
      is.forEach((value, i) => {
        // Below a lost column of a factor all is lost.
        if (name === 'cholesky' && i > 4) return;
        assert.is(Number.isNaN(value), lost(i), `${name} on ${machine}, element ${i}: ${value}`);
      });
    }
});

test('a matrix that is not positive definite has no Cholesky factor on any engine', async () => {
  for (const [machine, engine] of machines) {
    const is = await valueOf(engine, o.cholesky(o.constant([1, 0, 2, 1], 'f32', [2, 2])));
    assert.ok(Number.isNaN(is[3]), `${machine}: ${is.join(' ')}`);
  }
});

test('a masked softmax, logSumExp and log-softmax at an index with logits far below', async () => {
  for (const low of [-2e30, -1e31, -3e38, -10, 0, 2e30]) {
    const a = Float32Array.of(low, low, 5, 5);
    const mask = o.constant([1, 1, 0, 0], 'u32', [1, 4]);
    const logits = o.input('a', 'f32', [1, 4]);
    await held(
      'softmax',
      () => softmax(logits, mask),
      { a },
      (i) => [i < 2 ? 0.5 : 0],
    );
    await held(
      'logSumExp',
      () => logSumExp(logits, mask),
      { a },
      () => [f(low) + Math.log(2)],
    );
    await held(
      'logSoftmax',
      () => o.slice(logSoftmax(logits, mask), [0, 0], [1, 2]),
      { a },
      () => [-Math.log(2)],
    );
    const at = () => logSoftmaxAt(logits, mask, o.constant([1], 'u32', [1]));
    await held('logSoftmaxAt', at, { a }, () => [-Math.log(2)]);
    await held(
      'its derivative',
      () => gradient(o.sum(at()), [logits])[0],
      { a },
      (i) => [[-0.5, 0.5, 0, 0][i] ?? 0],
    );
  }
});

test('NaN or ∞ among the allowed logits leaves no log-probability, elsewhere it does no harm', async () => {
  const ones = o.filled(1, 'u32', [1, 3]);
  const logits = o.input('a', 'f32', [1, 3]);
  const at = (mask: Tensor) => logSoftmaxAt(logits, mask, o.constant([1], 'u32', [1]));
  for (const odd of [NaN, Infinity]) {
    const a = Float32Array.of(odd, 1, 1);
    await held(
      'logSoftmaxAt',
      () => at(ones),
      { a },
      () => [NaN],
    );
    await held(
      'its derivative',
      () => gradient(o.sum(at(ones)), [logits])[0],
      { a },
      () => [NaN],
    );
    await held(
      'softmax',
      () => softmax(logits),
      { a },
      () => [NaN],
    );
    const mask = o.constant([0, 1, 1], 'u32', [1, 3]);
    await held(
      'logSoftmaxAt',
      () => at(mask),
      { a },
      () => [-Math.log(2)],
    );
    await held(
      'softmax',
      () => softmax(logits, mask),
      { a },
      (i) => [i === 0 ? 0 : 0.5],
    );
  }
  const a = Float32Array.of(-Infinity, 1, 1);
  await held(
    'logSoftmaxAt',
    () => at(ones),
    { a },
    () => [-Math.log(2)],
  );
  await held(
    'softmax',
    () => softmax(logits),
    { a },
    (i) => [i === 0 ? 0 : 0.5],
  );
});

test('a norm has a derivative at zero, and neither overflows nor underflows', async () => {
  const a = o.input('a', 'f32', [3, 2]);
  const values = { a: Float32Array.of(0, 0, 3, 4, 3e25, -4e25) };
  await held(
    'norm',
    () => norm(a, [1]),
    values,
    (i) => [[0, 5, 5e25][i] ?? 0],
  );
  await held(
    'its derivative',
    () => gradient(o.sum(norm(a, [1])), [a])[0],
    values,
    (i) => [[0, 0, 0.6, 0.8, 0.6, -0.8][i] ?? 0],
  );
});

test('a number beside integers must be one of theirs', () => {
  const u = o.input('u', 'u32', [2]);
  const i = o.input('i', 'i32', [2]);
  const wrong: readonly (() => Tensor)[] = [
    () => o.less(u, 0.5),
    () => o.maximum(u, -1),
    () => o.mul(u, 0.5),
    () => o.add(2 ** 32, u),
    () => o.sub(u, NaN),
    () => o.equal(i, 0.5),
    () => o.maximum(i, 2 ** 31),
    () => o.select(u, i, Infinity),
    () => o.constant([1, -1], 'u32', [2]),
    () => o.filled(0.5, 'i32', [3]),
    () => o.scalar(-1, 'u32'),
  ];
  wrong.forEach((build, k) => assert.throws(build, /is no number of (u32|i32)/, `number ${k}`));
  for (const fits of [() => o.mul(u, 2 ** 32 - 1), () => o.add(i, -(2 ** 31)), () => o.add(i, -0)]) fits();
});

test('nothing is left on the engines', () => closeEngines([cpu, plain, webgpu]));
test.run();
