/** A loaded program in a bracket. */
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as E from 'fp-ts/lib/Either.js';
import type { Failure } from '../failure.js';
import type { Program } from '../tensor/program.js';
import type { Engine, LoadedProgram } from './engine.js';

/**
 * Loads a program, uses it and closes it, also where the use throws (fp-ts's own bracket does not release then). Fails
 * with what loading or `use` fails with.
 */
export const withProgram =
  <A>(
    engine: Engine,
    program: Program,
    use: (loaded: LoadedProgram) => TaskEither<Failure, A>,
  ): TaskEither<Failure, A> =>
  async () => {
    const loaded = await engine.load(program)();
    if (E.isLeft(loaded)) return loaded;
    try {
      return await use(loaded.right)();
    } finally {
      loaded.right.close();
    }
  };
