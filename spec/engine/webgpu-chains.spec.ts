// Pointwise steps in chains: the answers of separate dispatches, in fewer of them, with less memory written.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Engine, Values } from '../../src/engine/engine.js';
import { plan } from '../../src/engine/plan.js';
import { keepsWithin } from '../../src/engine/expanded.js';
import { scheduled, type Schedule } from '../../src/engine/webgpu/chains.js';
import { engineOn } from '../../src/engine/webgpu/index.js';
import { defaultModel, defaultTraining } from '../../src/gflownet/defaults.js';
import { firstParameters, modelOf, problemValues } from '../../src/gflownet/model.js';
import { trainingProgram, withoutTeacher } from '../../src/gflownet/training-program.js';
import { keyFromSeed, keyWords, normals } from '../../src/random/key.js';
import type { Tensor } from '../../src/tensor/expression.js';
import * as t from '../../src/tensor/operations.js';
import { pointwise } from '../../src/tensor/pointwise/index.js';
import { program, type Program } from '../../src/tensor/program.js';
import { slowDawnsTurns } from '../support/dawn-turns.js';
import { openDevice } from '../support/device.js';
import { runs, withLoaded, type Answers } from '../support/engines.js';
import { binaries, unaries } from '../support/pointwise.js';
import { sessions, valuesFor, type Session } from '../support/random-program.js';
import { agree, sameBits } from '../support/tolerances.js';
import { numbers } from './webgpu-compare.js';

slowDawnsTurns();
const graphics = await openDevice();
const together = engineOn(graphics, { minSaved: 1 });
const apart = engineOn(graphics, { minSaved: Infinity });

// A compiler may contract a product and a sum to one rounding where it meets both; those in software do not.
const hold = (actual: Answers, expected: Answers, what: string): void => {
  assert.equal(Object.keys(actual), Object.keys(expected));
  for (const [name, values] of Object.entries(expected)) {
    const own = actual[name] ?? new Float32Array(0);
    if (together.software) sameBits(own, values, `${what}, ${name}`);
    else agree(own, values, 'webgpu against cpu', `${what}, ${name}`);
  }
};

const called = new Set<string>();

const schedules = (of: Program): Record<'together' | 'apart', Schedule> => {
  const planned = plan(of);
  const made = { together: scheduled(planned, 1), apart: scheduled(planned, Infinity) };
  for (const { text = '' } of made.together.body)
    for (const [, name = ''] of text.matchAll(/= (\w+)\(/g)) called.add(name);
  return made;
};

/** Compares a program's outputs, and returns how many dispatches it takes. */
const compare = async (
  outputs: Readonly<Record<string, Tensor>>,
  inputs: Values,
): Promise<readonly [together: number, apart: number]> => {
  const of = program(outputs);
  const [mine, expected] = await Promise.all(
    [together, apart].map((engine) => withLoaded(engine, of, (run) => run({ inputs }))),
  );
  hold(mine ?? {}, expected ?? {}, 'outputs');
  const made = schedules(of);
  return [made.together.body.length, made.apart.body.length];
};

const size = 130; // two workgroups and a bit
const reals = numbers(size);
const x = t.input('x', 'f32', [size]);
const y = t.input('y', 'f32', [size]);
const positive = t.add(t.mul(x, x), 0.25);

const record = (tensors: readonly Tensor[]): Readonly<Record<string, Tensor>> =>
  Object.fromEntries(tensors.map((tensor, i) => [`y${i}`, tensor]));

test('every operation, on the results of others', async () => {
  const inputs = { x: reals, y: Float32Array.from(reals).reverse() };
  const ofReals = Object.values(unaries).filter(({ domains: [domain] }) => domain === 'real');
  const others = Object.values(unaries).filter((f) => !ofReals.includes(f));
  const unary = ofReals.map((f) => t.neg(f(t.mul(x, 3))));
  const ofPositive = others.map((f) => t.neg(f(positive)));
  const binary = Object.values(binaries)
    .filter((f) => f(x, y).dtype === 'f32')
    .map((f) => t.neg(f(x, f.domains[1] === 'real' ? y : positive)));
  const masks = [t.less(x, y), t.equal(x, t.maximum(x, y))].map((mask) => t.select(mask, x, t.neg(y)));
  // Apart, two dispatches for each, and those of its operands, once.
  assert.equal(await compare(record(unary), { x: reals }), [1, 1 + 2 * ofReals.length]);
  assert.equal(await compare(record(ofPositive), { x: reals }), [1, 2 + 2 * others.length]);
  assert.equal(await compare(record(binary), inputs), [1, 2 + 2 * binary.length]);
  assert.equal(await compare(record(masks), inputs), [1, 6]);
});

test('every operation on whole numbers, and between element types', async () => {
  const words = { u: Uint32Array.of(0, 1, 0xffffffff, 0x80000000, 7), v: Uint32Array.of(5, 0, 2, 3, 7) };
  const signs = { i: Int32Array.of(-7, 7, -1, 2 ** 31 - 1, 5), j: Int32Array.of(2, -2, 0, 1, 5) };
  const [u, v] = [t.input('u', 'u32', [5]), t.input('v', 'u32', [5])];
  const [i, j] = [t.input('i', 'i32', [5]), t.input('j', 'i32', [5])];
  const operations = [t.add, t.sub, t.mul, t.div, t.maximum, t.less, t.equal];
  for (const f of operations) {
    await compare({ a: f(f(u, v), v) }, words);
    const once = f(i, j);
    await compare({ a: once.dtype === 'u32' ? t.select(once, i, j) : f(once, j) }, signs);
  }
  await compare({ a: t.cast(t.add(t.cast(u, 'f32'), t.cast(i, 'f32')), 'f32') }, { u: words.u, i: signs.i });
  await compare(
    { a: t.add(t.cast(t.mul(x, 100), 'i32'), 1), b: t.add(t.cast(t.mul(positive, 100), 'u32'), 1) },
    { x: reals },
  );
  await compare({ a: t.add(t.cast(t.add(u, 1), 'i32'), i) }, { u: words.u, i: signs.i });
});

test('operands are read where they lie', async () => {
  const a = numbers(2 * 3 * 4 * 5, 2);
  const A = t.input('a', 'f32', [2, 3, 4, 5]);
  const swapped = t.transpose(t.input('b', 'f32', [5, 4, 3, 2]), [3, 2, 1, 0]);
  const column = t.slice(A, [1, 0, 0, 2], [1, 3, 1, 1]);
  const row = t.slice(A, [0, 0, 0, 0], [1, 1, 1, 5]);
  const views = [swapped, t.broadcast(column, [2, 3, 4, 5]), t.broadcast(row, [2, 3, 4, 5])];
  const sum = views.reduce((total, view) => t.add(total, view), A);
  assert.equal(await compare({ sum }, { a, b: a }), [1, 3]);
  const matrix = t.input('m', 'f32', [7, 30]);
  const m = numbers(210, 3);
  // Coordinates of two shapes in one chain.
  const turned = t.reshape(t.mul(t.transpose(matrix), 2), [7, 30]);
  assert.equal(await compare({ y: t.add(turned, t.slice(matrix, [0, 3], [7, 1])) }, { m }), [2, 3]);
});

test('padded and joined operands', async () => {
  const a = numbers(6 * 7, 4);
  const b = numbers(6 * 5, 5);
  const [A, B] = [t.input('a', 'f32', [6, 7]), t.input('b', 'f32', [6, 5])];
  const inner = t.pad(t.slice(A, [1, 2], [4, 3]), [2, 1], [6, 7]);
  // A slice is no row-major operand: it is copied first, which is a chain of another size.
  assert.equal(await compare({ y: t.add(inner, A) }, { a }), [2, 3]);
  assert.equal(await compare({ y: t.neg(t.concat([A, B], 1)) }, { a, b }), [1, 3]);
  const flat = t.reshape(A, [1, 42]);
  assert.equal(await compare({ y: t.concat([flat, flat, t.neg(flat)], 0) }, { a }), [2, 4]);
  // As deep as tensors go, and a box along an axis between others.
  const deep = t.pad(t.reshape(A, [2, 3, 1, 7]), [0, 1, 0, 0], [2, 5, 1, 7]);
  assert.equal(await compare({ y: t.neg(deep) }, { a }), [1, 2]);
});

test('every pointwise primitive, of every element type that it has words for, was in a chain', () => {
  const dtypes = ['f32', 'u32', 'i32'] as const;
  const written = Object.entries(pointwise).flatMap(([name, { primitive }]) =>
    dtypes.flatMap((from) =>
      dtypes.flatMap((to) => {
        const { lowering } = primitive;
        const isMask = name === 'less' || name === 'equal';
        const typed = name === 'cast' || (isMask ? to === 'u32' : from === to);
        const own = ['select', 'cast'].includes(name) || !(name in unaries) || from === 'f32';
        if (!typed || !own || lowering.kind !== 'pointwise') return [];
        return lowering.wgsl(from, to) === undefined ? [] : [`${name}_${from}_${to}`];
      }),
    ),
  );
  assert.equal(
    written.filter((name) => !called.has(name) && !name.startsWith('select')),
    [],
  );
});

test('only what is wanted elsewhere is written; constants of one element are not read', () => {
  const mean = t.exp(t.mul(x, 2));
  const { body } = schedules(program({ y: t.add(mean, 1), total: t.sum(mean) })).together;
  assert.equal(
    body.map(({ reads, writes }) => [reads.length, writes.length]),
    [
      [1, 2],
      [1, 1],
    ],
  );
});

test('a step that meets a result at other elements, or through a step of another kind, is not of its chain', async () => {
  const square = t.input('s', 'f32', [6, 6]);
  const s = numbers(36, 6);
  const grown = t.exp(square);
  assert.equal(await compare({ y: t.add(grown, t.transpose(grown)) }, { s }), [2, 2]);
  const rows = t.broadcast(t.reshape(t.sum(grown, [1]), [6, 1]), [6, 6]);
  assert.equal(await compare({ y: t.mul(t.add(grown, rows), rows) }, { s }), [3, 4]);
});

test('partial sums of what is made one after the other are added up at the end, not each when it is there', async () => {
  const square = t.input('s', 'f32', [16, 16]);
  // Each is made of the one before, by a reduction.
  const parts: Tensor[] = [];
  for (let k = 0; k < 4; k++) {
    const last = parts.at(-1);
    parts.push(t.sum(last === undefined ? square : t.mul(square, last), [1]));
  }
  const total = parts.map((part, i) => t.pad(part, [4 * i], [32])).reduce((sum, part) => t.add(sum, part));
  const [together] = await compare({ total }, { s: numbers(256, 6) });
  // Four reductions, what three of them are of, and the sum.
  assert.is(together, 8);
});

test('a chain is the epilogue of the product that it meets, whichever kernel computes that', async () => {
  // 4×4 and 1×4 outputs a thread, either side the one; 8×8 and 8×16 of them; and few of a long sum.
  for (const [m, k, n] of [
    [7, 5, 6],
    [1, 9, 11],
    [13, 3, 1],
    [40, 10, 72],
    [270, 3, 530],
    [5, 2500, 6],
  ] as const) {
    const [A, B] = [t.input('a', 'f32', [m, k]), t.input('b', 'f32', [k, n])];
    const inputs = { a: numbers(m * k, 8), b: numbers(k * n, 9) };
    const [bias, c] = [t.input('bias', 'f32', [n]), t.input('c', 'f32', [n, m])];
    const product = t.matmul(A, B);
    const activated = t.tanh(t.add(product, bias));
    const more = { ...inputs, bias: numbers(n, 10) };
    assert.equal(await compare({ activated }, more), [1, 3], `${m}×${k}×${n}`);
    // The product is wanted too, and what it meets lies otherwise.
    const turned = t.add(t.mul(product, 2), t.transpose(c));
    assert.equal(await compare({ turned, product }, { ...inputs, c: numbers(m * n, 11) }), [1, 3]);
    // Read by something else before the chain can be made, and at other elements.
    const largest = t.max(product);
    assert.equal((await compare({ y: t.sub(product, largest) }, inputs))[0], 3);
    if (m > 1 && n > 1)
      assert.is((await compare({ y: t.add(product, t.slice(product, [0, 0], [m, 1])) }, inputs))[0], 2);
  }
  // Of several matrices; and of two products in one chain, one.
  const [P, Q] = [t.input('p', 'f32', [3, 6, 5]), t.input('q', 'f32', [3, 5, 7])];
  const own = { p: numbers(90, 12), q: numbers(105, 13) };
  assert.equal(await compare({ y: t.exp(t.mul(t.matmul(P, Q), 0.1)) }, own), [1, 3]);
  const [R, S] = [t.input('r', 'f32', [6, 5]), t.input('s', 'f32', [5, 7])];
  const two = t.add(t.matmul(R, S), t.matmul(t.mul(R, 2), S));
  assert.is((await compare({ y: t.exp(two) }, { r: numbers(30, 14), s: numbers(35, 15) }))[0], 3);
});

test('a chain of more operands than fit beside the two of a product is not its epilogue', async () => {
  const [A, B] = [t.input('a', 'f32', [9, 4]), t.input('b', 'f32', [4, 10])];
  const inputs = { a: numbers(36, 16), b: numbers(40, 17) };
  const dispatches = async (count: number): Promise<number> => {
    const names = Array.from({ length: count }, (_, i) => `x${i}`);
    const sum = names.reduce((total, name) => t.add(total, t.input(name, 'f32', [9, 10])), t.matmul(A, B));
    const given = names.map((name, i) => [name, numbers(90, 20 + i)] as const);
    return (await compare({ sum }, { ...inputs, ...Object.fromEntries(given) }))[0];
  };
  assert.equal([await dispatches(5), await dispatches(6)], [1, 2]);
});

test('chains that would save too little are dispatched step by step', () => {
  const planned = plan(
    program({ y: t.neg(t.exp(t.neg(x))), z: t.neg(t.exp(t.neg(t.reshape(y, [1, size])))) }),
  );
  const dispatches = (least: number): number => scheduled(planned, least).body.length;
  assert.equal([1, 5, 6].map(dispatches), [1, 1, 6]);
});

const answers = ({ program: of, calls }: Session, engine: Engine): Promise<readonly Answers[]> =>
  withLoaded(engine, of, async (run) => {
    const seen: Answers[] = [];
    for (const { steps, seed, sets } of calls) {
      const all = Object.entries(valuesFor(of, seed));
      const inputs = Object.fromEntries(all.filter(([name]) => sets.includes(name)));
      const read = [...(steps > 0 ? Object.keys(of.outputs) : []), ...Object.keys(of.carry)];
      seen.push(await run({ inputs, steps, read }));
    }
    return seen;
  });

test('random programs give the same in chains', () =>
  fc.assert(
    fc.asyncProperty(sessions, async (session) => {
      const expected = await answers(session, apart);
      const actual = await answers(session, together);
      expected.forEach((answer, i) => hold(actual[i] ?? {}, answer, `call ${i}`));
    }),
    runs(20),
  ));

test('no dispatch of a random program reads what it writes, or before it is written, or binds too much', () =>
  fc.assert(
    fc.property(sessions, ({ program: of }) => {
      const planned = plan(of);
      const made = schedules(of);
      const written = new Set([
        ...Object.values(planned.inputs).map(({ slot }) => slot),
        ...planned.constants.map(({ slot }) => slot),
      ]);
      for (const { reads, writes } of [...made.together.prologue, ...made.together.body]) {
        const own = writes.map(({ slot }) => slot);
        assert.is(new Set([...reads, ...own]).size, new Set(reads).size + own.length);
        assert.ok(reads.length + own.length <= 8);
        for (const slot of reads) assert.ok(written.has(slot));
        for (const slot of own) written.add(slot);
      }
      for (const { slot } of Object.values(planned.outputs)) assert.ok(written.has(slot));
      assert.ok(made.together.body.length <= made.apart.body.length);
    }),
    runs(150),
  ));

test('a training iteration: half of the dispatches or fewer, the same parameters', async () => {
  const whitened = { rows: 12, columns: 8, data: normals(keyFromSeed(1), 96) };
  const model = modelOf({
    ...{ policy: 'gain', hidden: 16, poolSize: 12, features: 8, batchSize: 3, dtype: 'f32' },
  });
  const training = trainingProgram(model, withoutTeacher({ ...defaultTraining('gain'), trajectories: 16 }));
  const single = (value: number): Float64Array => Float64Array.of(value);
  const inputs = {
    ...problemValues(model, { whitened, batchSize: 3, temperature: 0.5 }),
    ...{ halfRange: single(0), iterations: single(100), exploration: single(0.1), steps: single(0) },
    ...{ learningRate: single(0.01), logZRate: single(10), key: keyWords(keyFromSeed(3)) },
    parameters: firstParameters(model, keyFromSeed(2)),
    first: new Float64Array(model.size),
    second: new Float64Array(model.size),
  };
  const told: (readonly [made: number, total: number])[] = [];
  const byDefault = engineOn(graphics, { compiling: (...counts) => void told.push(counts) });
  const trained = (engine: Engine): Promise<Answers> =>
    withLoaded(engine, training, (run) => run({ inputs, steps: 2, read: ['parameters', 'loss'] }));
  hold(await trained(byDefault), await trained(apart), 'training');
  // How the kernels came along, and that none was missing the second time.
  const { pipelines } = byDefault.counters();
  assert.equal(
    told,
    Array.from({ length: pipelines + 1 }, (_, made) => [made, pipelines]),
  );
  await trained(byDefault);
  assert.is(told.length, pipelines + 1);
  const planned = plan(training);
  const dispatches = (least?: number): number => scheduled(planned, least).body.length;
  console.log(
    `# dispatches an iteration: ${dispatches(Infinity)} apart, ${dispatches()} by default, ${dispatches(1)} in all chains`,
  );
  assert.ok(dispatches(1) <= 0.5 * dispatches(Infinity));
  assert.ok(dispatches() <= 0.6 * dispatches(Infinity));
});

test('an iteration of training on 2,000 points takes 120 dispatches at most', () => {
  const whitened = { rows: 2000, columns: 40, data: new Float64Array(80_000).fill(0.1) };
  const problem = { whitened, batchSize: 10, temperature: 0.05 };
  const iteration = trainingProgram(defaultModel('gain', problem), defaultTraining('gain'));
  const { length } = scheduled(plan(iteration, keepsWithin(2 ** 25), true)).body;
  console.log(`# dispatches an iteration by default on 2,000 points: ${length}`);
  assert.ok(length <= 120);
});

test('the engines close, and nothing is left', async () => {
  for (const engine of [together, apart]) {
    assert.equal([engine.counters().buffers, engine.counters().bytes], [0, 0]);
    await engine.close();
  }
});

test.run();
