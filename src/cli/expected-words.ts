/** How is it said what a batch is expected to do, whether it is worth its labels, and whether it can be told from others? */
import type { AcquisitionName } from '../acquisition/index.js';
import { saturatedAtRandom } from '../acquisition/label-uncertainty.js';
import { type Proposal, saturated } from '../acquisition/strategy.js';
import type { Expectation } from '../learning/expectation.js';

const short = (value: number): string => String(Number(value.toPrecision(3)));

const percent = (part: number): string => `${(100 * part).toFixed(part < 0.1 ? 1 : 0)}%`;

/** Whether labels tell in which units errors are: those of classes always do, and numbers where they differ. */
export const labelsTellScale = ({
  classNames,
  labelled: { targets },
}: {
  readonly classNames?: readonly string[] | undefined;
  readonly labelled: { readonly targets: ArrayLike<number> };
}): boolean => classNames !== undefined || Array.from(targets).some((y) => y !== targets[0]);

/** What is said where there are labels, and they do not. */
export const noScale =
  'the labels do not differ, so their scale is not known: what the batch is expected to do is not said.';

/** What a batch, of class labels or of numbers, is expected to do. */
export const expectedWords = (
  { error, after, share, worthwhile }: Expectation,
  ofClasses: boolean,
): string => {
  const shown = ofClasses ? percent : short;
  const what = ofClasses ? 'wrong predictions' : 'error';
  return [
    `${what} ${shown(error)} to ${shown(after)}, ${percent(share)} of what labels can take: `,
    worthwhile ? 'worth its labels' : 'not worth its labels, less than a thousandth each',
  ].join('');
};

/** How near a batch's information is to the most that parameter draws can tell; an estimate may be beyond it. */
export const boundWords = ({ nats, share }: NonNullable<Proposal['informationBound']>): string =>
  `${percent(Math.min(1, share))} of the ${nats.toFixed(2)} nats that ${Math.round(Math.exp(nats))} posterior draws can tell`;

/**
 * A sentence where batches are not told apart by their information any more, and who chooses then if the strategy knows another way; none
 * where they are.
 */
export const saturationRemarks = (
  proposal: Pick<Proposal, 'informationBound' | 'random'> | undefined,
  acquisition: AcquisitionName,
  reward: string | undefined,
): readonly string[] => {
  if (proposal?.informationBound === undefined || (reward !== undefined && reward !== 'information'))
    return [];
  const { informationBound: bound, random } = proposal;
  if (acquisition === 'greedyOrMargin' && bound.nats === 0)
    return ['one model does not tell what labels would teach: the batch is that of the smallest margins.'];
  const atRandom = random.mean / bound.nats;
  if (acquisition === 'greedyOrMargin' && atRandom >= saturatedAtRandom)
    return [
      `batches at random tell ${boundWords({ ...bound, share: atRandom })}: information ranks none, and the batch is that of the smallest margins.`,
    ];
  return bound.share < saturated
    ? []
    : [
        `the batch tells ${boundWords(bound)}: batches so near to it are not ranked by information. Take more --posterior-draws, --reward epig or a smaller batch.`,
      ];
};
