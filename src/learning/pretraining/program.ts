/**
 * One step of pretraining as a program: states of a few problems, what the exact policy says there, and a step of Adam down
 *
 *   loss = mean over states of Σ_n q(n) (log q(n) − log P_F(n))    nats
 *
 * q the estimate of conditionals.ts. Its entropy is the teacher's affair and given from outside, so that the loss is the
 * divergence from what is taught. A problem enters by K = Φ Φᵀ and a state by L⁻¹ K_sN with L Lᵀ = I + K_ss, both computed
 * in f64 on the host, so that a program depends on sizes alone: N, of which problems with fewer points fill a part, the number
 * of problems and of states a problem, and the most members.
 */
import * as E from '#fp-ts/Either';
import { at } from '../../at.js';
import type { Values } from '../../engine/engine.js';
import { networkLogits, networkSpecs } from '../../gflownet/policies/slot-network.js';
import type { Problem } from '../../gflownet/problem.js';
import { cholesky, solveLower } from '../../linear-algebra/cholesky.js';
import { type Matrix, matrixFrom } from '../../linear-algebra/matrix.js';
import { dotRange } from '../../linear-algebra/vector.js';
import { adam, clipByNorm } from '../../nn/adam.js';
import { parameterCount, unpack } from '../../nn/parameters.js';
import { cosineDecay } from '../../nn/schedule.js';
import { logSoftmax } from '../../tensor/derived/softmax.js';
import { gradient } from '../../tensor/gradient.js';
import { broadcast, input, iota, mul, neg, reshape, sub, sum } from '../../tensor/operations.js';
import { program, type Program } from '../../tensor/program.js';
import type { TaughtState } from './conditionals.js';

/** Sizes of a step. */
export interface StepSizes {
  /** N of the program. */
  readonly points: number;
  readonly problems: number;
  /** States of each problem. */
  readonly states: number;
  /** The most members of a state. */
  readonly members: number;
}

/** The gradient's norm is held below this. */
const clip = 1;

/** The program of one step for networks of some width; carries `parameters`, `first`, `second` and `steps`. */
export const stepProgram = (hidden: number, { points, problems, states, members }: StepSizes): Program => {
  const specs = networkSpecs(hidden);
  const size = parameterCount(specs);
  const count = problems * states;
  const vector = (name: string) => input(name, 'f32', [size]);
  const parameters = vector('parameters');
  const steps = input('steps', 'f32', []);
  const gram = input('gram', 'f32', [problems, points, points]);
  const shares = input('shares', 'f32', [count, members, points]);
  const allowed = input('allowed', 'u32', [count, points]);
  const logits = networkLogits(unpack(specs, parameters), {
    gram: reshape(gram, [problems * points, points]),
    from: reshape(mul(broadcast(iota('u32', [problems, 1], 0), [problems, states]), points), [count]),
    shares,
    ...{ picks: members + 3, mixed: true },
    variances: input('variances', 'f32', [count, points]),
    allowed,
    remaining: input('remaining', 'f32', [count, 1]),
    inverseTemperature: input('inverseTemperature', 'f32', [count, 1]),
  });
  const taught = input('taught', 'f32', [count, points]);
  const crossEntropy = neg(sum(mul(taught, logSoftmax(logits, allowed))));
  const loss = mul(sub(crossEntropy, input('entropy', 'f32', [])), 1 / count);
  const [slope] = gradient(loss, [parameters]);
  const rate = mul(input('learningRate', 'f32', []), cosineDecay(steps, input('iterations', 'f32', [])));
  const next = adam(
    { parameters, first: vector('first'), second: vector('second'), steps },
    clipByNorm(slope, clip),
    rate,
  );
  return program({ loss }, { ...next });
};

/** Φ Φᵀ of a pool. */
const gramOfPool = ({ rows, columns, data }: Matrix): Float64Array => {
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      const value = dotRange(data, i * columns, data, j * columns, columns);
      gram[i * rows + j] = value;
      gram[j * rows + i] = value;
    }
  return gram;
};

/** L⁻¹ K_sN, k×N. */
const sharesOf = (gram: Float64Array, count: number, members: readonly number[]): Matrix => {
  const size = members.length;
  const entry = (i: number, n: number): number => at(gram, at(members, i) * count + n);
  const factor = cholesky(matrixFrom(size, size, (i, j) => entry(i, at(members, j)) + (i === j ? 1 : 0)));
  // I + K is positive definite whatever K; rounding of huge K alone may hide it, and then the members explain nothing.
  return E.isLeft(factor)
    ? { rows: 0, columns: count, data: new Float64Array(0) }
    : solveLower(factor.right, matrixFrom(size, count, entry));
};

/** Problems and their states, as many as the sizes say, as values of the program's inputs. */
export const stepValues = (
  { points, problems, states, members }: StepSizes,
  taught: readonly { readonly problem: Problem; readonly states: readonly TaughtState[] }[],
): Values => {
  const count = problems * states;
  const gram = new Float32Array(problems * points * points);
  const shares = new Float32Array(count * members * points);
  const variances = new Float32Array(count * points);
  const allowed = new Uint32Array(count * points);
  const remaining = new Float32Array(count);
  const inverseTemperature = new Float32Array(count);
  const probabilities = new Float32Array(count * points);
  let entropy = 0;
  taught.forEach(({ problem, states: own }, p) => {
    const { rows } = problem.whitened;
    const whole = gramOfPool(problem.whitened);
    for (let i = 0; i < rows; i++)
      gram.set(whole.subarray(i * rows, (i + 1) * rows), (p * points + i) * points);
    own.forEach((state, m) => {
      const s = p * states + m;
      const { data, rows: size } = sharesOf(whole, rows, state.members);
      for (let i = 0; i < size; i++)
        shares.set(data.subarray(i * rows, (i + 1) * rows), (s * members + i) * points);
      for (let n = 0; n < rows; n++) {
        let variance = whole[n * rows + n] ?? NaN;
        for (let i = 0; i < size; i++) variance -= (data[i * rows + n] ?? NaN) ** 2;
        variances[s * points + n] = Math.max(0, variance);
        const q = state.probabilities[n] ?? NaN;
        probabilities[s * points + n] = q;
        if (q > 0) entropy -= q * Math.log(q);
      }
      allowed.fill(1, s * points, s * points + rows);
      for (const n of state.members) allowed[s * points + n] = 0;
      remaining[s] = state.remaining;
      inverseTemperature[s] = 1 / problem.temperature;
    });
  });
  return {
    ...{ gram, shares, variances, allowed, remaining, inverseTemperature },
    ...{ taught: probabilities, entropy: Float64Array.of(entropy) },
  };
};
