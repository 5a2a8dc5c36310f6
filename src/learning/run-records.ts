/**
 * What are the records in a file of results? Lines of JSON, one record each, of one experiment with metrics of one kind, and none of
 * them differs from another of the same round. All that reads such a file, to go on with it, to merge it or to report it, reads it here.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import { listed } from '../data/columns.js';
import { faultList } from '../data/fault-list.js';
import { inputFailure, type InputFailure } from '../failure.js';
import { decodeLines, type Entry } from './decoding.js';
import { grouped } from './grouped.js';
import { measuresOf } from './measures.js';
import { lastingText, placeOf, recordOfLine, type RunRecord } from './record.js';

const remedy = 'Give a file that batchgfn run wrote, or remove the line';

/** What two records of one file must not differ in, but for their seconds. */
const keyOf = ({ experiment, fingerprint, strategy, seed, round }: RunRecord): string =>
  JSON.stringify([experiment, fingerprint, strategy, seed, round]);

/** The same record twice is one; two different ones are a fault of the second. */
const checkTwice = (
  source: string,
  entries: readonly Entry<RunRecord>[],
): E.Either<InputFailure, readonly Entry<RunRecord>[]> => {
  const faults = faultList(source);
  const before = new Map<string, Entry<RunRecord>>();
  for (const entry of entries) {
    const { line, value } = entry;
    const other = before.get(keyOf(value));
    if (other === undefined) before.set(keyOf(value), entry);
    else if (lastingText(other.value) !== lastingText(value))
      faults.add(
        {
          ...{ source, line },
          problem: `there are two different records of ${placeOf(value)}; the other is on line ${other.line}`,
          remedy: 'Remove one of them, or make both again on one kind of engine',
        },
        'twice',
      );
  }
  return faults.unless(entries);
};

/** The targets that metrics are of, where they are several. */
const targetsIn = ({ metrics }: RunRecord): readonly string[] =>
  'outputs' in metrics ? metrics.outputs.map(({ target }) => target) : [];

const checkKinds = (
  source: string,
  entries: readonly Entry<RunRecord>[],
): E.Either<InputFailure, readonly Entry<RunRecord>[]> => {
  const faults = faultList(source);
  const firsts = new Map<string, RunRecord>();
  for (const { line, value } of entries) {
    const first = firsts.get(value.experiment);
    const [targets, kind] = [targetsIn(value), measuresOf(value.metrics)];
    if (first === undefined) firsts.set(value.experiment, value);
    const problem =
      first !== undefined && measuresOf(first.metrics) !== kind
        ? `the metrics are of another kind than those of the first record of ${value.experiment}`
        : first !== undefined && targetsIn(first).join('\n') !== targets.join('\n')
          ? `the metrics are of ${listed(targets)}, and those of the first record of ${value.experiment} of ${listed(targetsIn(first))}`
          : 'outputs' in value.metrics && (targets.length < 2 || new Set(targets).size < targets.length)
            ? 'the metrics are not of several different targets'
            : undefined;
    if (problem !== undefined) faults.add({ ...{ source, line, remedy }, problem }, 'kind');
  }
  return faults.unless(entries);
};

/**
 * Sentences about experiments whose records of one seed were made under different settings, so that they may be of different labels. A
 * generated table is another one of each seed.
 */
export const differentSettings = (source: string, records: readonly RunRecord[]): readonly string[] =>
  Array.from(
    grouped(records, ({ experiment }) => experiment),
    ([experiment, own]) => {
      const ofSeeds = Array.from(grouped(own, ({ seed }) => seed).values());
      return [
        experiment,
        Math.max(...ofSeeds.map((of) => new Set(of.map(({ fingerprint }) => fingerprint)).size)),
      ] as const;
    },
  )
    .filter(([, count]) => count > 1)
    .map(
      ([experiment, count]) =>
        `${source}: the records of ${experiment} were made under ${count} different settings, of which the target may be one.`,
    );

/** The records in lines, in their order; there may be none. An InputFailure of `source` that names the lines that are no records. */
export const recordsOfLines = (
  source: string,
  lines: Iterable<string>,
): E.Either<InputFailure, readonly RunRecord[]> =>
  pipe(
    decodeLines(source, lines, recordOfLine, remedy),
    E.chain((entries) => checkKinds(source, entries)),
    E.chain((entries) => checkTwice(source, entries)),
    E.map((entries) => entries.map(({ value }) => value)),
  );

/** An InputFailure of `source` where there are no records. */
export const someRecords = (
  source: string,
  records: readonly RunRecord[],
): E.Either<InputFailure, readonly RunRecord[]> =>
  records.length > 0
    ? E.right(records)
    : E.left(
        inputFailure({ source, problem: 'there are no records', remedy: 'Give a file of results of a run' }),
      );

/** The records of a text, at least one, with or without a byte order mark. */
export const readRunRecords = (source: string, text: string): E.Either<InputFailure, readonly RunRecord[]> =>
  pipe(
    recordsOfLines(source, (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n')),
    E.chain((records) => someRecords(source, records)),
  );
