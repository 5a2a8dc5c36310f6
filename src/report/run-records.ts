/**
 * Is each line of a file of results a record that can be reported? Lines of JSON, one record each; empty lines are passed
 * over, and metrics of one experiment are of one kind. All lines that are not are told, up to the first five.
 */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';
import { measuresOf } from '../learning/measures.js';
import { recordOfLine, type RunRecord } from '../learning/record.js';

const mostFaults = 5;

/** What the codec lets pass and a report cannot use. */
const faultOf = (record: RunRecord): O.Option<string> => {
  const { seed, round, labels, jointMutualInformation: information, metrics, seconds, picture } = record;
  const numbers = {
    seed,
    ...Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`metrics.${name}`, value])),
    ...(information === null
      ? {}
      : {
          'jointMutualInformation.batch': information.batch,
          'jointMutualInformation.greedy': information.greedy,
        }),
    ...(picture === null ? {} : { 'picture.grid': picture.grid[0] ?? Number.NaN }),
  };
  const unbounded = Object.entries(numbers).find(([, value]) => !Number.isFinite(value));
  if (unbounded !== undefined) return O.some(`${unbounded[0]} is not a finite number`);
  if (!Number.isInteger(round) || round < 0) return O.some('round is not a whole number from 0 up');
  const positive = { labels, ...('rmse' in metrics ? { 'metrics.rmse': metrics.rmse } : {}) };
  const wrong = Object.entries(positive).find(([, value]) => !(value > 0 && value < Infinity));
  if (wrong !== undefined) return O.some(`${wrong[0]} is not a finite number above 0`);
  if (![seconds.fit, seconds.propose].every((value) => value >= 0 && value < Infinity))
    return O.some('seconds are not finite numbers from 0 up');
  if (picture === null) return O.none;
  const { grid, mean, standardDeviation, labelledInputs, labelledTargets } = picture;
  return Object.values(picture).flat().every(Number.isFinite) &&
    grid.length === mean.length &&
    grid.length === standardDeviation.length &&
    labelledInputs.length === labelledTargets.length
    ? O.none
    : O.some('the lists of picture have different lengths, or numbers that are not finite');
};

const readLine = (line: string): E.Either<string, RunRecord> =>
  pipe(
    recordOfLine(line),
    E.chain((record) =>
      pipe(
        faultOf(record),
        O.match(
          () => E.right(record),
          (fault) => E.left(fault),
        ),
      ),
    ),
  );

/**
 * The records of a text of JSON lines, in its order. An InputFailure of `source` that names the lines that are no records,
 * at most five, or says that there is none.
 */
export const readRunRecords = (
  source: string,
  text: string,
): E.Either<InputFailure, readonly RunRecord[]> => {
  const read = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, i) => ({ line: i + 1, text: line.trim() }))
    .filter((one) => one.text !== '')
    .map((one) => ({ line: one.line, result: readLine(one.text) }));
  const firsts = new Map<string, RunRecord>();
  const faults = read.flatMap(({ line, result }): readonly Fault[] => {
    const fault = (problem: string): readonly Fault[] => [
      { source, line, problem, remedy: 'Remove the line, or write the results again' },
    ];
    if (E.isLeft(result)) return fault(result.left);
    const { experiment, metrics } = result.right;
    const first = firsts.get(experiment);
    if (first === undefined) firsts.set(experiment, result.right);
    return first === undefined || measuresOf(first.metrics) === measuresOf(metrics)
      ? []
      : fault(`the metrics are of another kind than those of the first record of ${experiment}`);
  });
  const [first, ...others] = faults.slice(0, mostFaults);
  if (first !== undefined) return E.left(inputFailure(first, ...others));
  return read.length === 0
    ? E.left(
        inputFailure({ source, problem: 'there are no records', remedy: 'Give a file of results of a run' }),
      )
    : E.right(read.flatMap(({ result }) => (E.isRight(result) ? [result.right] : [])));
};
