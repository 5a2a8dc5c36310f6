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
import type { WorkControl, WorkProgress } from '../work.js';

/** A run of a pool's program; what stays, its features say, goes with the first. */
export interface Scan {
  readonly program: Program;
  readonly inputs: Values;
}

/** Work that ends in an A, by scans and what they say; where nothing is to be run it yields what work does (work.ts). */
export type Scans<A> = Generator<Scan | WorkProgress | undefined, A, Readonly<Record<string, TypedArray>>>;

const isScan = (value: Scan | WorkProgress | undefined): value is Scan =>
  value !== undefined && 'program' in value;

/** What the work ends in: at once, on one thread. */
export const scannedAtOnce = <A>(scans: Scans<A>): A => {
  let loaded: Program | undefined;
  let run: ReturnType<typeof programAtOnce> = () => ({});
  for (let said = {}; ;) {
    const { done, value } = scans.next(said);
    if (done === true) return value;
    said = {};
    if (!isScan(value)) continue;
    if (loaded !== value.program) run = programAtOnce((loaded = value.program));
    said = run(value.inputs);
  }
};

/**
 * The same on an engine, or on one thread beside it where it has no f64. Fails as the engine does, and with Interrupted once the
 * signal is aborted.
 */
export const scannedOn =
  <A>(engine: Engine, work: () => Scans<A>, control: WorkControl): TE.TaskEither<Failure, A> =>
  async () => {
    const { load } = engine.dtypes.includes('f64') ? engine : cpuEngine({ threads: 1 });
    const scans = work();
    let loaded: LoadedProgram | undefined;
    let of: Program | undefined;
    let told: WorkProgress = { stage: 'greedy selection', done: 0, total: 1 };
    const turn = turnsOf(control, '', () => control.onProgress?.(told));
    try {
      for (let said = {}; ;) {
        const { done, value } = scans.next(said);
        if (done === true) return E.right(value);
        const stopped = await turn();
        if (stopped !== undefined) return E.left({ _tag: 'Interrupted', during: told.stage });
        said = {};
        if (!isScan(value)) {
          told = value ?? told;
          continue;
        }
        if (of !== value.program) {
          loaded?.close();
          loaded = undefined;
          const result = await load((of = value.program))();
          if (E.isLeft(result)) return result;
          loaded = result.right;
        }
        const result = await (loaded as LoadedProgram).run({ inputs: value.inputs })();
        if (E.isLeft(result)) return result;
        said = result.right;
      }
    } finally {
      loaded?.close();
    }
  };
