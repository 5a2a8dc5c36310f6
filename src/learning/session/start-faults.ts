/** What is wrong with the start of a session whose values are of the kinds that they should be? The state itself is session.ts. */
import { strategies } from '../../acquisition/index.js';
import { unusedSettings } from '../../acquisition/settings.js';
import type { Fault } from '../../failure.js';
import { faultsOfClassNames } from './class-labels.js';
import { faultsOf, faultsOfRows, rowNamed } from './event-faults.js';
import type { SessionStart } from './events.js';
import type { Session } from './session.js';
import { faultsOfTargets, labelsOfStart, targetsOf } from './targets.js';

/** The faults of names of rows, and of what is shown with them. */
const faultsOfTexts = ({ rows, rowNames, shown = [], costs, groups }: SessionStart): readonly Fault[] => [
  ...[
    ...[rowNames, groups, ...shown].flatMap((one) =>
      one === undefined ? [] : [{ column: one.column, of: 'texts', length: one.texts.length }],
    ),
    ...(costs === undefined ? [] : [{ column: costs.column, of: 'costs', length: costs.values.length }]),
  ]
    .filter(({ length }) => length !== rows.length)
    .map(({ column, of, length }) => ({
      source: column,
      problem: `there are ${length} ${of} of ${rows.length} rows`,
      remedy: 'Give one for every row',
    })),
  ...(rowNames === undefined || new Set(rowNames.texts.filter((name) => name !== '')).size === rows.length
    ? []
    : [
        {
          source: rowNames.column,
          problem: 'a name of a row is empty, or given twice',
          remedy: 'Give each row a name of its own',
        },
      ]),
];

/** The faults of a start whose values are of the kinds that they should be. */
export const faultsOfStart = (session: Session): readonly Fault[] => {
  const { start } = session;
  const ragged = start.features.findIndex((row) => row.length !== start.featureNames.length);
  return [
    ...unusedSettings(strategies[start.acquisition], start.settings).map((name) => ({
      source: `settings.${name}`,
      problem: `${start.acquisition} has no use for it`,
      remedy: 'Leave it out, or give a strategy that takes it',
    })),
    ...faultsOfClassNames(start),
    ...faultsOfTexts(start),
    ...faultsOfRows(session, start.rows, rowNamed),
    ...faultsOfTargets(start),
    ...labelsOfStart(start).flatMap((labels, j) =>
      faultsOf(session, { event: 'told', labels, target: targetsOf(start)[j] ?? '' }),
    ),
    ...(start.features.length === start.rows.length && ragged < 0
      ? []
      : [
          {
            source: 'features',
            problem: `they are not ${start.rows.length} rows of ${start.featureNames.length}`,
            remedy: 'Give as many features for every row as there are names',
          },
        ]),
  ];
};
