/**
 * The exact sampler as the laws take a sampler (laws/report.ts): a seed gives a key, and the i-th draw comes from the
 * i-th child of it. A sampler that every law must pass, to hold one's own laws or another sampler against.
 */
import { requireWhole } from '../../misuse.js';
import { keyFromSeed, split, type Key } from '../../random/key.js';
import type { Batch, BatchSampler } from '../laws/report.js';
import { type Kdpp, kdppLogProbability, requireKdpp } from './oracle.js';
import { kdppSampler } from './sample.js';
import { requireSized, type SizedKdpp, sizedKdppLogProbability, sizedKdppSampler } from './sized.js';

const drawing =
  (where: string, draw: (key: Key) => Batch): BatchSampler['sample'] =>
  (seed, count) => {
    requireWhole(where, 'count', count);
    return Array.from({ length: count }, (_, i) => draw(split(keyFromSeed(seed), i)));
  };

/** Exact draws from a k-DPP, with their log-probabilities in nats; what they refuse, they throw a RangeError for. */
export const kdppBatchSampler = (dpp: Kdpp): Required<BatchSampler> => {
  const where = 'kdppBatchSampler';
  requireKdpp(where, dpp);
  return {
    poolSize: dpp.whitened.rows,
    batchSize: dpp.batchSize,
    sample: drawing(where, kdppSampler(dpp)),
    logProbability: (batches) => batches.map((batch) => kdppLogProbability(dpp, batch)),
  };
};

/** The same for batches of several sizes. */
export const sizedKdppBatchSampler = (dpp: SizedKdpp): Required<BatchSampler> => {
  const where = 'sizedKdppBatchSampler';
  requireSized(where, dpp);
  return {
    poolSize: dpp.bySize[0].whitened.rows,
    batchSize: [dpp.bySize[0].batchSize, dpp.bySize[0].batchSize + dpp.bySize.length - 1],
    sample: drawing(where, sizedKdppSampler(dpp)),
    logProbability: (batches) => batches.map((batch) => sizedKdppLogProbability(dpp, batch)),
  };
};
