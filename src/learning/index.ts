/**
 * `batchgfn/learning`: active learning over many rounds. Sessions that are asked and told, training while labels are pending,
 * simulated experiments. Nothing here touches a file.
 */

// A session: an immutable value.
export { ask, type Answer, type AskOptions } from './session/ask.js';
export type { CandidateRows } from './session/joining.js';
export type { SessionOutput } from './session/outputs.js';
export { scanPart, type PartScan } from './session/part.js';
export { trainAheadOfLabels, type AheadOptions } from './session/ahead.js';
export { decodeSession, encodeSession, type EncodedSession } from './session/encode.js';
export {
  sessionEventCodec,
  sessionStartCodec,
  type Elsewhere,
  type PredictionsFile,
  type SessionEvent,
  type SessionStart,
} from './session/events.js';
export { poolOf, sessionFrom, skip, tell, type Session } from './session/session.js';

// What a batch is chosen by, and what it is expected to do.
export { expectationOf, type Expectation } from './expectation.js';
export { standInRemarks, strategyGiven, type Beginning } from './cold-strategy.js';
export { fitForBatch, type BatchSurrogate, type FittedForBatch, type HeldOut } from './fit-for-batch.js';

// A batch whose points are measured in several outputs.
export { informationOfOutputs, proposeForOutputs, type Output, type OutputsOptions } from './outputs.js';

// What a batch may cost, and how much of it may be of one group.
export { proposeWithin, type Limits } from '../acquisition/batch-limits.js';

// Lookahead: policies for posteriors that may come.
export { afterBatch } from './lookahead/hypothetical.js';
export { anchoredAt, type AnchoredPolicy } from './lookahead/anchored-policy.js';
export { afterFantasies } from './lookahead/fantasies.js';
export {
  hypotheticalBatch,
  trainAfter,
  trainAhead,
  type BatchSource,
  type LookaheadOptions,
  type TrainAfterOptions,
} from './lookahead/train-ahead.js';
export { trainAcross, type AcrossOptions, type AnchoredProblem } from './lookahead/train-across.js';
export { alignTo } from './lookahead/align.js';

// Simulated active learning.
export type { Experiment, LabelledRows, NamedTargets, SplitData, Unit } from './experiment/experiment.js';
export { mergeRecords, type Merged } from './experiment/merge.js';
export { presets, type PresetName, type PresetSizes } from './experiment/presets.js';
export { simulate, type SimulationControl } from './experiment/simulate.js';
export { presetExperiment, tableExperiment, type TableExperiment } from './experiment/sources.js';
export { summaryOfRun, type RunSummary } from './experiment/summary.js';
export { runRecordCodec, type RunRecord } from './record.js';
