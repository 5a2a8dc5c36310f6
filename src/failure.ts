/**
 * What can go wrong for reasons outside the program, as data. Folded to text at the edge (src/cli).
 *
 * A programmer's mistake (shapes that do not fit, an input that a program does not have) is not here: it throws
 * a TypeError or RangeError where it is made.
 */

import * as E from '#fp-ts/Either';
import { printableLine } from './printable.js';
import { present } from './present.js';

/** One fault of what the user brought: where it is, what is wrong, and what to change. */
export interface Fault {
  /** The file, option or argument at fault, as the user named it. */
  readonly source: string;
  /** 1-based line in the file, where there is one. */
  readonly line?: number;
  /** The column's header, or its 1-based position, where there is one. */
  readonly column?: string | number;
  /** What is wrong, without a final full stop. */
  readonly problem: string;
  /** What to change, as an instruction, without a final full stop. */
  readonly remedy: string;
  /** Whether it is a fault of the machine, a full disk for instance, which no other input would mend: exit code 1. */
  readonly of?: 'machine';
}

/** The user's input cannot be used. The command line ends with exit code 2 (1 where the machine is at fault). */
export interface InputFailure {
  readonly _tag: 'InputFailure';
  readonly faults: readonly [Fault, ...Fault[]];
}

/** A machine failed: no adapter, a device lost, a validation error, memory exhausted. Exit code 1. */
export interface EngineFailure {
  readonly _tag: 'EngineFailure';
  readonly engine: string;
  /** The kernel or stage that was at work, where known. */
  readonly kernel?: string;
  readonly problem: string;
  readonly remedy: string;
}

/** The user asked for work to stop. Exit code 130. */
export interface Interrupted {
  readonly _tag: 'Interrupted';
  readonly during: string;
}

/** A computation left the range of numbers it can be trusted in (a loss that is not finite, say). Exit code 1. */
export interface NumericalFailure {
  readonly _tag: 'NumericalFailure';
  readonly during: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Everything that a library function returns on the left of an Either or TaskEither. */
export type Failure = InputFailure | EngineFailure | Interrupted | NumericalFailure;

/** Builds an {@link InputFailure} from one or more faults. */
export const inputFailure = (first: Fault, ...rest: readonly Fault[]): InputFailure => ({
  _tag: 'InputFailure',
  faults: [first, ...rest],
});

/** An {@link InputFailure} of one fault that has no line. */
export const badInput = (source: string, problem: string, remedy: string): InputFailure =>
  inputFailure({ source, problem, remedy });

/** An InputFailure where there is any fault. */
export const noneOf = (faults: readonly Fault[]): E.Either<InputFailure, void> => {
  const [first, ...rest] = faults;
  return first === undefined ? E.right(undefined) : E.left(inputFailure(first, ...rest));
};

/** Builds an {@link EngineFailure}. */
export const engineFailure = (
  engine: string,
  problem: string,
  remedy: string,
  kernel?: string,
): EngineFailure => ({
  _tag: 'EngineFailure',
  engine,
  problem,
  remedy,
  ...present({ kernel }),
});

/** What everything asked of an engine after its end fails with, its programs' runs as well as what is to be loaded. */
export const closedInUse = (engine: string): EngineFailure =>
  engineFailure(
    engine,
    'the engine was closed while it was in use',
    'Close it when what runs on it has ended, or open another',
  );

/** Builds a {@link NumericalFailure}. */
export const numericalFailure = (during: string, problem: string, remedy: string): NumericalFailure => ({
  _tag: 'NumericalFailure',
  during,
  problem,
  remedy,
});

const place = (fault: Fault): string =>
  [
    fault.source,
    ...(fault.line === undefined ? [] : [`line ${fault.line}`]),
    ...(fault.column === undefined ? [] : [`column ${fault.column}`]),
  ].join(', ');

/** One line of text a fault: where, what, and what to change. What a terminal must not see is escaped. */
export const showFailure = (failure: Failure): string => {
  switch (failure._tag) {
    case 'InputFailure':
      return failure.faults.map((f) => printableLine(`${place(f)}: ${f.problem}. ${f.remedy}.`)).join('\n');
    case 'EngineFailure':
      return printableLine(
        `engine ${failure.engine}${failure.kernel === undefined ? '' : `, kernel ${failure.kernel}`}: ${failure.problem}. ${failure.remedy}.`,
      );
    case 'NumericalFailure':
      return printableLine(`${failure.during}: ${failure.problem}. ${failure.remedy}.`);
    case 'Interrupted':
      return printableLine(`${failure.during}: interrupted.`);
  }
};
