/** What is told of the several targets of a session: how many labels each has, what rows lack, and what is expected of each. */
import * as O from '#fp-ts/Option';
import { at } from '../at.js';
import { partsOf } from '../data/text-list.js';
import type { SessionOutput } from '../learning/session/outputs.js';
import type { Expectation } from '../learning/expectation.js';
import type { Session } from '../learning/session/session.js';
import {
  isLabelledIn,
  labelsByTarget,
  labelsOfStart,
  lackedIn,
  targetsOf,
} from '../learning/session/targets.js';
import { present } from '../present.js';
import { reportedSurrogate } from './reported-surrogate.js';
import { labelsTellScale } from './expected-words.js';
import type { FittedOutput } from './fit-posterior.js';
import { labelledTable, type LabelText } from '../data/table-writing.js';
import type { TableText } from '../data/table-text.js';

/** The targets as one text. */
export const targetInWords = ({ start }: Pick<Session, 'start'>): string => targetsOf(start).join(', ');

/** The target that a word names: as it is, or in quotes as in a list of several. */
export const targetMeant = (start: Session['start'], word: string | undefined): string | undefined => {
  const names = targetsOf(start);
  const [own, ...others] = word === undefined ? [] : O.getOrElse((): readonly string[] => [])(partsOf(word));
  return word === undefined || names.includes(word) || own === undefined || others.length > 0 ? word : own;
};

/** How far a target has come. */
export interface TargetStatus {
  readonly target: string;
  readonly labelled: number;
  /** What the last batch was expected to do for its predictions, where that is known. */
  readonly expected?: Expectation;
}

/** How far each of several targets has come; undefined where there is one. */
export const statusOfTargets = (session: Session): readonly TargetStatus[] | undefined => {
  const { start, events, then } = session;
  if (start.furtherTargets === undefined) return undefined;
  const asked = events.findLast((event) => event.event === 'asked');
  const [now, before] = [labelsByTarget(session), labelsByTarget(then)];
  return targetsOf(start).map((target, j) => {
    const tells = labelsTellScale({ labelled: { targets: Array.from(before[j]?.values() ?? []) } });
    return {
      ...{ target, labelled: now[j]?.size ?? NaN },
      ...present({
        expected: tells ? asked?.outputs?.find((one) => one.target === target)?.expected : undefined,
      }),
    };
  });
};

/** How many rows have a label of every target. */
export const labelledRows = (session: Session): number => {
  const isLabelled = isLabelledIn(session);
  return session.start.rows.filter(isLabelled).length;
};

/** The same for people, with the labels of each of several targets. */
export const labelledInWords = ({
  labelled,
  targets = [],
}: {
  readonly labelled: number;
  readonly targets?: readonly Pick<TargetStatus, 'target' | 'labelled'>[];
}): readonly (readonly string[])[] => [
  ...targets.map((one) => [`labelled ${one.target}`, String(one.labelled)]),
  [targets.length === 0 ? 'labelled' : 'labelled in all', String(labelled)],
];

/** The targets whose label each of some rows lacks; undefined where there is one target. */
export const lackingOf = (
  session: Session,
  rows: readonly number[],
): readonly (readonly string[])[] | undefined =>
  session.start.furtherTargets === undefined ? undefined : rows.map(lackedIn(session));

/** What a batch for several targets was chosen by, as select has it. */
export const fittedOutput = ({ fitted, ...output }: SessionOutput): FittedOutput => ({
  ...output,
  surrogate: reportedSurrogate(fitted.model),
  coldStart: fitted.coldStart,
});

/** The table of a session with the labels that were told in their cells: those of the table itself stay as they are written. */
export const toldTable = (table: TableText, session: Session): TableText => {
  const { start } = session;
  const [now, before] = [labelsByTarget(session), labelsOfStart(start)];
  return targetsOf(start).reduce((text, target, j) => {
    const known = new Map(before[j]);
    const told = new Map<number, LabelText>(
      [...at(now, j)]
        .filter(([row, label]) => known.get(row) !== label)
        .map(([row, label]) => [row, start.classNames?.[label] ?? label]),
    );
    return labelledTable(text, told, target);
  }, table);
};

/** The same as a table of a session of several targets, whose rows go as they are; of one the table as it was, whose cells are emptied. */
export const tableToFill = (table: TableText, session: Session): TableText =>
  session.start.furtherTargets === undefined ? table : toldTable(table, session);
