/** An engine whose runs are told before they are made. */
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Engine, RunRequest } from '../../src/engine/engine.js';
import type { Program } from '../../src/tensor/program.js';

/** The engine, with `seen` told of each run of each program. */
export const watchedEngine = (
  engine: Engine,
  seen: (program: Program, request: RunRequest) => void,
): Engine => ({
  ...engine,
  load: (program) =>
    pipe(
      engine.load(program),
      TE.map((loaded) => ({
        ...loaded,
        run: (request) => {
          seen(program, request);
          return loaded.run(request);
        },
      })),
    ),
});
