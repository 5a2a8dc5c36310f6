/** `batchgfn run`: strategies side by side in simulated active learning, from records that survive a stop. */
import { pipe } from '#fp-ts/function';
import * as O from '#fp-ts/Option';
import * as TE from '#fp-ts/TaskEither';
import { strategies } from '../../acquisition/index.js';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import { transferPolicies } from '../../learning/experiment/policy-transfer.js';
import type { Experiment, Unit } from '../../learning/experiment/experiment.js';
import { contenderNames } from '../../learning/experiment/policies.js';
import { experimentFrom, type ExperimentSource } from '../../learning/experiment/sources.js';
import { strategyOf } from '../../learning/experiment/strategy-name.js';
import { summaryOfRun } from '../../learning/experiment/summary.js';
import { unitsOf } from '../../learning/experiment/units.js';
import type { RunRecord } from '../../learning/record.js';
import { present } from '../../present.js';
import { command, type Context, printed, type Work } from '../command.js';
import { compilingShown } from '../progress.js';
import { aloneOnFile } from '../folder-lock.js';
import { appendRecord, orderedRecords, type RecordFile, resumeRecords } from '../record-file.js';
import { renderJson } from '../render.js';
import { experimentOf } from '../run-experiment.js';
import { runOptions, type RunOptions } from '../run-options.js';
import { renderRun } from '../run-text.js';
import { checkSame, unitsWorked } from '../units-worked.js';

/** All units, or the study of their seeds, from the records that there are. */
const worked = (
  engine: Engine,
  { source, experiment }: { readonly source: ExperimentSource; readonly experiment: Experiment },
  units: readonly Unit[],
  recorded: readonly RunRecord[],
  options: RunOptions,
  context: Context,
): TE.TaskEither<Failure, unknown> =>
  experiment.study === undefined
    ? unitsWorked(engine, source, units, recorded, options, context)
    : transferPolicies(
        engine,
        experiment,
        experiment.study,
        {
          seeds: units.map(({ seed }) => seed),
          names: options.policies ?? contenderNames(experiment.study.kind),
        },
        {
          onRecord: (record: RunRecord) => appendRecord(options.out, record),
          onProgress: context.progress,
          ...{ signal: context.signal, propose: context.services.proposeBatch, recorded },
        },
      );

/** The work of run. Everything that the user brought is checked before an engine is asked for. */
export const runWork =
  (options: RunOptions): Work =>
  (context) => {
    const { out, seeds, shard } = options;
    // A study is one piece of work a seed: that of the policy from which the others take their batches.
    const names = options.strategies ?? ['gflownet' as const];
    const units = unitsOf(names, seeds, shard);
    const onHost = names.every((name) =>
      pipe(
        strategyOf(name),
        O.exists(({ acquisition }) => strategies[acquisition].onHost),
      ),
    );
    const { services, progress } = context;
    const resumed = (source: ExperimentSource): TE.TaskEither<Failure, RecordFile> =>
      pipe(
        TE.Do,
        TE.let('source', () => source),
        TE.let('experiment', () => experimentFrom(source)),
        TE.bindW('file', () => resumeRecords(out)),
        TE.chainFirstEitherKW(({ experiment, file }) => checkSame(out, file.records, () => experiment)),
        TE.mapLeft((failure): Failure => failure),
        TE.chainFirstIOK(
          ({ file }) =>
            () =>
              file.remarks.forEach(context.remark),
        ),
        TE.chainFirst(({ file, ...of }) =>
          services.withEngine(
            onHost ? 'cpu' : options.engine,
            (engine) => worked(engine, of, units, file.records, options, context),
            compilingShown(progress),
            present({ threads: options.threads }),
          ),
        ),
        TE.chainW(() => orderedRecords(out, units)),
      );
    return pipe(
      experimentOf(options, context),
      TE.chain((source) => aloneOnFile(out, resumed(source))),
      TE.map(({ records }) => summaryOfRun(records)),
      TE.map(options.json ? renderJson : renderRun),
      TE.map(printed),
    );
  };

/** The command, with its options and help. */
export const run = command({
  name: 'run',
  description:
    'Compare strategies in simulated active learning. A run that was stopped goes on when it is started again.',
  examples: [
    {
      description: 'two strategies on ten splits of a table',
      command: 'batchgfn run --preset toy-regression --strategies greedy,random --seeds 10 -o runs.jsonl',
    },
  ],
  args: runOptions,
  handler: runWork,
});
