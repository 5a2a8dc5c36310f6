/**
 * Can a picture be put where the user wants it, and is it there whole or not at all? The place is looked at before any work;
 * the text goes to a temporary file beside it, which then takes its name.
 */
import { rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as O from '#fp-ts/Option';
import type * as T from '#fp-ts/Task';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { inputFailure, showFailure, type Fault, type InputFailure } from '../failure.js';
import { fileTrouble, troubleOf } from './file-trouble.js';

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

type Obstacle = Omit<Fault, 'source'>;

/** What keeps from writing beside a file, by trying it: what the rights of a folder say is not all that decides. */
const troubleBeside = async (file: string): Promise<Obstacle | undefined> => {
  const temporary = temporaryFor(file);
  try {
    await writeFile(temporary, '', { flag: 'wx' });
    await rm(temporary);
    return undefined;
  } catch (error) {
    const { problem, ...rest } = troubleOf(error);
    return { ...rest, problem: `nothing can be written to the folder ${path.dirname(file)}: ${problem}` };
  }
};

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
  return troubleBeside(file);
};

/** An InputFailure of the option where the file cannot be a new SVG file, or its folder is not there or not to be written to. */
export const checkSvgFile = (option: string, file: string): TE.TaskEither<InputFailure, void> =>
  pipe(
    TE.fromTask<Obstacle | undefined, InputFailure>(() => obstacleTo(file)),
    TE.chain((obstacle) =>
      obstacle === undefined ? TE.right(undefined) : TE.left(inputFailure({ source: option, ...obstacle })),
    ),
  );

/** Writes a text to a file, whole or not at all, replacing a file of that name. An InputFailure where that cannot be. */
export const written = (file: string, text: string): TE.TaskEither<InputFailure, void> =>
  TE.tryCatch(
    async () => {
      const temporary = temporaryFor(file);
      try {
        await writeFile(temporary, text, { flag: 'wx' });
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw error;
      }
    },
    fileTrouble(file, 'written'),
  );

/** The same where that is no reason to fail: a sentence where it could not be. */
export const writeWhole = (file: string, text: string): T.Task<O.Option<string>> =>
  pipe(
    written(file, text),
    TE.match(
      (failure) => O.some(showFailure(failure)),
      () => O.none,
    ),
  );
