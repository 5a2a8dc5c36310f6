/** How do rows of other tables join a session that is asked among them? As if all had, and then those that were chosen. */
import * as E from '#fp-ts/Either';
import { at } from '../../at.js';
import type { InputFailure } from '../../failure.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import { membersOf, requireArray, requireMatrix } from '../../misuse.js';
import { present } from '../../present.js';
import type { RowTexts } from './events.js';
import { after, type Session } from './session.js';

/** Rows of other tables: M names, features M×d, and the cells of other columns, M texts each, to be written with the labels. */
export interface CandidateRows {
  readonly names: readonly string[];
  readonly features: Matrix;
  readonly cells?: readonly RowTexts[];
}

/** The number of the first row that joins a session is beyond those of all lines of its table. */
const firstNumber = 1_000_000_001;

/** The session with candidates, as if they had joined. */
export const withCandidates = (
  session: Session,
  candidates: CandidateRows | undefined,
): E.Either<InputFailure, Session> => {
  if (candidates === undefined) return E.right(session);
  membersOf('ask', 'candidates', candidates, '{ names, features }');
  const { names, features, cells } = candidates;
  requireArray('ask', 'candidates.names', names);
  requireMatrix('ask', 'candidates.features', features);
  const first = session.start.rows.reduce((most, row) => Math.max(most, row + 1), firstNumber);
  return after({
    event: 'added',
    rows: names.map((_, i) => first + i),
    features: names.map((_, i) =>
      Array.from(features.data.subarray(i * features.columns, (i + 1) * features.columns)),
    ),
    names,
    ...present({ cells }),
  })(session);
};

/** The session after the rows of a batch have joined that it has not; candidates have joined `within` last. */
export const joinedBy = (
  session: Session,
  within: Session,
  rows: readonly number[],
): E.Either<InputFailure, Session> => {
  const all = within.events.at(-1);
  if (within === session || all?.event !== 'added') return E.right(session);
  const chosen = new Set(rows);
  const places = [...all.rows.keys()].filter((i) => chosen.has(at(all.rows, i)));
  if (places.length === 0) return E.right(session);
  const some = <A>(list: readonly A[]): readonly A[] => places.map((i) => at(list, i));
  return after({
    ...{ event: 'added', rows: some(all.rows), features: some(all.features), names: some(all.names) },
    ...present({ cells: all.cells?.map(({ column, texts }) => ({ column, texts: some(texts) })) }),
  })(session);
};
