/**
 * What the command line asks of the rooms behind it: engines, a batch for a posterior, and verifications. An argument of every
 * command, so that a spec can run a command without training anything.
 */
import type { TaskEither } from '#fp-ts/TaskEither';
import type { ProposalOptions } from '../acquisition/index.js';
import type { Proposal } from '../acquisition/strategy.js';
import type { Compiling, CpuOptions, Engine, EngineChoice } from '../engine/index.js';
import type { Failure } from '../failure.js';
import type { Problem } from '../gflownet/problem.js';
import type { WorkControl } from '../work.js';
import type { Key } from '../random/key.js';
import type { Posterior } from '../surrogate/posterior.js';
import type { BatchPlot } from '../report/batch-plot.js';
import type { VerificationPlot } from '../report/verification-plot.js';
import type { TargetAnswer, Uncertified } from '../verify/target-answer.js';
import type { VerificationControl, VerificationOptions } from '../verify/training.js';
import type { VerificationTrace } from '../verify/verification.js';
import type { UnitWorkers } from './unit-workers.js';

/** A machine that programs can run on. */
export interface Device {
  readonly engine: 'cpu' | 'webgpu';
  /** For people: `cpu`, or the adapter's name. */
  readonly description: string;
  readonly software: boolean;
}

/** The machines found here, and sentences about those that are not. */
export interface Devices {
  readonly devices: readonly Device[];
  readonly remarks: readonly string[];
}

/** The rooms behind the command line, as functions. */
export interface Services {
  readonly withEngine: <A>(
    choice: EngineChoice,
    use: (engine: Engine) => TaskEither<Failure, A>,
    compiling?: Compiling,
    settings?: CpuOptions,
  ) => TaskEither<Failure, A>;
  readonly listDevices: TaskEither<Failure, Devices>;
  /** Units of a run in threads of their own, where there can be such. */
  readonly unitWorkers?: UnitWorkers;
  readonly proposeBatch: (
    engine: Engine,
    posterior: Posterior,
    options: ProposalOptions,
  ) => TaskEither<Failure, Proposal>;
  /** What is known of a problem's target, for verifications with such options. */
  readonly answerFor: (
    problem: Problem,
    key: Key,
    control: WorkControl,
    how: { readonly engine: Engine },
  ) => TaskEither<Failure, TargetAnswer | Uncertified>;
  readonly verifyProblem: (
    engine: Engine,
    problem: Problem,
    options: VerificationOptions,
    key: Key,
    control: VerificationControl,
  ) => TaskEither<Failure, VerificationTrace>;
  readonly drawing: {
    /** Fails, saying what to install, where the packages that draw are missing: asked before the work. */
    readonly ready: TaskEither<Failure, unknown>;
    /** The text of an SVG file of a verification. */
    readonly svg: (plot: VerificationPlot) => TaskEither<Failure, string>;
    /** The text of an SVG file of a batch. */
    readonly batch: (plot: BatchPlot) => TaskEither<Failure, string>;
  };
}
