/**
 * Which labels may be a slip? Those that correct an earlier one, and numbers that lie further from the labels so far than ten times
 * what these lie apart. They are taken as they are, and said.
 */
import { at } from '../at.js';
import type { Session } from '../learning/session/session.js';
import type { Label } from './label-file.js';
import { nameOfRow } from './row-words.js';

/** How far beyond the labels so far a label is that is told of, in their range. */
const FAR = 10;

/** Sentences that are told one by one; the others are counted. */
const SHOWN = 5;

/** Labels by which the others are judged, at least. */
const LEAST = 3;

const some = (sentences: readonly string[], what: string): readonly string[] =>
  sentences.length <= SHOWN
    ? sentences
    : [
        ...sentences.slice(0, SHOWN),
        `${sentences.length - SHOWN} more ${what}${sentences.length - SHOWN === 1 ? '' : 's'} like these.`,
      ];

/** Sentences on labels of a target that a session is told, beside those that are known of it. */
export const labelRemarks = (
  { start }: Pick<Session, 'start'>,
  known: ReadonlyMap<number, number>,
  { target, labels }: { readonly target: string; readonly labels: readonly Label[] },
): readonly string[] => {
  const { classNames, rowKind = 'line' } = start;
  const nameOf = nameOfRow(start);
  const row = (number: number): string => {
    const name = nameOf(number);
    return `${rowKind} ${number}${name === '' ? '' : ` (${name})`}${start.furtherTargets === undefined ? '' : `, ${target}`}`;
  };
  const written = (label: number): string => classNames?.[label] ?? String(label);
  const corrections = labels.flatMap(([number, label]) => {
    const earlier = known.get(number);
    return earlier === undefined || earlier === label
      ? []
      : [`${row(number)}: the label was ${written(earlier)} and is ${written(label)} now.`];
  });
  const sorted = Float64Array.from(known.values()).sort();
  if (classNames !== undefined || sorted.length < LEAST) return some(corrections, 'correction');
  const [least, most] = [at(sorted, 0), at(sorted, sorted.length - 1)];
  const far = labels.flatMap(([number, label]) =>
    Math.max(least - label, label - most) > FAR * (most - least) && most > least
      ? [`${row(number)}: ${label} is far from the labels so far, which are from ${least} to ${most}.`]
      : [],
  );
  return [...some(corrections, 'correction'), ...some(far, 'label')];
};
