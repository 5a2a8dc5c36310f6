/**
 * What does training cost? Seconds of one iteration at pools of several sizes, beside the floor of its operations and bytes at
 * the rates that the engine was measured to reach in the same minute (src/bench/floor.ts), and its memory.
 *
 * The rates are those of a 512×512×512 product, and of a copy of as many numbers as one step's S·N (no fewer than 2^14, no
 * more than 2^24), so that a pool which fits into a cache is held against the cache.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Counters, Engine, LoadedProgram } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { defaultTraining } from '../gflownet/defaults.js';
import { firstParameters } from '../gflownet/model.js';
import { firstState, trainingValues } from '../gflownet/train.js';
import { trainingProgram, withoutTeacher } from '../gflownet/training-program.js';
import { keyFromSeed, split } from '../random/key.js';
import { floorOf, type Floor, type Rates, type TrainingSizes } from './floor.js';
import { copyKernel, matmulKernel, runOf, withPrograms, type Kernel } from './kernels.js';
import { measure, type BenchControl, type Run, type Sampling, type Timing } from './measure.js';
import { randomProblem, type PolicySizes } from './pools.js';

/** Which training is measured. */
export interface IterationSizes extends TrainingSizes, PolicySizes {}

/** Memory of training on a pool. */
export interface TrainingMemory {
  /** Bytes that the engine holds for the program. */
  readonly engineBytes: number;
  readonly engineBytesPerPoint: number;
  readonly buffers: number;
  /** Most bytes that the process has held so far, its pools and all: of use where pools are measured from small to large. */
  readonly peakResidentBytes: number;
}

/** One iteration on a pool of a size. */
export interface IterationResult {
  readonly poolSize: number;
  readonly iteration: Timing;
  /** Kernels that one iteration dispatches. */
  readonly dispatches: number;
  /** What was measured beside it. */
  readonly rates: Rates;
  /** For the policy `gain`, null for others. `ratio` is the measured time over the floor's. */
  readonly floor: (Floor & { readonly ratio: number }) | null;
  readonly memory: TrainingMemory;
}

/** Most bytes of memory that this process has held, as the system counts them. */
export const peakResidentBytes = (): number => process.resourceUsage().maxRSS * 1024;

/** So long a training that its schedules stand still while it is measured. */
const farEnd = 10_000_000;

/** Numbers of the copy that bytes are held against. */
const copied = ({ trajectories, poolSize }: TrainingSizes): number =>
  Math.min(2 ** 24, Math.max(2 ** 14, trajectories * poolSize));

const ready = ({ inputs }: Kernel, loaded: LoadedProgram): TE.TaskEither<Failure, unknown> =>
  loaded.run({ inputs, read: ['last'] });

/** An iteration, the product and the copy, ready to be timed; `dispatches` tells how many kernels an iteration took last. */
const contendersOf = (
  engine: Engine,
  iteration: LoadedProgram,
  multiplying: LoadedProgram,
  copying: LoadedProgram,
) => {
  let dispatches = NaN;
  const iterate: Run = (steps) => {
    const before = engine.counters().dispatches;
    return pipe(
      iteration.run({ steps, read: ['loss'] }),
      TE.map(() => (dispatches = (engine.counters().dispatches - before) / steps)),
    );
  };
  return {
    runs: { iteration: iterate, matmul: runOf(multiplying), copy: runOf(copying) },
    dispatches: () => dispatches,
  };
};

/** Memory that the engine holds between two counts of it. */
const memoryBetween = (before: Counters, after: Counters, poolSize: number): TrainingMemory => {
  const engineBytes = after.bytes - before.bytes;
  return {
    engineBytes,
    engineBytesPerPoint: engineBytes / poolSize,
    buffers: after.buffers - before.buffers,
    peakResidentBytes: peakResidentBytes(),
  };
};

/** Times an iteration, the product and the copy in turns. Fails where the engine does, and with Interrupted. */
export const measureIteration = (
  engine: Engine,
  sizes: IterationSizes,
  sampling: Sampling,
  seed: number,
  control: BenchControl,
): TE.TaskEither<Failure, IterationResult> => {
  const { problem, model } = randomProblem(sizes, seed);
  const { policy, poolSize, trajectories } = sizes;
  // A teacher's trajectories cost what the policy's own do, but for their drawing; the floor is of these.
  const options = withoutTeacher({ ...defaultTraining(policy), trajectories, iterations: farEnd });
  const state = firstState(firstParameters(model, keyFromSeed(seed)), split(keyFromSeed(seed), 1));
  const before = engine.counters();
  const product = matmulKernel([512, 512, 512], seed);
  const copy = copyKernel(copied(sizes));
  const [training, ...kernels] = [trainingProgram(model, options), product.program, copy.program];
  return withPrograms(engine, [training], ([iteration]) => {
    const held = engine.counters();
    return withPrograms(engine, kernels, ([multiplying, copying]) => {
      if (iteration === undefined || multiplying === undefined || copying === undefined)
        throw new Error('measureIteration: a program is missing');
      const { runs, dispatches } = contendersOf(engine, iteration, multiplying, copying);
      return pipe(
        iteration.run({ inputs: trainingValues(model, problem, options, state), steps: 0, read: [] }),
        TE.chain(() => ready(product, multiplying)),
        TE.chain(() => ready(copy, copying)),
        TE.chain(() => measure(`iteration at N = ${poolSize}`, runs, sampling, control)),
        TE.map(({ iteration: timing, matmul, copy: copyTiming }): IterationResult => {
          const operations = product.operations / matmul.seconds;
          const rates: Rates = { operations, bytes: copy.bytes / copyTiming.seconds };
          const floor = floorOf(sizes, rates);
          return {
            ...{ poolSize, iteration: timing, dispatches: dispatches(), rates },
            floor: policy === 'gain' ? { ...floor, ratio: timing.seconds / floor.seconds } : null,
            memory: memoryBetween(before, held, poolSize),
          };
        }),
      );
    });
  });
};
