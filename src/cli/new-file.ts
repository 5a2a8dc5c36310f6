/** Can a picture or a page be put where the user wants it? The place is looked at before any work; it is written whole (whole-file.ts). */
import { rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';
import { troubleOf } from './file-trouble.js';
import { temporaryFor } from './whole-file.js';

const kindOf = async (place: string): Promise<'folder' | 'file' | 'nothing'> => {
  try {
    return (await stat(place)).isDirectory() ? 'folder' : 'file';
  } catch {
    return 'nothing';
  }
};

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
  if ((await kindOf(file)) === 'folder')
    return { problem: `${file} is a folder`, remedy: 'Give the name of a file in it' };
  if ((await kindOf(folder)) !== 'folder')
    return { problem: `there is no folder ${folder}`, remedy: 'Create it, or give another' };
  return troubleBeside(file);
};

/** An InputFailure of the option where the file is a folder, or its folder is not there or not to be written to. */
export const checkNewFile = (option: string, file: string): TE.TaskEither<InputFailure, void> =>
  pipe(
    TE.fromTask<Obstacle | undefined, InputFailure>(() => obstacleTo(file)),
    TE.chain((obstacle) =>
      obstacle === undefined ? TE.right(undefined) : TE.left(inputFailure({ source: option, ...obstacle })),
    ),
  );

/** The same, and where the name is not that of an SVG file. */
export const checkSvgFile = (option: string, file: string): TE.TaskEither<InputFailure, void> =>
  path.extname(file).toLowerCase() === '.svg'
    ? checkNewFile(option, file)
    : TE.left(
        inputFailure({
          source: option,
          problem: `${file} does not end in .svg, and the picture is an SVG drawing`,
          remedy: 'Give a name that ends in .svg',
        }),
      );
