/** Can a picture or a page be put where the user wants it? The place is looked at before any work; it is written whole (whole-file.ts). */
import { realpath, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { STANDARD_INPUT } from '../data/read-table.js';
import { plainForm } from '../data/table-text.js';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';
import { troubleOf } from './file-trouble.js';
import { targetOf, temporaryFor } from './whole-file.js';

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
  if (file === STANDARD_INPUT)
    return {
      problem: 'standard output is no place for it, as the result is printed there',
      remedy: 'Give the name of a file (./- where it is named so)',
    };
  const target = await targetOf(file);
  const folder = path.dirname(target);
  if ((await kindOf(file)) === 'folder')
    return { problem: `${file} is a folder`, remedy: 'Give the name of a file in it' };
  if ((await kindOf(folder)) !== 'folder')
    return { problem: `there is no folder ${folder}`, remedy: 'Create it, or give another' };
  return troubleBeside(target);
};

/** What a path leads to, through links; as it is where nothing is there. */
const realOf = (place: string): Promise<string> => realpath(place).catch(() => path.resolve(place));

/** What of the work's own files would be written over: one that it reads, or anything in a folder of its own. */
const lostTo = async (file: string, own: readonly string[]): Promise<Obstacle | undefined> => {
  const real = await realOf(file);
  const [folder, ...names] = [await realOf(path.dirname(file)), path.basename(file)];
  const places = [real, path.join(folder, ...names)];
  for (const one of own) {
    const kept = await realOf(one);
    if (places.some((place) => place === kept || place.startsWith(`${kept}${path.sep}`)))
      return {
        problem: `${file} would take the place of what is read: ${one}`,
        remedy: 'Give a name of its own, in another folder where that is one',
      };
  }
  return undefined;
};

/**
 * An InputFailure of the option where the file is a folder, or its folder is not there or not to be written to, or it is one of those
 * that the work reads, `own`, or in a folder of those.
 */
export const checkNewFile = (
  option: string,
  file: string,
  own: readonly string[] = [],
): TE.TaskEither<InputFailure, void> =>
  pipe(
    TE.fromTask<Obstacle | undefined, InputFailure>(
      async () => (await lostTo(file, own)) ?? obstacleTo(file),
    ),
    TE.chain((obstacle) =>
      obstacle === undefined ? TE.right(undefined) : TE.left(inputFailure({ source: option, ...obstacle })),
    ),
  );

/** The same, and where the name is that of another form of table than rows are written in. */
export const checkTableFile = (
  option: string,
  file: string,
  own: readonly string[] = [],
): TE.TaskEither<InputFailure, void> => {
  const isPlain = plainForm(file, new Uint8Array(0)) !== undefined && !file.toLowerCase().endsWith('.gz');
  return pipe(
    checkNewFile(option, file, own),
    TE.chain(() =>
      isPlain
        ? TE.right(undefined)
        : TE.left(
            inputFailure({
              source: option,
              problem: `the rows are written as lines of cells, and ${path.extname(file)} is another form`,
              remedy: 'Give a name that ends in .csv',
            }),
          ),
    ),
  );
};

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
