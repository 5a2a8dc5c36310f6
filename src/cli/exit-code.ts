/** With which exit code does a failure end? 0 is done and 1 a bound that was not met, too (program.ts). */
import type { Failure } from '../failure.js';

/** 1: a machine or a computation failed; 2: bad input; 130: interrupted. */
export const exitCodeOf = (failure: Failure): 1 | 2 | 130 => {
  switch (failure._tag) {
    case 'InputFailure':
      return failure.faults.some(({ of }) => of === 'machine') ? 1 : 2;
    case 'Interrupted':
      return 130;
    case 'EngineFailure':
    case 'NumericalFailure':
      return 1;
  }
};
