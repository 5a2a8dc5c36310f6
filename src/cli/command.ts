/**
 * What is a command? A function from its decoded options to a description of the work, which program.ts runs once.
 * Work touches the world through its context alone, so a spec can run it with a context of its own.
 */
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Progress } from '../acquisition/strategy.js';
import type { Failure } from '../failure.js';
import type { Services } from './contract.js';

/** What work may use. */
export interface Context {
  readonly services: Services;
  /** Tells the user a sentence on stderr. */
  readonly remark: (sentence: string) => void;
  /** Shows how far the work is, on stderr, if that is a terminal. */
  readonly progress: (progress: Progress) => void;
  /** Aborted when the user presses Ctrl-C. */
  readonly signal: AbortSignal;
}

/** What work prints, and what it was asked to reach and did not: sentences for stderr, and exit code 1. */
export interface Printed {
  readonly text: string;
  readonly shortfalls: readonly string[];
}

/** Text for stdout, with nothing fallen short. */
export const printed = (text: string): Printed => ({ text, shortfalls: [] });

/** The work of one command. */
export type Work = (context: Context) => TaskEither<Failure, Printed>;
