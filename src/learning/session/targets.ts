/**
 * Which targets has a session, and which labels of each? One, or several independent outputs of numbers that share the batch
 * (learning/outputs.ts). A row is labelled once it has the label of every target; until then it may be asked for.
 */
import type { Fault } from '../../failure.js';
import { strategies } from '../../acquisition/index.js';
import { isOfClassLabels } from './class-labels.js';
import type { SessionStart } from './events.js';

/** What labels there are. */
export interface Labels {
  /** The label of each row that has one of the first target, the last that was told. */
  readonly labels: ReadonlyMap<number, number>;
  /** The same of each further target, in the order of the start. */
  readonly furtherLabels: readonly ReadonlyMap<number, number>[];
}

/** The names of the targets. */
export const targetsOf = ({
  targetName,
  furtherTargets = [],
}: Pick<SessionStart, 'targetName' | 'furtherTargets'>): readonly string[] => [
  targetName,
  ...furtherTargets.map((one) => one.targetName),
];

/** The labels of each target, in the order of {@link targetsOf}. */
export const labelsByTarget = ({
  labels,
  furtherLabels,
}: Labels): readonly [ReadonlyMap<number, number>, ...ReadonlyMap<number, number>[]] => [
  labels,
  ...furtherLabels,
];

/** The labels of a start, by its targets. */
export const labelsOfStart = ({
  labels,
  furtherTargets = [],
}: Pick<SessionStart, 'labels' | 'furtherTargets'>): readonly SessionStart['labels'][] => [
  labels,
  ...furtherTargets.map((one) => one.labels),
];

/** Whether a row has the label of every target. */
export const isLabelledIn = (known: Labels): ((row: number) => boolean) => {
  const all = labelsByTarget(known);
  return (row) => all.every((own) => own.has(row));
};

/** The targets whose label a row lacks. */
export const lackedIn = (
  known: Labels & { readonly start: Pick<SessionStart, 'targetName' | 'furtherTargets'> },
): ((row: number) => readonly string[]) => {
  const [names, all] = [targetsOf(known.start), labelsByTarget(known)];
  return (row) => names.filter((_, j) => all[j]?.has(row) !== true);
};

/** The labels after some of a target have been told, which stands at a place of {@link targetsOf}. */
export const withLabels = (
  known: Labels,
  place: number,
  told: readonly (readonly [row: number, label: number])[],
): Labels => {
  const [labels, ...furtherLabels] = labelsByTarget(known).map((own, j) =>
    j === place ? new Map([...own, ...told]) : own,
  );
  return { labels: labels ?? known.labels, furtherLabels };
};

/** The place of the target that labels are of: the only one, where none is named. Undefined where there is none, or no telling. */
export const placeOfTarget = (
  start: Pick<SessionStart, 'targetName' | 'furtherTargets'>,
  target: string | undefined,
): number | undefined => {
  const names = targetsOf(start);
  const place = target === undefined ? names.length - 1 : names.indexOf(target);
  return place < 0 || (target === undefined && place > 0) ? undefined : place;
};

/** The fault of a target that labels are said to be of; undefined where it has none. */
export const faultOfTarget = (
  start: Pick<SessionStart, 'targetName' | 'furtherTargets'>,
  target: string | undefined,
): Fault | undefined =>
  placeOfTarget(start, target) !== undefined
    ? undefined
    : {
        source: 'target',
        problem:
          target === undefined
            ? 'the session has several targets, and it is not said which the labels are of'
            : `the session has no target ${target}`,
        remedy: `Name ${targetsOf(start).length === 1 ? 'its target' : 'one of its targets'}: ${targetsOf(start).join(', ')}`,
      };

/** The faults of several targets: names of their own, and that they go with the rest of the start. */
export const faultsOfTargets = (start: SessionStart): readonly Fault[] => {
  const { furtherTargets, surrogate, acquisition, settings } = start;
  if (furtherTargets === undefined) return [];
  const names = targetsOf(start);
  const isElsewhere = surrogate.kind === 'predictions';
  const ofNumbers = 'several targets are of numbers';
  const all: readonly (readonly [isWrong: boolean, source: string, problem: string])[] = [
    [
      names.length < 2 || names.includes('') || new Set(names).size < names.length,
      'furtherTargets',
      'there are none, or one has no name or that of another',
    ],
    [isElsewhere, 'surrogate', 'predictions of a model elsewhere are of one target'],
    [!isElsewhere && isOfClassLabels(start), 'surrogate', ofNumbers],
    [start.classNames !== undefined, 'class names', ofNumbers],
    [
      (settings.reward ?? 'information') !== 'information',
      'settings.reward',
      'batches for several targets are by their information',
    ],
    [
      strategies[acquisition].ofClasses === true,
      'acquisition',
      `${acquisition} is of class labels, and ${ofNumbers}`,
    ],
  ];
  return all.flatMap(([isWrong, source, problem]) =>
    isWrong ? [{ source, problem, remedy: 'Give another, or name one target' }] : [],
  );
};

/** Why what is of one target is not done for several. */
export const oneTargetOnly = (source: string, problem: string): Fault => ({
  ...{ source, problem: `the session has several targets, and ${problem}` },
  remedy: 'Make a session of one target for it',
});
