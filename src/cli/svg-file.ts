/**
 * Can a picture be put where the user wants it, and is it there whole or not at all? The place is looked at before any work;
 * the text goes to a temporary file beside it, which then takes its name.
 */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { inputFailure, type InputFailure } from '../failure.js';

const kindOf = async (place: string): Promise<'folder' | 'file' | 'nothing'> => {
  try {
    return (await stat(place)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing';
  }
};

/** Beside the file, so that it can take its name. */
const temporaryFor = (file: string): string =>
  path.join(path.dirname(file), `.${path.basename(file)}.${process.pid}.tmp`);

/** By trying it: what the rights of a folder say is not all that decides. */
const canWriteBeside = async (file: string): Promise<boolean> => {
  const temporary = temporaryFor(file);
  try {
    await writeFile(temporary, '', { flag: 'wx' });
    await rm(temporary);
    return true;
  } catch {
    return false;
  }
};

interface Obstacle {
  readonly problem: string;
  readonly remedy: string;
}

const obstacleTo = async (file: string): Promise<Obstacle | undefined> => {
  const folder = path.dirname(file);
  if (path.extname(file).toLowerCase() !== '.svg')
    return {
      problem: `${file} does not end in .svg, and the picture is an SVG drawing`,
      remedy: 'Give a name that ends in .svg',
    };
  if ((await kindOf(file)) === 'folder')
    return { problem: `${file} is a folder`, remedy: 'Give the name of a file in it' };
  if ((await kindOf(folder)) !== 'folder')
    return { problem: `there is no folder ${folder}`, remedy: 'Create it, or give another' };
  return (await canWriteBeside(file))
    ? undefined
    : {
        problem: `nothing can be written to the folder ${folder}`,
        remedy: 'Give another, or the right to write to it',
      };
};

/** An InputFailure of the option where the file cannot be a new SVG file, or its folder is not there or not to be written to. */
export const checkSvgFile = (option: string, file: string): TE.TaskEither<InputFailure, void> =>
  pipe(
    TE.fromTask<Obstacle | undefined, InputFailure>(() => obstacleTo(file)),
    TE.chain((obstacle) =>
      obstacle === undefined ? TE.right(undefined) : TE.left(inputFailure({ source: option, ...obstacle })),
    ),
  );

/** Writes a whole file or nothing; a sentence where it could not. A file of that name is replaced. */
export const writeWhole = (file: string, text: string) => async (): Promise<O.Option<string>> => {
  const temporary = temporaryFor(file);
  try {
    await writeFile(temporary, text, { flag: 'wx' });
    await rename(temporary, file);
    return O.none;
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    return O.some(`${file} could not be written: ${error instanceof Error ? error.message : String(error)}.`);
  }
};

/** Writes a text to a file, whole. An InputFailure where that cannot be. */
export const written = (file: string, text: string): TE.TaskEither<InputFailure, void> =>
  pipe(
    TE.fromTask<O.Option<string>, InputFailure>(writeWhole(file, text)),
    TE.chain((problem) =>
      O.isNone(problem)
        ? TE.right(undefined)
        : TE.left(
            inputFailure({ source: file, problem: problem.value.replace(/\.$/, ''), remedy: 'Give another' }),
          ),
    ),
  );
