/** How does `--plot` work? Its place is looked at before the work; a picture that cannot be written in the end is a shortfall. */
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { Failure } from '../failure.js';
import type { Context } from './command.js';
import { filePath } from './decoders.js';
import { optional } from './options.js';
import { checkSvgFile } from './new-file.js';
import { writeWhole } from './whole-file.js';

/** `--plot`, of a picture of something. */
export const plotOption = (description: string, example: string) =>
  optional(
    { long: 'plot', placeholder: 'FILE.svg', description },
    filePath('the name of a file', `Give the name of an SVG file, ${example}.svg for instance`),
  );

/** Fails with an obstacle to the picture, in its place or in what draws it. */
export const checkPlot = (
  file: string | undefined,
  { services }: Context,
): TE.TaskEither<Failure, unknown> =>
  file === undefined
    ? TE.right(undefined)
    : pipe(
        checkSvgFile('--plot', file),
        TE.mapLeft((failure): Failure => failure),
        TE.chain(() => services.drawing.ready),
      );

/** Draws the picture, if it is wanted, and says where it is; a sentence where it could not be written. Fails as `draw` does. */
export const drawnInto = (
  file: string | undefined,
  { remark }: Context,
  draw: () => TE.TaskEither<Failure, string>,
): TE.TaskEither<Failure, readonly string[]> =>
  file === undefined
    ? TE.right([])
    : pipe(
        draw(),
        TE.chainTaskK((svg) => writeWhole(file, svg)),
        TE.map((fault) => {
          if (O.isNone(fault)) remark(`The picture is in ${file}.`);
          return O.isNone(fault) ? [] : [`--plot: ${fault.value}`];
        }),
      );
