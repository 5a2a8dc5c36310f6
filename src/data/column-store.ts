/**
 * How does a column grow, cell by cell? As codes of its different texts while these are few; once they are more than
 * {@link MOST_TEXTS}, as numbers and the texts that are none (table.ts).
 */
import { decimalIn } from './read-number.js';
import { numberOf, type TableColumn } from './table.js';

/** The most different texts of a column that is held by its texts. */
export const MOST_TEXTS = 4096;

/** About what a text takes beside its characters, in bytes. */
const TEXT_BYTES = 48;

/** A column that grows. */
export interface ColumnStore {
  /** Appends the cell that is written between two places of a text. */
  readonly add: (text: string, start: number, end: number) => void;
  /** About how much memory its numbers take, in bytes. */
  readonly bytes: () => number;
  /** About how much memory its texts take. */
  readonly textBytes: () => number;
  /** What was added. Nothing may be added afterwards. */
  readonly column: () => TableColumn;
}

type Numbers = Uint16Array | Float64Array | Uint32Array;

/** Numbers that grow by half of their length whenever it is too short. */
export interface GrowingArray<A extends Numbers> {
  readonly push: (value: number) => void;
  readonly length: () => number;
  readonly bytes: () => number;
  readonly filled: () => A;
}

/** An empty growing array of numbers of the kind that `make` makes. */
export const growingArray = <A extends Numbers>(make: (length: number) => A): GrowingArray<A> => {
  let held = make(8);
  let length = 0;
  return {
    push: (value) => {
      if (length === held.length) {
        const longer = make(length + (length >> 1));
        longer.set(held);
        held = longer;
      }
      held[length] = value;
      length++;
    },
    length: () => length,
    bytes: () => held.byteLength,
    filled: () => held.subarray(0, length) as A,
  };
};

/** A text of its own: a part of a long one keeps all of it in memory. */
export const ownText = (text: string): string => (text.length < 13 ? text : ` ${text}`.slice(1));

const [ZERO, PLUS, MINUS] = [48, 43, 45] as const;

/** Whether digits alone, behind a sign or not, are not what their number is written as. */
const isOddWhole = (text: string, start: number, end: number, value: number): boolean => {
  const first = text.charCodeAt(start);
  const signed = first === PLUS || first === MINUS;
  const lead = text.charCodeAt(signed ? start + 1 : start);
  const suspect = first === PLUS || (lead === ZERO && end - start > 1) || Math.abs(value) >= 2 ** 53;
  if (!suspect) return false;
  for (let at = signed ? start + 1 : start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code < ZERO || code > ZERO + 9) return false;
  }
  return text.slice(start, end) !== String(value);
};

const numberPhase = (): ColumnStore => {
  const numbers = growingArray((length) => new Float64Array(length));
  const rows: number[] = [];
  const texts: string[] = [];
  let characters = 0;
  return {
    add: (text, start, end) => {
      let value = decimalIn(text, start, end);
      if (!Number.isFinite(value)) value = numberOf(text.slice(start, end));
      if (Number.isNaN(value) || isOddWhole(text, start, end, value)) {
        const other = text.slice(start, end);
        if (other.trim() !== '') {
          rows.push(numbers.length());
          texts.push(ownText(other));
          characters += other.length;
        }
      }
      numbers.push(value);
    },
    bytes: () => numbers.bytes(),
    textBytes: () => rows.length * (8 + TEXT_BYTES) + 2 * characters,
    column: () => ({ _tag: 'Numbers', numbers: numbers.filled(), others: { rows, texts } }),
  };
};

interface CodedPhase extends ColumnStore {
  readonly isFull: () => boolean;
  /** Appends all cells to another phase. */
  readonly pour: (into: ColumnStore) => void;
}

/** How many texts are compared one by one, before a map is worth its memory. */
const FEW = 4;

const codedPhase = (): CodedPhase => {
  const codes = growingArray((length) => new Uint16Array(length));
  const texts: string[] = [];
  let known: Map<string, number> | undefined;
  let characters = 0;
  return {
    add: (text, start, end) => {
      const cell = text.slice(start, end);
      let code = known === undefined ? texts.indexOf(cell) : (known.get(cell) ?? -1);
      if (code < 0) {
        code = texts.length;
        const own = ownText(cell);
        texts.push(own);
        characters += own.length;
        if (known !== undefined) known.set(own, code);
        else if (texts.length > FEW) known = new Map(texts.map((one, i) => [one, i]));
      }
      codes.push(code);
    },
    isFull: () => texts.length > MOST_TEXTS,
    pour: (into) => {
      for (const code of codes.filled()) {
        const text = texts[code] ?? '';
        into.add(text, 0, text.length);
      }
    },
    // Of the numbers that it stands for.
    bytes: () => 8 * codes.length(),
    textBytes: () => texts.length * 2 * TEXT_BYTES + 2 * characters,
    column: () => ({ _tag: 'Coded', texts, codes: codes.filled() }),
  };
};

/** An empty column. */
export const columnStore = (): ColumnStore => {
  let coded: CodedPhase | undefined = codedPhase();
  let phase: ColumnStore = coded;
  return {
    add: (text, start, end) => {
      phase.add(text, start, end);
      if (coded?.isFull() !== true) return;
      phase = numberPhase();
      coded.pour(phase);
      coded = undefined;
    },
    bytes: () => phase.bytes(),
    textBytes: () => phase.textBytes(),
    column: () => phase.column(),
  };
};
