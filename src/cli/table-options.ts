/** How does the user say what a table's columns are? The options of every command that learns from a table, and what they come to. */
import type { DecimalMark } from '../data/decimal-comma.js';
import type { TableReading } from '../data/labelled-pool.js';
import type { TableFormat } from '../data/table-format.js';
import { type MissingPolicy, missingPolicies } from '../data/missing.js';
import { present } from '../present.js';
import { nameList, oneName, oneOf, text } from './decoders.js';
import { gathered, optional } from './options.js';
import { decimal, delimiter, format } from './table-file.js';

/** What is said of the columns of a table. */
export interface ColumnChoice {
  /** All other columns if left out. */
  readonly features: readonly string[] | undefined;
  /** Further features, each by its name as it is. */
  readonly feature: readonly string[] | undefined;
  readonly drop: readonly string[] | undefined;
  readonly id: string | undefined;
  readonly categorical: readonly string[] | undefined;
  readonly dates: readonly string[] | undefined;
  readonly missing: MissingPolicy | undefined;
}

/** What is said of the file. Found if left out. */
export interface FileChoice {
  readonly delimiter: string | undefined;
  readonly decimal: DecimalMark | undefined;
  readonly format: TableFormat | undefined;
}

/** What is said of a table. */
export interface TableChoice extends ColumnChoice, FileChoice {}

const column = text('the name of a column', 'Name a column as in the header');

/** Options of any table. */
export const fileOptions = { format, delimiter, decimal };

/** Options of a table that is learnt from. */
export const tableOptions = {
  features: optional(
    {
      long: 'features',
      placeholder: 'A,B,C',
      description: 'the columns that describe a row (all others if left out); "a, b" in quotes for a comma',
      once: 'Give it once, with commas between the names',
    },
    nameList,
  ),
  feature: gathered(
    {
      long: 'feature',
      placeholder: 'COLUMN',
      description: 'a column that describes a row, its name as it is; may be given again',
    },
    oneName,
  ),
  drop: gathered(
    {
      long: 'drop',
      placeholder: 'A,B,C',
      description: 'columns that are passed over; may be given again',
    },
    nameList,
  ),
  id: optional(
    {
      long: 'id',
      placeholder: 'COLUMN',
      description: 'the column that names the rows (one of different texts in every row if left out)',
    },
    column,
  ),
  categorical: gathered(
    {
      long: 'categorical',
      placeholder: 'A,B,C',
      description: 'columns of kinds: an indicator a kind (text of few kinds if left out)',
    },
    nameList,
  ),
  dates: gathered(
    {
      long: 'dates',
      placeholder: 'A,B,C',
      description: 'columns of dates, as days since 1970 (left out and shown if not named)',
    },
    nameList,
  ),
  missing: optional(
    {
      long: 'missing',
      placeholder: 'WHAT',
      description: 'of features that are empty or NA: error, drop the row, or the median (error if left out)',
    },
    oneOf(missingPolicies),
  ),
  ...fileOptions,
};

/** The names of the options of a table, as a program has them. */
export const tableOptionNames = Object.keys(tableOptions) as readonly (keyof TableChoice)[];

/** The options of a table, of which none is given. */
export const plainTable: TableChoice = {
  ...{ features: undefined, feature: undefined, drop: undefined, id: undefined, categorical: undefined },
  ...{ dates: undefined, missing: undefined, format: undefined, delimiter: undefined, decimal: undefined },
};

/** The features by name, as far as they were named. */
const featuresOf = ({
  features,
  feature,
}: Pick<ColumnChoice, 'features' | 'feature'>): readonly string[] | undefined =>
  features === undefined && feature === undefined ? undefined : [...(features ?? []), ...(feature ?? [])];

/** How a table is to be understood by the options. */
export const readingOf = (
  target: string,
  { drop, id, categorical, dates, missing, ...names }: ColumnChoice,
): TableReading => ({
  target,
  ...present({ features: featuresOf(names), drop, id, categorical, dates, missing }),
});
