/** What is wrong with an event in the state that it meets? The state itself is session.ts. */
import { quoted } from '../../data/read-number.js';
import type { Fault } from '../../failure.js';
import { faultOfLabel } from './class-labels.js';
import type { SessionEvent } from './events.js';
import type { Session } from './session.js';
import { faultOfTarget, isLabelledIn } from './targets.js';

/** What is wrong with a row that is none of the session's. */
export const noSuchRow: Omit<Fault, 'source'> = {
  problem: 'the session has no such row',
  remedy: 'Give a row by its number in the file that the session was made from',
};

/** The faults of rows that are to be in a session, each once. */
export const faultsOfRows = (
  { start }: Pick<Session, 'start'>,
  rows: readonly number[],
  source: (row: number) => string,
): readonly Fault[] => {
  const known = new Set(start.rows);
  const seen = new Set<number>();
  return rows.flatMap((row): readonly Fault[] => {
    const twice = seen.has(row);
    seen.add(row);
    if (!known.has(row)) return [{ source: source(row), ...noSuchRow }];
    return twice
      ? [{ source: source(row), problem: 'the row is given twice', remedy: 'Give each row once' }]
      : [];
  });
};

/** The texts by which the rows of a session are known: their names, or their numbers. */
export const knownNames = ({ start: { rows, rowNames } }: Pick<Session, 'start'>): readonly string[] =>
  rowNames?.texts ?? rows.map(String);

/** The faults of rows that join a session: each is new, has all features and a name of its own. */
const faultsOfAdded = (
  session: Session,
  { rows, features, names, cells = [] }: Extract<SessionEvent, { readonly event: 'added' }>,
): readonly Fault[] => {
  const { start } = session;
  const fault = (problem: string, remedy: string): Fault => ({ source: 'rows that join', problem, remedy });
  const numbers = new Set([...start.rows, ...rows]);
  const all = new Set([...knownNames(session), ...names]);
  return [
    ...(features.length === rows.length && names.length === rows.length
      ? []
      : [
          fault(
            `${rows.length} rows have ${features.length} lists of features and ${names.length} names`,
            'Give one of each',
          ),
        ]),
    ...cells
      .filter(({ texts }) => texts.length !== rows.length)
      .map(({ column, texts }) =>
        fault(`${rows.length} rows have ${texts.length} cells of ${quoted(column)}`, 'Give one of each'),
      ),
    ...(numbers.size === start.rows.length + rows.length
      ? []
      : [fault('one has a number that is another row’s', 'Give each row a number of its own')]),
    ...(all.size === start.rows.length + names.length && !names.includes('')
      ? []
      : [fault('one has no name, or one that is another row’s', 'Give each row a name of its own')]),
    ...(features.every(({ length }) => length === start.featureNames.length)
      ? []
      : [fault(`one has not ${start.featureNames.length} features`, 'Give as many as the session has')]),
  ];
};

const changedByHand = 'The journal was changed by hand: bring back the one that was written';

/** A row as faults name it. */
export const rowNamed = (row: number): string => `row ${row}`;

/** The faults of labels: of their target, their rows, and what they are. */
const faultsOfTold = (
  session: Session,
  { labels, target }: Extract<SessionEvent, { readonly event: 'told' }>,
): readonly Fault[] => {
  const { start } = session;
  const unknown = faultOfTarget(start, target);
  return [
    ...(unknown === undefined ? [] : [unknown]),
    ...faultsOfRows(
      session,
      labels.map(([row]) => row),
      rowNamed,
    ),
    ...labels.flatMap(([row, label]) => {
      const fault = faultOfLabel({ ...start, targetName: target ?? start.targetName }, label);
      return fault === undefined ? [] : [{ source: rowNamed(row), ...fault }];
    }),
  ];
};

/** The faults of an event in the state it meets. */
export const faultsOf = (session: Session, event: SessionEvent): readonly Fault[] => {
  const isLabelled = isLabelledIn(session);
  switch (event.event) {
    case 'told':
      return faultsOfTold(session, event);
    case 'skipped':
      return [
        ...faultsOfRows(session, event.rows, rowNamed),
        ...event.rows.filter(isLabelled).map((row) => ({
          source: rowNamed(row),
          problem: 'the row has a label already',
          remedy: 'Leave it out; a label can be corrected by telling another',
        })),
      ];
    case 'asked':
      return [
        ...faultsOfRows(session, event.rows, rowNamed),
        ...event.rows
          .filter((row) => isLabelled(row) || session.skipped.has(row))
          .map((row) => ({
            source: rowNamed(row),
            problem: 'it was asked for although it is labelled or refused',
            remedy: changedByHand,
          })),
        ...(session.pending.length === 0
          ? []
          : [
              {
                source: 'asked',
                problem: 'a batch was asked for while another was pending',
                remedy: changedByHand,
              },
            ]),
      ];
    case 'added':
      return faultsOfAdded(session, event);
    case 'ahead':
      return [
        ...faultsOfRows(session, event.rows, rowNamed),
        ...(session.trained && session.pending.length > 0
          ? []
          : [
              {
                source: 'ahead',
                problem: 'a policy was trained ahead of labels while none was kept, or none were pending',
                remedy: changedByHand,
              },
            ]),
      ];
  }
};
