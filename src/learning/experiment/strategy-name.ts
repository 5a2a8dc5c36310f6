/**
 * What is a strategy of a run called? By its acquisition, and where the best of another number of draws than usual is to be
 * asked for, with that number: `stochasticBatchBald:256`, `random:16`. The best is the draw of largest reward.
 */
import * as O from '#fp-ts/Option';
import { type AcquisitionName, strategies } from '../../acquisition/index.js';

/** The name of a strategy of a run, which its records have. */
export type StrategyName = AcquisitionName | `${AcquisitionName}:${number}`;

/** What a name says. */
export interface NamedStrategy {
  readonly name: StrategyName;
  readonly acquisition: AcquisitionName;
  /** The batches drawn. */
  readonly draws: number;
}

/** Strategies that propose the best of many draws unless told otherwise; the others draw the one that they propose. */
const bestOfMany: readonly AcquisitionName[] = ['gflownet', 'kdpp'];
const MANY = 256;

const MOST_DRAWS = 1_000_000;

const isAcquisition = (word: string): word is AcquisitionName => Object.hasOwn(strategies, word);

/** The strategy of a name; none where it is no name, as with a number of draws that is not from 1 to a million. */
export const strategyOf = (name: string): O.Option<NamedStrategy> => {
  const [, acquisition = '', number] = /^([A-Za-z]+)(?::([1-9]\d{0,6}))?$/.exec(name) ?? [];
  if (!isAcquisition(acquisition)) return O.none;
  if (number === undefined)
    return O.some({ name: acquisition, acquisition, draws: bestOfMany.includes(acquisition) ? MANY : 1 });
  const draws = Number(number);
  return draws > MOST_DRAWS ? O.none : O.some({ name: `${acquisition}:${draws}`, acquisition, draws });
};
