/**
 * Training M networks at once: one program of one step, run many times over. The loss of network m is the negative log of its
 * likelihood times its prior, up to a constant,
 *
 *   L_m = Σ_i w_mi ℓ(y_i, f_m(x_i)) + (τ/2) Σ_j ((θ_mj − a_mj) / s_j)²
 *
 * w_mi whether network m learns from row i, s the prior deviations (layers.ts), a the prior's centre, ℓ half the squared error in
 * units of the noise variance, or the cross-entropy. Adam takes it down with a rate that falls along half a cosine. The losses
 * are summed over the networks, which share nothing, so each is trained as if it were alone. More rows than a batch holds are
 * drawn anew at each step, and their losses scaled up.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { at } from '../../at.js';
import type { Engine, Values } from '../../engine/engine.js';
import { withProgram } from '../../engine/with-program.js';
import { type Failure, numericalFailure } from '../../failure.js';
import { turnOfOthers, type WorkControl } from '../../work.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import { adam } from '../../nn/adam.js';
import { cosineDecay } from '../../nn/schedule.js';
import { type Key, keyWords } from '../../random/key.js';
import { randomUniform, splitKey } from '../../tensor/derived/random.js';
import { logSoftmax } from '../../tensor/derived/softmax.js';
import { gradient } from '../../tensor/gradient.js';
import {
  add,
  cast,
  div,
  gather,
  input,
  less,
  mul,
  neg,
  reshape,
  sub,
  sum,
  transpose,
} from '../../tensor/operations.js';
import type { Tensor, TypedArray } from '../../tensor/expression.js';
import { type Program, program } from '../../tensor/program.js';
import { networksAt, networkSize, type NetworkShape } from './layers.js';

/** How M networks are trained. */
export interface NetworkTraining {
  readonly shape: NetworkShape;
  readonly members: number;
  /** n. */
  readonly rows: number;
  readonly loss: 'squared' | 'crossEntropy';
  /** The part of the hidden units that a step leaves out, of each row others; 0 for none. */
  readonly dropout: number;
  readonly iterations: number;
  /** Adam's rate at the first step. */
  readonly learningRate: number;
}

/** The vector `times` times over. */
const repeated = (values: Float64Array, times: number): Float64Array =>
  Float64Array.from({ length: times * values.length }, (_, i) => at(values, i % values.length));

/**
 * Most rows of a step. Of classes a third of the time of 256 and the same held-out scores (images of digits, 300 labels, three
 * splits: 0.217, 0.199, 0.227 nats of 16 networks with 256 rows, 0.215, 0.199, 0.229 with 48); regressions lose a few hundredths of
 * their error.
 */
const largestBatch = { crossEntropy: 48, squared: 256 } as const;

/** The program of one step; outputs `losses` [M] of the step. */
export const networkTrainingProgram = ({ shape, members, rows, loss, dropout }: NetworkTraining): Program => {
  const size = members * networkSize(shape);
  const parameters = input('parameters', 'f32', [size]);
  const [first, second] = [input('first', 'f32', [size]), input('second', 'f32', [size])];
  const [steps, key] = [input('steps', 'f32', []), input('key', 'u32', [2])];
  const x = input('x', 'f32', [rows, shape.inputs]);
  const y = input('y', 'f32', [rows, shape.outputs]);
  const learns = input('learns', 'f32', [rows, members]);
  const batch = Math.min(rows, largestBatch[loss]);
  const chosen = cast(mul(randomUniform(splitKey(key, 0), 'f32', [batch]), rows), 'u32');
  const taken = (a: Tensor): Tensor => (batch === rows ? a : gather(a, chosen));

  const scales =
    dropout === 0
      ? undefined
      : (layer: number, { shape: own }: Tensor): Tensor =>
          mul(
            cast(less(dropout, randomUniform(splitKey(key, 2 + layer), 'f32', own)), 'f32'),
            1 / (1 - dropout),
          );
  const { outputs } = networksAt(shape, members, parameters, taken(x), scales);
  const targets = taken(y);
  const each =
    loss === 'squared'
      ? mul(0.5, sum(mul(sub(outputs, targets), sub(outputs, targets)), [2]))
      : neg(sum(mul(logSoftmax(outputs), targets), [2]));
  const ofData = mul(sum(mul(each, transpose(taken(learns))), [1]), rows / batch);
  const away = div(sub(parameters, input('centres', 'f32', [size])), input('deviations', 'f32', [size]));
  const ofPrior = mul(
    mul(0.5, input('priorWeight', 'f32', [])),
    sum(reshape(mul(away, away), [members, size / members]), [1]),
  );
  const losses = add(ofData, ofPrior);
  const [slope] = gradient(sum(losses), [parameters]);
  const rate = mul(input('learningRate', 'f32', []), cosineDecay(steps, input('iterations', 'f32', [])));
  const next = adam({ parameters, first, second, steps }, slope, rate);
  return program({ losses }, { ...next, key: splitKey(key, 1) });
};

/** What M networks learn from: inputs [n, d] and targets [n, O], standardised, and w [n, M]. */
export interface NetworkData {
  readonly x: Matrix;
  readonly y: Matrix;
  readonly learns: Matrix;
}

/** The prior: centres a [M·P], deviations s [P], and its weight τ. */
export interface NetworkPrior {
  readonly centres: Float64Array;
  readonly deviations: Float64Array;
  readonly weight: number;
}

/**
 * When training ends early: of the parameters at every so many steps, and at the end, those of the largest score are kept, and it
 * ends where so many scores in a row were not larger.
 */
export interface Stopping {
  readonly every: number;
  readonly patience: number;
  readonly score: (parameters: TypedArray) => TE.TaskEither<Failure, number>;
}

/** The most steps between looks at the losses and at the signal, and the milliseconds that they may take. */
const chunk = 50;
const patience = 100;

/** What the program begins with. */
const valuesOf = (
  { members, iterations, learningRate }: NetworkTraining,
  { x, y, learns }: NetworkData,
  { centres, deviations, weight }: NetworkPrior,
  start: Float64Array,
  key: Key,
): Values => ({
  ...{ x: x.data, y: y.data, learns: learns.data },
  ...{ centres, deviations: repeated(deviations, members), priorWeight: Float64Array.of(weight) },
  ...{ iterations: Float64Array.of(iterations), learningRate: Float64Array.of(learningRate) },
  ...{ parameters: start, first: new Float64Array(start.length), second: new Float64Array(start.length) },
  ...{ steps: Float64Array.of(0), key: keyWords(key) },
});

/** The parameters of the largest score so far; `isOver` where it was not the last few. */
const keeping = ({ patience: looks, score }: Stopping) => {
  let best: { readonly score: number; readonly parameters: TypedArray } | undefined;
  let idle = 0;
  return {
    best: () => best?.parameters,
    isOver: (parameters: TypedArray): TE.TaskEither<Failure, boolean> =>
      pipe(
        score(parameters),
        TE.map((found) => {
          if (best !== undefined && !(found > best.score)) return ++idle >= looks;
          best = { score: found, parameters };
          idle = 0;
          return false;
        }),
      ),
  };
};

/**
 * The flat parameters [M·P] that training ends with, from those it begins with, or the best of it. The same key gives the same
 * bits. Fails where the engine does, with Interrupted once the signal is aborted, and with a NumericalFailure where a loss is
 * no longer finite.
 */
export const trainNetworks = (
  engine: Engine,
  training: NetworkTraining,
  data: NetworkData,
  prior: NetworkPrior,
  start: Float64Array,
  key: Key,
  { onProgress, signal }: WorkControl = {},
  stopping?: Stopping,
): TE.TaskEither<Failure, TypedArray> => {
  const { iterations } = training;
  const values = valuesOf(training, data, prior, start, key);
  const running = networkTrainingProgram(training);
  return withProgram(engine, running, (loaded) => async () => {
    let inputs = Object.fromEntries(Object.entries(values).filter(([name]) => name in running.inputs));
    let most = 1;
    const every = stopping?.every ?? iterations;
    const kept = stopping && keeping(stopping);
    const parameters = loaded.run({ steps: 0, read: ['parameters'] });
    for (let done = 0; done < iterations;) {
      if (signal?.aborted === true) return E.left({ _tag: 'Interrupted', during: 'training networks' });
      const steps = Math.min(most, iterations - done, every - (done % every));
      const started = performance.now();
      const result = await loaded.run({ inputs, steps })();
      if (E.isLeft(result)) return result;
      inputs = {};
      done += steps;
      most = Math.min(
        chunk,
        2 * steps,
        Math.max(1, Math.floor((steps * patience) / (performance.now() - started))),
      );
      onProgress?.({ stage: 'training networks', done, total: iterations });
      if (!(result.right['losses'] ?? []).every(Number.isFinite))
        return E.left(
          numericalFailure(
            'training networks',
            `the loss was not finite after ${done} of ${iterations} iterations`,
            'Look for inputs or targets of extreme size',
          ),
        );
      if (kept !== undefined && (done % every === 0 || done === iterations)) {
        const read = await parameters();
        const over = E.isLeft(read) ? read : await kept.isOver(read.right['parameters'] ?? start)();
        if (E.isLeft(over)) return over;
        if (over.right) break;
      }
      // Signals get their turn between chunks.
      await turnOfOthers();
    }
    const best = kept?.best();
    return best === undefined
      ? pipe(
          await parameters(),
          E.map((read) => read['parameters'] ?? start),
        )
      : E.right(best);
  });
};
