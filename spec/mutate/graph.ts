/**
 * Which specs see a source file, and which is nearest? The compiled modules import each other; the distance of a spec is the
 * number of imports on the shortest way from it to the file (breadth first, against the arrows).
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const imported = /(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+\.js)['"]/g;

/** The files that import each file; paths relative to the folder of compiled modules. */
export type Importers = ReadonlyMap<string, readonly string[]>;

/** Who imports whom below a folder. */
export const importersIn = (folder: string): Importers => {
  const importers = new Map<string, string[]>();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.js'),
  );
  for (const file of files)
    for (const [, target = ''] of readFileSync(path.join(folder, file), 'utf8').matchAll(imported)) {
      const whole = path.join(path.dirname(file), target);
      importers.set(whole, [...(importers.get(whole) ?? []), file]);
    }
  return importers;
};

/** A spec that sees a file, and how far from it. */
export interface Seeing {
  readonly spec: string;
  /** The imports between them; 1/3 more without the file's name, 2/3 more outside its room. */
  readonly distance: number;
}

/**
 * The specs from which a file is reached, the nearest first; of equally near ones that with the file's own name first, then
 * those of its own room.
 */
export const specsFor = (importers: Importers, file: string): readonly Seeing[] => {
  const distance = new Map([[file, 0]]);
  const waiting = [file];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift())
    for (const importer of importers.get(next) ?? [])
      if (!distance.has(importer)) {
        distance.set(importer, (distance.get(next) ?? 0) + 1);
        waiting.push(importer);
      }
  const name = path.basename(file, '.js');
  const [, room] = file.split(path.sep);
  const kinship = (spec: string): number =>
    path.basename(spec, '.spec.js') === name ? 0 : spec.split(path.sep)[1] === room ? 1 / 3 : 2 / 3;
  return [...distance]
    .filter(([spec]) => spec.endsWith('.spec.js'))
    .map(([spec, imports]) => ({ spec, distance: imports + kinship(spec) }))
    .sort((a, b) => a.distance - b.distance || (a.spec < b.spec ? -1 : 1));
};
