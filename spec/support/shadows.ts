/**
 * The CPU engine on which specs run has shadows: engines of 2, 3 and 8 threads that share every step, however short. Each
 * program that is loaded has one of them, in turns, which runs its first steps as well and has to give the same bits.
 */
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { tunedEngine } from '../../src/engine/cpu/index.js';
import type { Engine, LoadedProgram, RunRequest } from '../../src/engine/engine.js';
import type { TypedArray } from '../../src/tensor/expression.js';

/** Shares every step at once, and waits until all threads are there. */
export const eager = { from: 0, start: 0, change: 0, together: true };

/** Numbers of threads that programs are run with. */
export const threadCounts = [1, 2, 3, 8] as const;

/** An engine of so many threads that shares every step. */
export const eagerEngine = (threads: number) => tunedEngine({ threads }, eager);

/** Runs that a shadow makes of a program, and most steps of one. */
const runsOfShadow = 3;
const stepsOfShadow = 8;

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedArray): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Throws unless both gave the same bits; `what` says whose they are. */
export const requireSameBits = (
  is: Readonly<Record<string, TypedArray>>,
  should: Readonly<Record<string, TypedArray>>,
  what: string,
): void => {
  for (const [name, values] of Object.entries(should)) {
    const own = is[name];
    if (own === undefined || !bytesOf(own).equals(bytesOf(values)))
      throw new Error(`${what}: ${name} has other bits than with another number of threads`);
  }
};

/** A loaded program whose first runs a shadow makes too. */
const shadowed = (loaded: LoadedProgram, shadow: LoadedProgram, threads: number): LoadedProgram => {
  let left = runsOfShadow;
  const end = (): void => {
    if (left > 0) shadow.close();
    left = 0;
  };
  return {
    run: (request: RunRequest) => async () => {
      const result = await loaded.run(request)();
      if (left === 0 || E.isLeft(result)) return result;
      if ((request.steps ?? 1) > stepsOfShadow) {
        end();
        return result;
      }
      const again = await shadow.run(request)();
      if (E.isLeft(again)) throw new Error(`${threads} threads: the engine failed`);
      requireSameBits(again.right, result.right, `${threads} threads`);
      if (left === 1) end();
      else left--;
      return result;
    },
    close: () => {
      end();
      loaded.close();
    },
  };
};

/** A CPU engine with its shadows. Closing it closes them. */
export const withShadows = (engine: Engine): Engine => {
  const shadows = threadCounts.slice(1).map((threads) => ({ threads, engine: eagerEngine(threads) }));
  let turn = 0;
  return {
    ...engine,
    load: (program) => {
      const shadow = shadows[turn++ % shadows.length];
      if (shadow === undefined) return engine.load(program);
      return TE.chain((loaded: LoadedProgram) =>
        TE.map((other: LoadedProgram) => shadowed(loaded, other, shadow.threads))(
          shadow.engine.load(program),
        ),
      )(engine.load(program));
    },
    close: async () => {
      await engine.close();
      for (const { engine: own } of shadows) await own.close();
    },
  };
};
