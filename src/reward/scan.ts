/**
 * Work that asks much of a large pool at a time: a generator that yields scans, which are runs of a program, and is given what they
 * say; of nothing where signals may have their turn and nothing is to be run. It is run at once on one thread, or on an engine, whose
 * threads share its rows and between whose scans progress bars and signals get their turn; both end in the same bits.
 */
import * as E from '#fp-ts/Either';
import type * as TE from '#fp-ts/TaskEither';
import { cpuEngine, programAtOnce } from '../engine/cpu/index.js';
import type { Engine, LoadedProgram, Values } from '../engine/engine.js';
import { turnsOf } from '../engine/with-program.js';
import type { Failure } from '../failure.js';
import type { TypedArray } from '../tensor/expression.js';
import type { Program } from '../tensor/program.js';
import type { WorkControl } from '../work.js';

/** A run of a pool's program; what stays, its features say, goes with the first. */
export interface Scan {
  readonly program: Program;
  readonly inputs: Values;
}

/** Work that ends in an A, by scans and what they say; undefined where nothing is to be run, but signals may have their turn. */
export type Scans<A> = Generator<Scan | undefined, A, Readonly<Record<string, TypedArray>>>;

/** What the work ends in: at once, on one thread. */
export const scannedAtOnce = <A>(scans: Scans<A>): A => {
  let loaded: Program | undefined;
  let run: ReturnType<typeof programAtOnce> = () => ({});
  for (
    let next = scans.next({});
    ;
    next = scans.next(next.value === undefined ? {} : run(next.value.inputs))
  ) {
    if (next.done === true) return next.value;
    if (next.value === undefined) continue;
    if (loaded !== next.value.program) run = programAtOnce((loaded = next.value.program));
  }
};

/**
 * The same on an engine, or on one thread beside it where it has no f64. Fails as the engine does, and with Interrupted once the
 * signal is aborted.
 */
export const scannedOn =
  <A>(
    engine: Engine,
    work: () => Scans<A>,
    control: Pick<WorkControl, 'signal'>,
  ): TE.TaskEither<Failure, A> =>
  async () => {
    const { load } = engine.dtypes.includes('f64') ? engine : cpuEngine({ threads: 1 });
    const scans = work();
    let loaded: LoadedProgram | undefined;
    let of: Program | undefined;
    const turn = turnsOf(control, 'greedy selection');
    try {
      for (let next = scans.next({}); ;) {
        if (next.done === true) return E.right(next.value);
        const stopped = await turn();
        if (stopped !== undefined) return E.left(stopped);
        if (next.value === undefined) {
          next = scans.next({});
          continue;
        }
        if (of !== next.value.program) {
          loaded?.close();
          loaded = undefined;
          const result = await load((of = next.value.program))();
          if (E.isLeft(result)) return result;
          loaded = result.right;
        }
        const result = await (loaded as LoadedProgram).run({ inputs: next.value.inputs })();
        if (E.isLeft(result)) return result;
        next = scans.next(result.right);
      }
    } finally {
      loaded?.close();
    }
  };
