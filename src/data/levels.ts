/** In which order stand kinds and classes? */
import { numberOf } from './table.js';

/** Numbers by their size where all are numbers, text by its code units. */
export const ordered = (names: readonly string[]): readonly string[] => {
  const values = new Map(names.map((name) => [name, numberOf(name)]));
  const numeric = !Array.from(values.values()).some(Number.isNaN);
  const valueOf = (name: string): number => values.get(name) ?? 0;
  return [...names].sort((a, b) => (numeric ? valueOf(a) - valueOf(b) : 0) || (a < b ? -1 : 1));
};
