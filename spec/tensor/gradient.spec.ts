// Reverse mode over graphs: sharing, independence, ties, derivatives of derivatives, and random graphs against
// differences. The rule of each primitive is held in primitives.spec.ts.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Values } from '../../src/engine/engine.js';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';
import { isFloat, showType, sizeOf, type Node, type Tensor } from '../../src/tensor/expression.js';
import { gradient, pullback } from '../../src/tensor/gradient.js';
import * as o from '../../src/tensor/operations.js';
import { program, topologicalOrder, withPrecision } from '../../src/tensor/program.js';
import { closeEngines, openEngines, runs, taken, valueOf, withLoaded } from '../support/engines.js';
import { primitivesOf, sessions, valuesFor } from '../support/random-program.js';
import { close, differenceStep, shares } from '../support/tolerances.js';

const engines = await openEngines();
const [cpu] = engines;

const f = (...values: readonly number[]) => o.constant(values, 'f32', [values.length]);
const first = ([derivative]: readonly Tensor[]): Tensor => derivative ?? f();

const x = f(1, 2, -3);

/** A derivative and what it is. */
const examples: Readonly<Record<string, readonly [derivative: Tensor, expected: readonly number[]]>> = {
  'of Σ x² it is 2 x': [first(gradient(o.sum(o.mul(x, x)), [x])), [2, 4, -6]],
  'all uses of a node count': [
    first(gradient(o.sum(o.add(o.mul(x, 3), o.sub(x, o.neg(x)))), [x])),
    [5, 5, 5],
  ],
  'of a node of the graph, not only of an input': (() => {
    const y = o.exp(o.mul(x, 0));
    return [first(gradient(o.sum(o.mul(y, f(1, 2, 3))), [y])), [1, 2, 3]] as const;
  })(),
  'of a scalar by itself it is 1': (() => {
    const s = o.sum(x);
    return [first(gradient(s, [s])), [1]] as const;
  })(),
  'it is zero of what the scalar does not depend on': [first(gradient(o.sum(x), [f(7, 8)])), [0, 0]],
  'it stops at stopGradient': [first(gradient(o.sum(o.mul(x, o.stopGradient(x))), [x])), [1, 2, -3]],
  'integers and masks have none': [
    first(gradient(o.sum(o.mul(o.cast(o.less(x, 0), 'f32'), x)), [x])),
    [0, 0, 1],
  ],
  'the third derivative of Σ x⁴ is 24 x': (() => {
    const square = o.mul(x, x);
    const once = first(gradient(o.sum(o.mul(square, square)), [x]));
    const twice = first(gradient(o.sum(once), [x]));
    return [first(gradient(o.sum(twice), [x])), [24, 48, -72]] as const;
  })(),
  'a pullback adds what comes from several values': [
    first(pullback([o.mul(x, 2), o.exp(o.mul(x, 0)), x], [f(1, 1, 1), f(5, 5, 5), f(0, 0, 1)], [x])),
    [2, 2, 3],
  ],
};

for (const [name, [derivative, expected]] of Object.entries(examples))
  test(name, async () => {
    for (const engine of engines)
      close(await valueOf(engine, derivative), expected, 'webgpu against cpu', engine.kind);
  });

test('ties: max shares the derivative, maximum gives it to the second', async () => {
  const a = f(2, 2, 1);
  const b = f(2, 1, 2);
  const [ofMax] = gradient(o.max(a), [a]);
  const [left, right] = gradient(o.sum(o.maximum(a, b)), [a, b]);
  for (const engine of engines) {
    close(await valueOf(engine, ofMax), [0.5, 0.5, 0], 'webgpu against cpu', 'max');
    close(await valueOf(engine, left), [0, 1, 0], 'webgpu against cpu', 'maximum, left');
    close(await valueOf(engine, right), [1, 0, 1], 'webgpu against cpu', 'maximum, right');
  }
});

test('each derivative is like its target', () => {
  const targets = [o.input('a', 'f32', []), o.input('b', 'f32', [2, 1]), o.input('c', 'f32', [3])];
  const [a = x, b = x, c = x] = targets;
  const loss = o.sum(o.mul(o.mul(a, b), c));
  assert.equal(gradient(loss, targets).map(showType), targets.map(showType));
});

test('through a change of precision', async () => {
  const a = o.input('a', 'f32', [3]);
  const wide = o.cast(a, 'f64');
  const [derivative] = gradient(o.sum(o.cast(o.mul(wide, wide), 'f32')), [a]);
  assert.is(derivative.dtype, 'f32');
  close(
    await valueOf(cpu, derivative, { a: Float32Array.of(1, 2, 3) }),
    [2, 4, 6],
    'f32 against f64',
    'cast',
  );
});

test('a graph deeper than the stack', () => {
  const y = Array.from({ length: 30_000 }).reduce<Tensor>((deep) => o.add(deep, 1), x);
  assert.is(gradient(o.sum(y), [x]).length, 1);
});

test('misuse throws: what is derived is a scalar of floats', () => {
  const refused = (loss: Tensor, says: string) =>
    assert.throws(
      () => gradient(loss, [x]),
      (error: unknown) =>
        error instanceof TypeError && error.message.startsWith(says) && error.message.includes('sum'),
    );
  refused(x, 'gradient(f32[3])');
  refused(o.sum(o.cast(x, 'i32')), 'gradient(i32[])');
});

/** Where differences see what the derivative does not: kinks at ties, and derivatives that are zero by definition. */
const kinks = ['maximum', 'max', 'stopGradient'];

/** Inputs of random programs on which no comparison hangs. */
const smoothInputs = ['state', 'moment', 'features'];

/** The nodes of a graph that stand for these inputs; equal nodes may be several objects. */
const nodesOf = (root: Tensor): readonly Node<'input'>[] =>
  topologicalOrder([root]).filter(
    (node): node is Node<'input'> =>
      node.primitive === 'input' && smoothInputs.includes(node.attributes.name),
  );

/** Numbers on (−1, 1), the same for one seed and name. */
const noise = (seed: number, name: string, size: number): Float32Array =>
  Float32Array.from(uniforms(split(keyFromSeed(seed), smoothInputs.indexOf(name)), size), (u) => 2 * u - 1);

test('of random graphs, the derivative along a direction, and the second one, are limits of differences', () =>
  fc.assert(
    fc.asyncProperty(sessions, fc.nat(), async ({ program: random }, seed) => {
      const floats = Object.values(random.outputs).filter(({ dtype }) => isFloat(dtype));
      fc.pre(floats.length > 0 && !kinks.some((name) => primitivesOf(random).has(name)));
      const loss = floats.map((y) => o.sum(o.mul(y, o.add(y, 0.5)))).reduce((a, b) => o.add(a, b));
      const nodes = nodesOf(loss);
      fc.pre(nodes.length > 0);
      const slope = (of: Tensor): Tensor =>
        gradient(of, nodes)
          .map((g, i) => {
            const { name } = nodes[i]?.attributes ?? { name: '' };
            return o.sum(o.mul(g, o.constant(noise(seed, name, sizeOf(g.shape)), 'f32', g.shape)));
          })
          .reduce((a, b) => o.add(a, b));
      const once = slope(loss);
      const precise = withPrecision('f64', program({ loss, once, twice: slope(once) }));
      const values = valuesFor(random, seed);
      const moved = (h: number): Values =>
        Object.fromEntries(
          Object.entries(values).map(([name, own]) => {
            if (!smoothInputs.includes(name)) return [name, own];
            const direction = noise(seed, name, own.length);
            return [name, Float64Array.from(own, (v, i) => v + h * (direction[i] ?? NaN))];
          }),
        );
      await withLoaded(cpu, precise, async (run) => {
        const at = (h: number) => run({ inputs: taken(precise, moved(h)) });
        const [here, ahead, behind] = [await at(0), await at(differenceStep), await at(-differenceStep)];
        const difference = (name: string) => [
          ((ahead[name]?.[0] ?? NaN) - (behind[name]?.[0] ?? NaN)) / (2 * differenceStep),
        ];
        close(here['once'] ?? [], difference('loss'), 'differences of graphs', 'the derivative');
        close(here['twice'] ?? [], difference('once'), 'differences of graphs', 'the second derivative');
      });
    }),
    runs(200),
  ));

test('nothing is left on the engines', () => {
  console.log(
    `# differences of graphs: largest share of the tolerance ${shares.get('differences of graphs')?.toPrecision(2) ?? '?'}`,
  );
  return closeEngines(engines);
});

test.run();
