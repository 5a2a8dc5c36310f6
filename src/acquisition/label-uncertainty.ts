/**
 * Which points of class labels is the model least sure of? By the probabilities p̄_c of a point's classes, averaged over parameter
 * draws, the b points of
 *
 *   margin     the smallest p̄ of the most probable class less that of the next
 *   entropy    the largest −Σ_c p̄_c log p̄_c, nats
 *
 * of equal ones the first; or greedy's batch, by information, unless batches at random tell most of log S, the most that S
 * parameter draws can be told apart by: then nothing ranks batches by information, and it is the margin's. What their points say twice
 * margin and entropy do not see, nor whether a doubt is the model's or the label's own noise.
 * Nothing in them is random, so all draws are one batch.
 *
 * Source: Scheffer, Decomain and Wrobel (2001) for the margin, Settles, Active learning literature survey (2009); that the margin is
 * hard to beat on tables: Bahri, Jiang, Schuster and Rostamizadeh, Is margin all you need? (2022, arXiv 2210.03822).
 */
import { inputFailure } from '../failure.js';
import { timesLog } from '../linear-algebra/log-sum.js';
import type { CategoricalPosterior } from '../surrogate/categorical-posterior.js';
import { classPredictions } from '../surrogate/class-posterior.js';
import { breakOff } from '../work.js';
import { always, hostStrategy, inOneStep } from './host.js';
import { top } from './top.js';

/** p̄ [N, C] in rows, and C. Ends the work with an InputFailure where the posterior is of numbers. */
export const predicted = (
  name: string,
  classes: CategoricalPosterior | undefined,
): readonly [probabilities: Float64Array, classes: number] =>
  classes === undefined
    ? breakOff(
        inputFailure({
          source: name,
          problem: 'it is of class labels, the posterior of numbers',
          remedy: 'Take greedy, or a surrogate of class labels',
        }),
      )
    : [classPredictions(classes).probabilities, classes.classes];

/** p̄ [N, C] in rows: the most probable less the next; 1 of a single class → [N]. */
export const margins = (probabilities: Float64Array, classes: number): Float64Array =>
  Float64Array.from({ length: probabilities.length / classes }, (_, n) => {
    const [first = 0, second = 0] = probabilities
      .slice(n * classes, (n + 1) * classes)
      .sort()
      .reverse();
    return first - second;
  });

const entropies = (probabilities: Float64Array, classes: number): Float64Array =>
  Float64Array.from({ length: probabilities.length / classes }, (_, n) =>
    probabilities.subarray(n * classes, (n + 1) * classes).reduce((sum, p) => sum - timesLog(p), 0),
  );

type Doubts = (probabilities: Float64Array, classes: number) => Float64Array;

const byDoubt = (name: string, doubts: Doubts, ranked = 0) =>
  hostStrategy({
    takes: [],
    ofClasses: true,
    prepare: inOneStep(({ scoredPool: { scored }, baselines, posterior: { classes } }, { batchSize }) => {
      const batch = top(batchSize, doubts(...predicted(name, classes)));
      return always(
        baselines.random.mean < ranked * Math.log(classes?.draws ?? 1) ? baselines.greedy : scored(batch),
      );
    }),
  });

const smallMargins: Doubts = (p, classes) => margins(p, classes).map((x) => -x);

/** The strategy of the smallest margins. It fails with an InputFailure on a posterior of numbers. */
export const margin = byDoubt('margin', smallMargins);

/** The part of log S that batches at random tell where {@link greedyOrMargin} goes by the margin. */
export const saturatedAtRandom = 0.8;

/** Greedy by information where batches at random tell less than that, else {@link margin}. It fails as that does. */
export const greedyOrMargin = byDoubt('greedyOrMargin', smallMargins, saturatedAtRandom);

/** The strategy of the largest entropies. It fails with an InputFailure on a posterior of numbers. */
export const entropy = byDoubt('entropy', entropies);
