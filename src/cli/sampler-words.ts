/** How is it said by what right draws follow their target, and how large its log Z is? */
import type { LogPartition } from '../acquisition/strategy.js';
import type { Certificate } from '../gibbs/certificate.js';

const methods: Readonly<Record<LogPartition['method'], string>> = {
  exact: 'exact',
  annealing: 'by annealing',
  bridge: 'between policy and target, by bridge sampling',
  importance: 'by importance, from these draws alone',
};

/** log Z, by what right, and the bounds by the strategy's own trajectories. */
export const logPartitionText = ({ estimate, standardError, method, elbo, eubo }: LogPartition): string =>
  method === 'exact'
    ? `${estimate.toFixed(4)} (exact)`
    : [
        standardError < Infinity
          ? `${estimate.toFixed(2)} ± ${standardError.toFixed(2)} (${methods[method]})`
          : `at least ${estimate.toFixed(2)}, by how much more is not known, as the draws are not certified`,
        ...(elbo === null ? [] : [`ELBO ${elbo.toFixed(2)}`]),
        ...(eubo === null ? [] : [`EUBO ${eubo.toFixed(2)}`]),
      ].join(', ');

/** By what right draws are said to follow the target, or why not. */
export const certificateText = ({ totalVariation, updates, pairs }: Certificate): string =>
  totalVariation < 1
    ? `follow the target within ${totalVariation.toFixed(3)} in total variation, as ${pairs} pairs of chains met within ${updates} updates`
    : `not certified: pairs of chains were still apart after ${updates} updates; raise the temperature`;
