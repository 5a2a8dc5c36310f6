/** The rooms as they are: the one place where the command line is wired to the engines and the sampler. */
import * as TE from 'fp-ts/lib/TaskEither.js';
import { engineFailure } from '../failure.js';
import type { Machinery } from './contract.js';

const notWired = engineFailure('none', 'the engines are not wired to the command line', 'Wire src/cli/machinery.ts');

/** What the program runs with. */
export const machinery: Machinery = {
  withEngine: () => TE.left(notWired),
  listDevices: TE.left(notWired),
  proposeBatch: () => TE.left(notWired),
};
