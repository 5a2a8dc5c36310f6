/**
 * How many faults does one failure tell? All up to a limit, then how many more there are: a column that was
 * exported wrongly has a fault in every row, and nobody reads a million lines.
 */
import * as E from '#fp-ts/Either';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';

/** The number of faults that one failure spells out. */
export const FAULTS_SHOWN = 20;

/** Faults as they are found. Memory does not grow beyond {@link FAULTS_SHOWN} of them. */
export interface FaultList {
  readonly add: (fault: Fault) => void;
  /** The value while no fault was added; otherwise the first faults, and a last entry that counts the others. */
  readonly unless: <A>(value: A) => E.Either<InputFailure, A>;
}

/** An empty list of faults of the given source. */
export const faultList = (source: string): FaultList => {
  const shown: Fault[] = [];
  let total = 0;
  return {
    add: (fault) => {
      total++;
      if (shown.length < FAULTS_SHOWN) shown.push(fault);
    },
    unless: (value) => {
      const [first, ...rest] = shown;
      if (first === undefined) return E.right(value);
      const others = total - shown.length;
      const more: readonly Fault[] =
        others === 0
          ? []
          : [
              {
                source,
                problem: `and ${others} more fault${others === 1 ? '' : 's'} like these`,
                remedy: 'Mend those above, then run it again to see what is left',
              },
            ];
      return E.left(inputFailure(first, ...rest, ...more));
    },
  };
};
