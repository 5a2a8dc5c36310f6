/** A loaded program in a bracket. */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { Failure } from '../failure.js';
import type { TypedArray } from '../tensor/expression.js';
import type { Program } from '../tensor/program.js';
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

/**
 * Runs a program `count` times, block by block, and gives all outputs. The inputs that blocks share go with the first; each
 * brings its own.
 */
export const inBlocks = (
  engine: Engine,
  blocks: Program,
  count: number,
  shared: Values,
  own: (block: number) => Values,
): TE.TaskEither<Failure, readonly Readonly<Record<string, TypedArray>>[]> =>
  withProgram(engine, blocks, (loaded) =>
    pipe(
      Array.from({ length: count }, (_, block) => block),
      TE.traverseSeqArray((block) =>
        loaded.run({ inputs: { ...(block === 0 ? shared : {}), ...own(block) } }),
      ),
    ),
  );
