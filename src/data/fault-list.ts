/**
 * How many faults does one failure tell? Those of one kind in one column are one, with the lines of the others; of these all
 * up to a limit, then how many more there are: a column that was exported wrongly has a fault in every row, and nobody reads a
 * million lines.
 */
import * as E from '#fp-ts/Either';
import { inputFailure, type Fault, type InputFailure } from '../failure.js';

/** The number of faults that one failure spells out. */
export const FAULTS_SHOWN = 20;

/** How many lines of further faults of one kind are named. */
const LINES_SHOWN = 5;

/** Faults as they are found. Memory does not grow beyond {@link FAULTS_SHOWN} of them. */
export interface FaultList {
  /** `kind` says what faults of one column are told together; those with the same problem where left out. */
  readonly add: (fault: Fault, kind?: string) => void;
  /** The same of a fault that is dear to tell: it is asked for where it is the first of its kind, and told. */
  readonly addLazily: (kind: string, line: number | undefined, fault: () => Fault) => void;
  /** The value while no fault was added; otherwise the first faults, and a last entry that counts the others. */
  readonly unless: <A>(value: A) => E.Either<InputFailure, A>;
}

/** Lines, the first few of them by number. */
export interface SomeLines {
  readonly first: readonly number[];
  readonly count: number;
}

/** What the numbers of rows are: lines of a file, or rows of an array from 0. */
export type RowKind = 'line' | 'row';

/** Lines as a list for messages: `line 4`, `lines 4, 9, …`. */
export const linesText = ({ first, count }: SomeLines, kind: RowKind = 'line'): string =>
  `${kind}${count === 1 ? '' : 's'} ${first.join(', ')}${count > first.length ? ', …' : ''}`;

interface Kind {
  readonly fault: Fault;
  readonly first: number[];
  more: number;
}

/** A fault of a row that is no line names the row behind its source. A negative line is that of a header there is not. */
const placed = (fault: Fault, kind: RowKind): Fault => {
  if (kind === 'line' || fault.line === undefined) return fault;
  const { line, ...rest } = fault;
  return line < 0 ? rest : { ...rest, source: `${rest.source}, row ${line}` };
};

const told =
  (kind: RowKind) =>
  ({ fault, first, more }: Kind): Fault =>
    placed(
      more === 0
        ? fault
        : {
            ...fault,
            problem: `${fault.problem} (and ${more} more like it${first.length === 0 ? '' : `, ${linesText({ first, count: more }, kind)}`})`,
          },
      kind,
    );

/** An empty list of faults of the given source, whose rows are of a kind. */
export const faultList = (source: string, kind: RowKind = 'line'): FaultList => {
  const kinds = new Map<string, Kind>();
  let others = 0;
  const addLazily: FaultList['addLazily'] = (name, line, fault) => {
    const known = kinds.get(name);
    if (known !== undefined) {
      known.more++;
      if (line !== undefined && known.first.length < LINES_SHOWN) known.first.push(line);
    } else if (kinds.size < FAULTS_SHOWN) kinds.set(name, { fault: fault(), first: [], more: 0 });
    else others++;
  };
  return {
    addLazily,
    add: (fault, name = fault.problem) =>
      addLazily(`${fault.column ?? ''}\n${name}`, fault.line, () => fault),
    unless: (value) => {
      const [first, ...rest] = Array.from(kinds.values(), told(kind));
      if (first === undefined) return E.right(value);
      const more: readonly Fault[] =
        others === 0
          ? []
          : [
              {
                source,
                problem: `and ${others} more fault${others === 1 ? '' : 's'} like these`,
                remedy: 'Mend those above, then run it again to see what is left',
              },
            ];
      return E.left(inputFailure(first, ...rest, ...more));
    },
  };
};
