/**
 * Which limits do batches have? A budget, with a column of what rows cost, and at most so many rows of one group, with a column of groups
 * (acquisition/batch-limits.ts). The options, and what they come to on a pool.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { proposeBatch } from '../acquisition/index.js';
import { type Limits, proposeWithin } from '../acquisition/batch-limits.js';
import { at } from '../at.js';
import { faultList } from '../data/fault-list.js';
import type { LabelledPool } from '../data/labelled-pool.js';
import { quoted } from '../data/read-number.js';
import { numbersOf, textAt, type Table } from '../data/table.js';
import { badInput, type Failure, inputFailure, type InputFailure } from '../failure.js';
import type { SessionStart } from '../learning/session/events.js';
import { type Asked, strategyOfOptions } from '../learning/usual-strategy.js';
import { positiveInteger, positiveNumber, text } from './decoders.js';
import { optional } from './options.js';

/** Decoded options of limits. */
export interface LimitChoice {
  readonly cost?: string | undefined;
  readonly budget?: number | undefined;
  readonly atMost?: number | undefined;
  readonly per?: string | undefined;
}

const column = text('the name of a column', 'Name a column as in the header');

/** The options with their help. */
export const limitOptions = {
  cost: optional(
    {
      long: 'cost',
      placeholder: 'COLUMN',
      description: 'with --budget, the column of what a row costs to label, above 0',
    },
    column,
  ),
  budget: optional(
    {
      long: 'budget',
      placeholder: 'X',
      description: 'what the batch may cost, in place of its size (greedy by gain per unit of cost)',
    },
    positiveNumber(100),
  ),
  atMost: optional(
    {
      long: 'at-most',
      placeholder: 'K',
      description: 'with --per, rows of one plate, site or patient in a batch',
    },
    positiveInteger(2),
  ),
  per: optional(
    { long: 'per', placeholder: 'COLUMN', description: 'with --at-most, the column of groups' },
    column,
  ),
};

/** Which of the options goes with which. */
const pairs = [
  ['cost', '--cost', 'budget', '--budget X'],
  ['budget', '--budget', 'cost', '--cost COLUMN'],
  ['atMost', '--at-most', 'per', '--per COLUMN'],
  ['per', '--per', 'atMost', '--at-most K'],
] as const;

/** An InputFailure for half of a pair, and for limits that the strategy does not keep. */
export const checkLimits = (choice: LimitChoice & Asked): E.Either<InputFailure, void> => {
  const half = pairs.find(([given, , other]) => choice[given] !== undefined && choice[other] === undefined);
  if (half !== undefined)
    return E.left(
      badInput(half[1], `it goes with ${half[3]}, which is missing`, `Add ${half[3]}, or remove it`),
    );
  const first = pairs.find(([given]) => choice[given] !== undefined);
  if (first === undefined) return E.right(undefined);
  const acquisition = strategyOfOptions({ ...choice, candidates: undefined });
  if (acquisition !== 'greedy')
    return E.left(
      badInput(
        first[1],
        `--acquisition ${acquisition} draws batches of a size, and knows no other limits`,
        'Add --acquisition greedy',
      ),
    );
  return choice.candidates === undefined
    ? E.right(undefined)
    : E.left(badInput('--candidates', 'within limits all of the pool is looked at', 'Remove it'));
};

/** The limits of a pool by its table; undefined where there are none. An InputFailure for costs that are no numbers above 0. */
export const limitsOf = (
  { budget, atMost }: LimitChoice,
  table: Table,
  { cost, per, pool: { places } }: Pick<LabelledPool, 'cost' | 'per' | 'pool'>,
): E.Either<InputFailure, Limits | undefined> => {
  if (cost === undefined && per === undefined) return E.right(undefined);
  const faults = faultList(table.source, table.rowKind);
  const all = cost && numbersOf(cost.cells);
  const costs = all && Float64Array.from(places, (row) => all[row] ?? NaN);
  costs?.forEach((own, i) => {
    const row = places[i] ?? -1;
    if (cost !== undefined && !(own > 0))
      faults.add(
        {
          ...{ source: table.source, line: at(table.lines, row), column: cost.name },
          problem: `${quoted(textAt(cost.cells, row))} is no cost`,
          remedy: 'Give a number above 0',
        },
        'no cost',
      );
  });
  const numbers = new Map<string, number>();
  const groups =
    per &&
    places.map((row) => {
      const group = textAt(per.cells, row).trim();
      const number = numbers.get(group) ?? numbers.size;
      numbers.set(group, number);
      return number;
    });
  return faults.unless({
    ...(costs === undefined || budget === undefined ? {} : { costs, budget }),
    ...(groups === undefined || atMost === undefined ? {} : { groups, atMost }),
  });
};

/** Options of a session: its columns are named at its start, and limits with each batch. */
export const columnsOfLimits = {
  cost: optional(
    {
      ...{ long: 'cost', placeholder: 'COLUMN' },
      description: 'the column of what a row costs to label, above 0, for ask --budget',
    },
    column,
  ),
  per: optional(
    {
      ...{ long: 'per', placeholder: 'COLUMN' },
      description: 'the column of groups, a plate or a site, for ask --at-most',
    },
    column,
  ),
};

/** An InputFailure for columns of limits that the strategy of a session does not keep. */
export const checkColumnsOfLimits = ({
  cost,
  per,
  ...choice
}: LimitChoice & Parameters<typeof checkLimits>[0]): E.Either<InputFailure, void> =>
  checkLimits({
    ...choice,
    ...{ cost, budget: cost === undefined ? undefined : 1, per, atMost: per === undefined ? undefined : 1 },
  });

/** Limits of a batch that a session is asked for. */
export type AskedLimits = Pick<LimitChoice, 'budget' | 'atMost'>;

/** Their options. */
export const askedLimitOptions = {
  budget: optional(
    {
      ...{ long: 'budget', placeholder: 'X' },
      description: 'what the batch may cost, in place of its size, where init was given --cost',
    },
    positiveNumber(100),
  ),
  atMost: optional(
    {
      ...{ long: 'at-most', placeholder: 'K' },
      description: 'rows of one group in the batch, where init was given --per',
    },
    positiveInteger(2),
  ),
};

/** The limits of a pool of a session, some of its rows, which rows of parts may stand beside; undefined where none are asked for. */
export const limitsOfSession = (
  { rows, costs, groups }: Pick<SessionStart, 'rows' | 'costs' | 'groups'>,
  pool: readonly number[],
  { budget, atMost }: AskedLimits,
  beside: boolean,
): E.Either<InputFailure, Limits | undefined> => {
  const given = budget === undefined ? '--at-most' : '--budget';
  if (budget === undefined && atMost === undefined) return E.right(undefined);
  if (beside)
    return E.left(
      badInput(given, 'candidates of parts have neither costs nor groups', 'Remove one of the two'),
    );
  const lacking =
    budget !== undefined && costs === undefined
      ? badInput('--budget', 'the session does not know what rows cost', 'Begin one with init --cost COLUMN')
      : atMost !== undefined && groups === undefined
        ? badInput('--at-most', 'the session knows no groups of rows', 'Begin one with init --per COLUMN')
        : undefined;
  if (lacking !== undefined) return E.left(lacking);
  const places = new Map(rows.map((row, i) => [row, i]));
  const at = pool.map((row) => places.get(row) ?? -1);
  const names = Array.from(new Set(groups?.texts));
  return E.right({
    ...(budget === undefined || costs === undefined
      ? {}
      : { budget, costs: Float64Array.from(at, (i) => costs.values[i] ?? NaN) }),
    ...(atMost === undefined || groups === undefined
      ? {}
      : { atMost, groups: at.map((i) => names.indexOf(groups.texts[i] ?? '')) }),
  });
};

/** No row costs as little as the budget. */
export const nothingWithin = (): Failure =>
  inputFailure({
    source: '--budget',
    problem: 'no row of the pool that would tell something costs as little',
    remedy: 'Give a larger one',
  });

/** A proposal within limits, where there are any. */
export const proposingWithin = (
  limits: Limits | undefined,
  propose: typeof proposeBatch,
): typeof proposeBatch =>
  limits === undefined
    ? propose
    : (engine, posterior, options) =>
        pipe(
          proposeWithin(engine, posterior, limits, options),
          TE.filterOrElse(({ best }) => best.indices.length > 0, nothingWithin),
        );
