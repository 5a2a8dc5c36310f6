/**
 * A tour: from an expression to a policy that draws batches in proportion to their reward, on eight points, where every
 * answer can be listed. Read it from top to bottom, or run it with `npm run tour`. Lines that begin with //> are what it
 * prints; tour.spec.ts compares them. The same at full size, in the order in which it is best read:
 *
 *   1  src/tensor/expression.ts                       what a tensor is
 *      src/tensor/pointwise/arithmetic.ts             what a primitive is: its meaning, its kernel, its derivative
 *      src/tensor/derivatives.ts                      from expressions to expressions
 *      src/engine/engine.ts                           what an engine is
 *      src/engine/plan.ts                             what becomes of a program
 *   2  src/surrogate/gaussian-process.ts              from labelled points to a posterior
 *   3  src/reward/exact.ts                            the reward
 *   4  src/gflownet/exact/target.ts                   the target, where batches can be listed
 *   5  src/gibbs/update.ts                            Gibbs updates
 *      src/gibbs/certificate.ts                       when their draws follow the target
 *   6  src/gflownet/policies/gain.ts                  a policy
 *      src/gflownet/rollout.ts                        trajectories
 *      src/gflownet/objectives/trajectory-balance.ts  the loss
 *   7  src/gflownet/training-program.ts               a step of training
 *      src/gflownet/exact/terminal.ts                 what a policy draws, exactly
 *   8  kernels/reduce.wgsl                            a kernel
 *      src/engine/webgpu/index.ts                     Dawn
 *   9  src/acquisition/gflownet.ts                    all of it, for a pool of any size
 *      src/learning/session/session.ts                round after round
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { plan } from '../src/engine/plan.js';
import { terminalDistribution } from '../src/gflownet/exact/terminal.js';
import { conditionedOn, cpuEngine, diagonal, gradient, identity, logDeterminant } from '../src/index.js';
import { logSoftmax, mean, oneHotMask, program, randomCategorical } from '../src/index.js';
import { randomUniform, showProgram, splitKey, takeLast, tensor } from '../src/index.js';
import { keyFromSeed, type Engine, type Tensor, type Values } from '../src/index.js';
import { adam } from '../src/nn/adam.js';
import { keyWords, normals } from '../src/random/key.js';
import { below, uniformStream } from '../src/random/stream.js';
import { batchOrder, exactTarget } from '../src/verify/index.js';
import { perfectSamplerTotalVariation, totalVariation } from '../src/verify/index.js';
import { closeDeviceEngine, deviceEngine, succeed } from './support/device.js';

const { add, argmax, cast, constant, equal, exp, filled, input, matmul } = tensor;
const { mul, reshape, slice, sub, transpose } = tensor;
const print = (...lines: readonly string[]): void => lines.forEach((line) => console.log(line));
const fixed = (digits: number, ...values: readonly number[]): string =>
  values.map((value) => value.toFixed(digits).padStart(8)).join('');

print('1. An expression, its gradient, its program and plan');
// An expression is a graph. Building one computes nothing. Its gradient is another expression, and so is a step of gradient
// descent. A program names outputs, and what is carried: the value that an input has in the next step.
const x = input('x', 'f32', []);
const y = mul(x, exp(x));
const [slope] = gradient(y, [x]);
const descent = program({ y }, { x: sub(x, mul(0.5, slope)) });
print(showProgram(descent));
// An engine plans a program once. Each value has a slot of memory, equal expressions share one, and what is carried trades
// places with its next value.
const { body, carry } = plan(descent);
for (const { primitive, operands, output } of body)
  print(`slot ${output.slot} = ${primitive} of slots ${operands.map(({ slot }) => slot).join(', ')}`);
print(`slots ${Object.values(carry['x'] ?? {}).join(' and ')} trade places`);
// Loaded, it runs for as many steps as asked. The least of x eˣ is at −1.
const cpu = cpuEngine();
const descending = await succeed(cpu.load(descent));
const least = await succeed(
  descending.run({ inputs: { x: Float32Array.of(0) }, steps: 40, read: ['x', 'y'] }),
);
descending.close();
print(`x, y${fixed(3, ...(least['x'] ?? []), ...(least['y'] ?? []))}`);
//> 1. An expression, its gradient, its program and plan
//> %0 = input 'x' : f32[]
//> %1 = exp %0 : f32[]
//> %2 = mul %0 %1 : f32[]
//> %3 = constant 0.5 : f32[]
//> %4 = constant 1 : f32[]
//> %5 = mul %4 %1 : f32[]
//> %6 = mul %4 %0 : f32[]
//> %7 = mul %6 %1 : f32[]
//> %8 = add %5 %7 : f32[]
//> %9 = mul %3 %8 : f32[]
//> %10 = sub %0 %9 : f32[]
//> output y = %2
//> carry x = %10
//> slot 1 = exp of slots 0
//> slot 2 = mul of slots 0, 1
//> slot 5 = mul of slots 4, 1
//> slot 6 = mul of slots 4, 0
//> slot 7 = mul of slots 6, 1
//> slot 8 = add of slots 5, 7
//> slot 9 = mul of slots 3, 8
//> slot 10 = sub of slots 0, 9
//> slots 0 and 10 trade places
//> x, y  -1.000  -0.368

print('2. A pool of eight points');
// Two labelled points condition a Gaussian process. Of the pool it hands over whitened features Φ [8, D]: the inner product of
// two rows is the covariance of the function at two points, in units of the noise variance.
const pool = [-2, -1.6, -0.9, -0.3, 0.2, 0.9, 1.3, 2.1];
const N = pool.length;
const labelled = [-1.2, 0.6].map((place) => ({ input: place, target: Math.sin(place) }));
const kernel = (a: number, b: number): number => Math.exp(-((a - b) ** 2) / (2 * 0.8 ** 2));
const posterior = conditionedOn(labelled)({ kernel, noiseVariance: 0.1 })(pool);
if (E.isLeft(posterior)) throw new Error('the covariance is not positive definite');
const { whitened } = posterior.right;
const phi = constant(whitened.data, 'f32', [N, whitened.columns]);
const gram = matmul(phi, transpose(phi));
const valueOf = async (value: Tensor, inputs: Values = {}): Promise<readonly number[]> => {
  const loaded = await succeed(cpu.load(program({ value })));
  const answer = await succeed(loaded.run({ inputs }));
  loaded.close();
  return Array.from(answer['value'] ?? []);
};
print(`x       ${fixed(1, ...pool)}`, `variance${fixed(2, ...(await valueOf(diagonal(gram))))}`);
//> 2. A pool of eight points
//> x           -2.0    -1.6    -0.9    -0.3     0.2     0.9     1.3     2.1
//> variance    6.64    2.90    2.00    5.22    2.71    2.09    5.76    9.73

print('3. The reward');
// A batch is a row of zeros and ones: S batches are s [S, 8]. What their labels say of the function together is the joint
// mutual information, ½ log det(I + Φ_B Φ_Bᵀ) in nats. Rows and columns of points outside are those of I: no matter to it.
const information = (s: Tensor): Tensor => {
  const [S = 1] = s.shape;
  const pairs = mul(reshape(s, [S, N, 1]), reshape(s, [S, 1, N]));
  return mul(0.5, logDeterminant(add(identity(N, 'f32'), mul(pairs, gram))));
};
const masks = (batches: readonly (readonly number[])[], rows = batches.length): Float32Array =>
  Float32Array.from({ length: rows * N }, (_, i) => (batches[Math.floor(i / N)]?.includes(i % N) ? 1 : 0));
const informationOf = (batches: readonly (readonly number[])[]): Promise<readonly number[]> =>
  valueOf(information(constant(masks(batches), 'f32', [batches.length, N])));
// Neighbours say in part the same, and together less than the sum of both. Points far apart do not.
print(`{0}, {1}, {0, 1}${fixed(3, ...(await informationOf([[0], [1], [0, 1]])))}`);
print(`{0}, {7}, {0, 7}${fixed(3, ...(await informationOf([[0], [7], [0, 7]])))}`);
//> 3. The reward
//> {0}, {1}, {0, 1}   1.017   0.681   1.329
//> {0}, {7}, {0, 7}   1.017   1.186   2.203

print('4. The exact target');
// A batch of three is to be drawn with probability R(B) / Z, R(B) = exp(JMI(B) / T), Z the sum of R over all 56 batches.
const b = 3;
const T = 0.25;
const order = batchOrder(N, [b, b]);
const batches = Array.from({ length: order.count }, (_, row) => order.batchAt(row));
const rewards = (await informationOf(batches)).map((nats) => Math.exp(nats / T));
const Z = rewards.reduce((total, reward) => total + reward, 0);
const target = rewards.map((reward) => reward / Z);
const { logZ } = exactTarget({ whitened, batchSize: b, temperature: T });
print(`log Z ${Math.log(Z).toFixed(3)}, in 64 bits ${logZ.toFixed(3)}; the most probable batches:`);
const ranked = batches
  .map((batch, row) => ({ batch, p: target[row] ?? 0 }))
  .sort((one, two) => two.p - one.p);
for (const { batch, p } of ranked.slice(0, 3)) print(`{${batch.join(', ')}}${fixed(3, p)}`);
//> 4. The exact target
//> log Z 14.007, in 64 bits 14.007; the most probable batches:
//> {0, 3, 7}   0.186
//> {0, 6, 7}   0.109
//> {0, 4, 7}   0.072

print('5. Gibbs');
// One point of a batch is left out, and drawn anew from its exact conditional. That leaves the target as it is, so a chain of
// such updates comes by each batch as often as it is probable. A batch resembles the one before it: so many updates come less
// near to the target than as many independent draws.
const updates = 20_000;
const uniform = uniformStream(keyFromSeed(1));
const visits = new Float64Array(order.count);
let chain: readonly number[] = [0, 1, 2];
for (let update = 0; update < updates; update++) {
  const leaving = below(b, uniform());
  const rest = chain.filter((_, i) => i !== leaving);
  const grown = pool.flatMap((_, n) => (rest.includes(n) ? [] : [[...rest, n]]));
  const weights = grown.map((batch) => target[order.rowOf(batch)] ?? 0);
  let left = uniform() * weights.reduce((total, weight) => total + weight, 0);
  chain = grown[weights.findIndex((weight) => (left -= weight) < 0)] ?? chain;
  const row = order.rowOf(chain);
  visits[row] = (visits[row] ?? 0) + 1 / updates;
}
print(`total variation of ${updates} updates${fixed(3, totalVariation(visits, target))}`);
print(`of as many independent draws    ${fixed(3, perfectSamplerTotalVariation(target, updates))}`);
//> 5. Gibbs
//> total variation of 20000 updates   0.030
//> of as many independent draws       0.016

print('6. A policy, its trajectories, and trajectory balance');
// A batch grows point by point. Each point n has a number u_n of its own and a vector k_n of three, and in a batch s its logit is
// u_n − Σ_{m ∈ s} k_m · k_n: points with like vectors keep each other out. These are 32 parameters; the 33rd will be log Z.
const D = 3;
const size = N + N * D;
const theta = input('theta', 'f32', [size + 1]);
const logits = (s: Tensor): Tensor => {
  const u = reshape(slice(theta, [0], [N]), [1, N]);
  const k = reshape(slice(theta, [N], [N * D]), [N, D]);
  return sub(u, matmul(matmul(s, k), transpose(k)));
};
const logPolicy = (s: Tensor): Tensor => logSoftmax(logits(s), equal(s, 0));
// S trajectories begin at the empty set and add, b times, the point that `choose` gives: batches, and their log P_F.
const S = 64;
const trajectories = (
  choose: (s: Tensor, step: number) => Tensor,
): readonly [s: Tensor, logForward: Tensor] => {
  let s = filled(0, 'f32', [S, N]);
  let logForward = filled(0, 'f32', [S]);
  for (let step = 0; step < b; step++) {
    const point = choose(s, step);
    logForward = add(logForward, takeLast(logPolicy(s), point));
    s = add(s, cast(oneHotMask(point, N), 'f32'));
  }
  return [s, logForward];
};
// Of an exact policy Z · P_F = R · P_B on every trajectory (Malkin et al. 2022), with P_B = 1/3! as orders are alike. The loss is
// the mean square by which the logs differ. It may be any trajectories: here all points outside are as likely to be next, so
// that no rounding decides which, and all engines see the same.
const key = input('key', 'u32', [2]);
const [grown, logForward] = trajectories((s, step) =>
  argmax(sub(randomUniform(splitKey(key, step), 'f32', [S, N]), s), 1),
);
const logReward = mul(information(grown), 1 / T);
const residual = sub(add(slice(theta, [size], [1]), logForward), sub(logReward, Math.log(6)));
const loss = mean(mul(residual, residual));
// A step of Adam is an expression too, and the whole of it is one step of a program.
const [lossSlope] = gradient(loss, [theta]);
const moments = { first: input('first', 'f32', [size + 1]), second: input('second', 'f32', [size + 1]) };
const state = { parameters: theta, ...moments, steps: input('steps', 'f32', []) };
const { parameters, ...next } = adam(state, lossSlope, filled(0.4, 'f32', []));
const training = program({ loss }, { theta: parameters, ...next, key: splitKey(key, b) });
print(`${size} parameters; carried from step to step: ${Object.keys(training.carry).join(', ')}`);
//> 6. A policy, its trajectories, and trajectory balance
//> 32 parameters; carried from step to step: theta, first, second, steps, key

print('7. Training');
// What a policy draws is known exactly: from size to size, the probability that a trajectory comes by each subset. The policy is
// asked at all subsets of a size, 28 at most. Total variation from the target is ½ Σ |p − q| over all 56 batches. It falls with
// the loss, and log Z comes to what it should be. A little is left: 32 numbers cannot say every reward of three points.
const asking = program({ logs: logPolicy(input('s', 'f32', [28, N])) });
const train = async (engine: Engine): Promise<Float32Array> => {
  const [trainer, asked] = [await succeed(engine.load(training)), await succeed(engine.load(asking))];
  const zeros = new Float32Array(size + 1);
  const bits = keyWords(keyFromSeed(3));
  let learned = zeros.map((_, i) => (i < N ? 0 : 0.3 * (normals(keyFromSeed(2), size)[i] ?? 0)));
  let inputs: Values = { theta: learned, first: zeros, second: zeros, steps: zeros.slice(0, 1), key: bits };
  print('   steps    loss   log Z   total variation');
  for (let steps = 25; steps <= 125; steps += 25) {
    const after = await succeed(trainer.run({ inputs, steps: 25, read: ['loss', 'theta'] }));
    inputs = {};
    learned = Float32Array.from(after['theta'] ?? []);
    const policyOf = (subsets: Uint32Array, k: number, count: number) => {
      const states = Array.from({ length: count }, (_, i) => [...subsets.subarray(i * k, (i + 1) * k)]);
      return pipe(
        asked.run({ inputs: { theta: learned, s: masks(states, 28) } }),
        TE.map(({ logs = zeros }) => logs.subarray(0, count * N)),
      );
    };
    const probabilities = await succeed(terminalDistribution(N, [b, b], policyOf));
    const shown = `${(after['loss']?.[0] ?? NaN).toPrecision(2).padStart(8)}${fixed(2, learned[size] ?? NaN)}`;
    print(`${steps.toString().padStart(8)}${shown}${fixed(3, totalVariation(probabilities, target))}`);
  }
  [trainer, asked].forEach((loaded) => loaded.close());
  return learned;
};
const trained = await train(cpu);
// To draw from the policy, each point is chosen by its probability. Three draws of 64:
const [drawn] = trajectories((s, step) => randomCategorical(splitKey(key, step), logits(s), equal(s, 0)));
const sets = await valueOf(drawn, { theta: trained, key: keyWords(keyFromSeed(4)) });
for (const row of [0, 1, 2])
  print(`{${pool.flatMap((_, n) => (sets[row * N + n] === 1 ? [n] : [])).join(', ')}}`);
//> 7. Training
//>    steps    loss   log Z   total variation
//>       25      21    9.14   0.434
//>       50    0.28   13.55   0.203
//>       75    0.12   14.15   0.101
//>      100   0.021   14.09   0.058
//>      125   0.021   14.05   0.025
//> {0, 1, 6}
//> {0, 3, 7}
//> {0, 1, 7}

print('8. The same on Dawn');
// The same programs with the same random bits, as WGSL kernels.
const onDawn = await train(await deviceEngine());
const apart = Math.max(...trained.map((value, i) => Math.abs(value - (onDawn[i] ?? NaN))));
print(`parameters apart by less than 0.001: ${apart < 0.001}`);
await closeDeviceEngine();
await cpu.close();
//> 8. The same on Dawn
//>    steps    loss   log Z   total variation
//>       25      21    9.14   0.434
//>       50    0.28   13.55   0.203
//>       75    0.12   14.15   0.101
//>      100   0.021   14.09   0.058
//>      125   0.021   14.05   0.025
//> parameters apart by less than 0.001: true
