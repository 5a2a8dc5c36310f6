/** `batchgfn explore`: a page that trains in the browser, served to this machine. */
import { fileURLToPath } from 'node:url';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { Failure } from '../../failure.js';
import { command, type Work } from '../command.js';
import { integerUpTo } from '../decoders.js';
import { optional } from '../options.js';
import { pageFiles, servePage } from '../page-server.js';

/** Decoded options of explore. */
export interface ExploreOptions {
  readonly port: number | undefined;
}

/** Beside the folder of the joined modules (kernels/web.mjs). */
const folder = fileURLToPath(new URL('../web', import.meta.url));

/** The work of explore. */
export const exploreWork =
  ({ port = 0 }: ExploreOptions): Work =>
  (context) =>
    pipe(
      TE.fromEither(pageFiles(folder)),
      TE.mapLeft((failure): Failure => failure),
      TE.chain((files) => servePage(files, port, context)),
    );

/** The command, with its options and help. */
export const explore = command({
  name: 'explore',
  description:
    'Serve a page on which all of it is seen at work: it trains in your browser, and sends nothing anywhere.',
  examples: [{ description: 'print the address to open; Ctrl-C ends it', command: 'batchgfn explore' }],
  args: {
    port: optional(
      {
        long: 'port',
        placeholder: 'PORT',
        description: 'the port of 127.0.0.1 to serve it on (one that is free if left out)',
      },
      integerUpTo(65_535, 8080),
    ),
  },
  handler: exploreWork,
});
