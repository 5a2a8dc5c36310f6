/**
 * Which labels may a session be told? Any number whose square 64-bit numbers
 * hold; where the labels are classes, the numbers of those that it began
 * with, 0 … C − 1. The list is closed: C is a dimension of the surrogate and of every posterior, so another class would
 * make another model of what was asked and trained before; and a name that nobody wrote yet is a slip more often than
 * a discovery. Who expects classes that no label names yet gives their names at the start.
 */
import { maximalClasses } from '../../data/class-names.js';
import type { Fault } from '../../failure.js';
import { largestTarget } from '../../surrogate/input-faults.js';
import { classesOf, isBatchSurrogateOfClasses } from '../fit-for-batch.js';
import type { SessionStart } from './events.js';

/** Whether labels are classes, and how many there are as far as it was said; undefined of numbers. */
const labelClasses = (
  surrogate: SessionStart['surrogate'],
): { readonly count: number | undefined } | undefined => {
  if (surrogate.kind === 'predictions')
    return surrogate.classes === undefined ? undefined : { count: surrogate.classes };
  return isBatchSurrogateOfClasses(surrogate) ? { count: classesOf(surrogate) } : undefined;
};

/** Whether the labels of a session are classes. */
export const isOfClassLabels = ({ surrogate }: Pick<SessionStart, 'surrogate'>): boolean =>
  labelClasses(surrogate) !== undefined;

/** The fault of a label, but for its place; undefined where it has none. */
export const faultOfLabel = (
  { classNames, surrogate, targetName }: SessionStart,
  label: number,
): Omit<Fault, 'source'> | undefined => {
  const of = labelClasses(surrogate);
  if (of === undefined)
    return Math.abs(label) <= largestTarget
      ? undefined
      : {
          problem: `its label is ${label}, and ${targetName} may be ${largestTarget} at most`,
          remedy: `Give ${targetName} in another unit, or the row no label`,
        };
  const classes = classNames?.length ?? of.count ?? maximalClasses;
  return Number.isInteger(label) && label >= 0 && label < classes
    ? undefined
    : {
        problem: `its label is ${label}, and no class has that number`,
        remedy: `Give the number of a class, from 0 to ${classes - 1}, or skip the row`,
      };
};

/** The faults of the names of classes: their own, and that the surrogate is of numbers or of other classes. */
export const faultsOfClassNames = ({ classNames, surrogate }: SessionStart): readonly Fault[] => {
  if (classNames === undefined) return [];
  const { length } = classNames;
  const fault = (problem: string, remedy: string): Fault => ({ source: 'class names', problem, remedy });
  return [
    ...(length < 2 || length > maximalClasses
      ? [fault(`there are ${length} of them`, `Give 2 to ${maximalClasses}`)]
      : []),
    ...(new Set(classNames.filter((name) => name !== '')).size === length
      ? []
      : [fault('one is empty, or given twice', 'Give each class a name of its own')]),
    ...(labelClasses(surrogate)?.count === length
      ? []
      : [
          fault(
            `the surrogate is not one of ${length} classes`,
            `Give one of class labels, its \`classes\` ${length}`,
          ),
        ]),
  ];
};
