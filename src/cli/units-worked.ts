/** How are units of simulated experiments done, from the records that there are? One by one, or side by side on threads. */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Engine } from '../engine/engine.js';
import { defaultThreads } from '../engine/index.js';
import { type Failure, inputFailure, type InputFailure } from '../failure.js';
import type { Experiment, Unit } from '../learning/experiment/experiment.js';
import { simulate } from '../learning/experiment/simulate.js';
import { experimentFrom, type ExperimentSource } from '../learning/experiment/sources.js';
import type { RunRecord } from '../learning/record.js';
import type { Context } from './command.js';
import { appendRecord } from './record-file.js';

/** An InputFailure for the first record that is of no experiment that it may be of. */
export const checkSame = (
  file: string,
  records: readonly RunRecord[],
  experimentOf: (record: RunRecord) => Pick<Experiment, 'name' | 'fingerprint'> | undefined,
): E.Either<InputFailure, void> => {
  const at = records.findIndex((record) => {
    const own = experimentOf(record);
    return record.experiment !== own?.name || record.fingerprint !== own.fingerprint;
  });
  return at < 0
    ? E.right(undefined)
    : E.left(
        inputFailure({
          source: file,
          line: at + 1,
          problem: `the record is of another experiment (${records[at]?.experiment ?? ''}) or other settings`,
          remedy: 'Give another --out, or the settings that the file was begun with',
        }),
      );
};

/** Units of one experiment, on as many threads as the CPU engine would have: those whose records are not all in the file. */
export const unitsWorked = (
  engine: Engine,
  source: ExperimentSource,
  units: readonly Unit[],
  records: readonly RunRecord[],
  { out, threads = defaultThreads() }: { readonly out: string; readonly threads?: number | undefined },
  { signal, services: { unitWorkers, proposeBatch: propose }, progress: onProgress }: Context,
): TE.TaskEither<Failure, unknown> => {
  const control = { onRecord: (record: RunRecord) => appendRecord(out, record), onProgress, signal };
  const experiment = experimentFrom(source);
  const left = units
    .map((unit) => ({
      unit,
      recorded: records.filter(({ strategy, seed }) => strategy === unit.strategy && seed === unit.seed),
    }))
    .filter(({ recorded }) => recorded.length <= experiment.rounds);
  if (engine.kind === 'cpu' && unitWorkers !== undefined && Math.min(threads, left.length) > 1)
    return unitWorkers(source, left, threads, control);
  return pipe(
    left,
    TE.traverseSeqArray(({ unit, recorded }) =>
      simulate(engine, experiment, unit, { ...control, propose, recorded }),
    ),
  );
};
