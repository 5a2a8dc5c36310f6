/**
 * The one law that every primitive y = f(x) obeys, on generated operands:
 *
 *   1. Engines agree: CPU f32 with CPU f64, WebGPU with CPU f32; in y and in everything below.
 *   2. The derivative along a direction d is the limit of differences: J d = lim (f(x + h d) − f(x − h d)) / 2h.
 *   3. The reverse mode is the transpose of it: ⟨Jᵀ u, d⟩ = ⟨u, J d⟩ for any u.
 *   4. The derivative can be derived again: with s(x) = ⟨Jᵀ u, d⟩, ⟨∇s, e⟩ is the limit of differences of s along e.
 *   5. Misuse throws where the expression is built, naming the operation and the shapes (misuses.ts).
 *
 * J d comes from the language itself, as the derivative of ⟨Jᵀ u, d⟩ with respect to u, so (2) and (3) also try a
 * derivative of a derivative. Directions are checked as in jax/_src/public_test_util.py.
 */
import * as fc from 'fast-check';
import * as assert from 'uvu/assert';
import type { Engine, Values } from '../../src/engine/engine.js';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';
import { isFloat, sizeOf, type Node, type PrimitiveName, type Tensor } from '../../src/tensor/expression.js';
import { gradient, pullback } from '../../src/tensor/gradient.js';
import { add, cast, input, mul, sum } from '../../src/tensor/operations.js';
import { program, topologicalOrder, withPrecision, type Program } from '../../src/tensor/program.js';
import { answer, runs, taken, withLoaded, type Answers } from './engines.js';
import type { Case } from './cases.js';
import { generators } from './generators.js';
import { misuses } from './misuses.js';
import { agree, close, differenceStep } from './tolerances.js';

type Input = Node<'input'>;

const floatInputs = (root: Tensor): readonly Input[] =>
  topologicalOrder([root]).filter((node): node is Input => node.primitive === 'input' && isFloat(node.dtype));

const inner = (as: readonly Tensor[], bs: readonly Tensor[]): Tensor =>
  as.map((a, i) => sum(mul(a, bs[i] ?? 0))).reduce((x, y) => add(x, y));

const named = (verb: string, xs: readonly Input[], values: readonly Tensor[]): Record<string, Tensor> =>
  Object.fromEntries(xs.map((x, i) => [`${verb} ${x.attributes.name}`, values[i] ?? x]));

const directionOf = (x: Input): string => `direction ${x.attributes.name}`;

/** y, Jᵀ u, J d, s = ⟨Jᵀ u, d⟩ and ∇s as outputs of one program; only y where no operand has a derivative. */
const lawProgram = ({ result }: Case, xs: readonly Input[]): Program => {
  if (xs.length === 0) return program({ value: result });
  const u = input('weights', 'f32', result.shape);
  const ds = xs.map((x) => input(directionOf(x), 'f32', x.shape));
  const real = isFloat(result.dtype) ? result : cast(result, 'f32');
  const backward = gradient(sum(mul(u, real)), xs);
  const [forward] = pullback(backward, ds, [u]);
  const slope = inner(backward, ds);
  return program({
    value: result,
    slope,
    forward,
    ...named('backward', xs, backward),
    ...named('curvature', xs, gradient(slope, xs)),
  });
};

/** Numbers on (−1, 1) that f32 holds. */
const noise = (seed: number, index: number, size: number): Float32Array =>
  Float32Array.from(uniforms(split(keyFromSeed(seed), index), size), (x) => 2 * x - 1);

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((total, x, i) => total + x * (b[i] ?? NaN), 0);

const get = (answers: Answers | Values, name: string) => {
  const values = answers[name];
  assert.ok(values, `there is no value '${name}'`);
  return values as Float64Array;
};

/** The inputs moved by h along a direction, in f64. */
const moved = (
  values: Values,
  xs: readonly Input[],
  directions: readonly Float32Array[],
  h: number,
): Values => ({
  ...values,
  ...Object.fromEntries(
    xs.map(({ attributes: { name } }, k) => [
      name,
      Float64Array.from(get(values, name), (x, i) => x + h * (directions[k]?.[i] ?? 0)),
    ]),
  ),
});

const difference = (plus: ArrayLike<number>, minus: ArrayLike<number>): Float64Array =>
  Float64Array.from(plus, (x, i) => (x - (minus[i] ?? NaN)) / (2 * differenceStep));

/** Laws 2 to 4, on the engine that has f64. Returns the program's answers there. */
const checkDerivatives = (
  cpu: Engine,
  law: Program,
  xs: readonly Input[],
  values: Values,
  seed: number,
): Promise<Answers> => {
  const precise = withPrecision('f64', law);
  return withLoaded(cpu, precise, async (run) => {
    const at = (where: Values) => run({ inputs: taken(precise, where) });
    const d = xs.map((x) => get(values, directionOf(x)) as unknown as Float32Array);
    const e = xs.map((x, i) => noise(seed, 100 + i, sizeOf(x.shape)));
    const here = await at(values);
    const [ahead, behind] = [
      await at(moved(values, xs, d, differenceStep)),
      await at(moved(values, xs, d, -differenceStep)),
    ];
    const forward = get(here, 'forward');
    close(forward, difference(get(ahead, 'value'), get(behind, 'value')), 'differences', 'J d');
    const backward = xs.map((x) => get(here, `backward ${x.attributes.name}`));
    const transposed = backward.reduce((total, g, i) => total + dot(g, d[i] ?? []), 0);
    close([transposed], [dot(get(values, 'weights'), forward)], 'inner products', '⟨Jᵀ u, d⟩ = ⟨u, J d⟩');
    const [up, down] = [
      await at(moved(values, xs, e, differenceStep)),
      await at(moved(values, xs, e, -differenceStep)),
    ];
    const curvature = xs.reduce(
      (total, x, i) => total + dot(get(here, `curvature ${x.attributes.name}`), e[i] ?? []),
      0,
    );
    close([curvature], difference(get(up, 'slope'), get(down, 'slope')), 'differences', '⟨∇s, e⟩');
    return here;
  });
};

const checkCase = async (
  [cpu, webgpu]: readonly [Engine, Engine],
  derivative: 'differences' | 'zero',
  one: Case,
  seed: number,
): Promise<void> => {
  const xs = floatInputs(one.result);
  const law = lawProgram(one, xs);
  const values: Values = {
    ...one.values,
    weights: noise(seed, 0, sizeOf(one.result.shape)),
    ...Object.fromEntries(xs.map((x, i) => [directionOf(x), noise(seed, 1 + i, sizeOf(x.shape))])),
  };
  const precise =
    xs.length === 0 || derivative === 'zero'
      ? await answer(cpu, withPrecision('f64', law), values)
      : await checkDerivatives(cpu, law, xs, values, seed);
  if (derivative === 'zero')
    for (const [name, values] of Object.entries(precise))
      if (name !== 'value')
        close(values, new Float64Array(values.length), 'inner products', `${name} is zero`);
  const single = await answer(cpu, law, values);
  const device = await answer(webgpu, law, values);
  for (const [name, expected] of Object.entries(precise)) {
    agree(get(single, name), expected, 'f32 against f64', `${name}, cpu f32 against f64`);
    agree(get(device, name), get(single, name), 'webgpu against cpu', `${name}, webgpu against cpu`);
  }
};

const checkMisuse = (name: PrimitiveName): void => {
  for (const { call, names } of misuses[name])
    assert.throws(
      call,
      (error: unknown) => {
        assert.instance(error, TypeError);
        const { message } = error as TypeError;
        for (const part of names)
          assert.ok(message.includes(part), `${name}: '${message}' does not say '${part}'`);
        return true;
      },
      `${name} accepts what does not fit ${names.join(' ')}`,
    );
};

/** Holds a primitive to the law on `count` generated cases, on all engines. Rejects with fast-check's seed and smallest case. */
export const check = async (
  engines: readonly [cpu: Engine, webgpu: Engine],
  name: PrimitiveName,
  count: number,
): Promise<void> => {
  const { cases, derivative } = generators[name];
  checkMisuse(name);
  await fc.assert(
    fc.asyncProperty(cases, fc.nat(), (one, seed) => checkCase(engines, derivative, one, seed)),
    runs(count),
  );
};
