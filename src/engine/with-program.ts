/** A loaded program in a bracket. */
import * as E from '#fp-ts/Either';
import type * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../failure.js';
import type { TypedArray } from '../tensor/expression.js';
import type { Program } from '../tensor/program.js';
import { turnOfOthers, type WorkControl } from '../work.js';
import type { Engine, LoadedProgram, Values } from './engine.js';

/**
 * Loads a program, uses it and closes it, also where the use throws (fp-ts's own bracket does not release then). Fails
 * with what loading or `use` fails with.
 */
export const withProgram =
  <A>(
    engine: Engine,
    program: Program,
    use: (loaded: LoadedProgram) => TE.TaskEither<Failure, A>,
  ): TE.TaskEither<Failure, A> =>
  async () => {
    const loaded = await engine.load(program)();
    if (E.isLeft(loaded)) return loaded;
    try {
      return await use(loaded.right)();
    } finally {
      loaded.right.close();
    }
  };

/** Milliseconds between two turns of signals and progress bars. */
const patience = 20;

/**
 * Lets signals and progress bars have their turn where it is time, `onTurn` before; Interrupted, during `stage`, once the signal is
 * aborted.
 */
export const turnsOf = ({ signal }: WorkControl, stage: string, onTurn?: () => void) => {
  let turn = performance.now();
  return async (): Promise<Failure | undefined> => {
    if (performance.now() - turn > patience) {
      onTurn?.();
      await turnOfOthers();
      turn = performance.now();
    }
    return signal?.aborted === true ? { _tag: 'Interrupted', during: stage } : undefined;
  };
};

/**
 * Runs a program `count` times, block by block, and gives all outputs. The inputs that blocks share go with the first; each
 * brings its own. Fails as running does, and with Interrupted, during `stage`, once the signal is aborted.
 */
export const inBlocks = (
  engine: Engine,
  blocks: Program,
  count: number,
  shared: Values,
  own: (block: number) => Values,
  control: WorkControl = {},
  stage = 'drawing',
): TE.TaskEither<Failure, readonly Readonly<Record<string, TypedArray>>[]> =>
  withProgram(engine, blocks, (loaded) => async () => {
    const outputs: Readonly<Record<string, TypedArray>>[] = [];
    let block = 0;
    const turn = turnsOf(control, stage, () => control.onProgress?.({ stage, done: block, total: count }));
    for (; block < count; block++) {
      const stopped = await turn();
      if (stopped !== undefined) return E.left(stopped);
      const result = await loaded.run({ inputs: { ...(block === 0 ? shared : {}), ...own(block) } })();
      if (E.isLeft(result)) return result;
      outputs.push(result.right);
    }
    return E.right(outputs);
  });
