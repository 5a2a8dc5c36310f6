/**
 * Several outputs that share a batch: each of its points is measured in all of them. Of outputs that are independent, labels tell what
 * they tell of each,
 *
 *   U(B) = Σ_j I(y_B^j ; f^j | D_j) = Σ_j ½ log det(I + Φ_B^j Φ_B^jᵀ)   nats
 *
 * with the whitened features Φ^j of each output's own posterior (chain rule, Cover and Thomas 2006, section 2.5). As a sum of
 * submodular terms it is one, so greedy keeps its bound.
 */
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { proposeBatch, type ProposalOptions } from '../acquisition/index.js';
import { type Limits, proposeWithin } from '../acquisition/batch-limits.js';
import type { Proposal } from '../acquisition/strategy.js';
import type { Engine } from '../engine/engine.js';
import type { Failure } from '../failure.js';
import { type Matrix, matrixFrom } from '../linear-algebra/matrix.js';
import { requireArray, requireObjects, wrongArgument } from '../misuse.js';
import type { ScoredBatch } from '../reward/exact.js';
import { gaussianInformation } from '../reward/gaussian-information.js';
import { informationOfBatches } from '../reward/information.js';
import type { MutableBatch } from '../reward/mutable-batch.js';
import { tableOf } from '../reward/programmed.js';
import type { PartialBatch, ProgrammedUtility, Reward, Utility } from '../reward/utility.js';
import type { Posterior } from '../surrogate/posterior.js';
import { add } from '../tensor/operations.js';

/** One of the outputs. */
export interface Output {
  /** Over the points that all outputs share; of numbers. */
  readonly posterior: Posterior;
  /** The points, 1 of each, whose label of this output is known: that of the others is asked for, and this one tells nothing more. */
  readonly known?: ArrayLike<number>;
}

/** The features of an output: none of points that are known. */
const openFeatures = ({ posterior: { whitened }, known }: Output): Matrix =>
  known === undefined
    ? whitened
    : matrixFrom(whitened.rows, whitened.columns, (n, j) =>
        known[n] === 1 ? 0 : (whitened.data[n * whitened.columns + j] ?? NaN),
      );

/** The features of all outputs side by side: distances and variances by them are sums over outputs. */
const sideBySide = (all: readonly Matrix[]): Matrix => {
  const starts = all.flatMap((matrix) =>
    Array.from({ length: matrix.columns }, (_, j) => [matrix, j] as const),
  );
  return matrixFrom(all[0]?.rows ?? 0, starts.length, (n, place) => {
    const [{ data, columns }, j] = starts[place] ?? [{ data: [], columns: 0 }, 0];
    return data[n * columns + j] ?? NaN;
  });
};

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

/** The sums of numbers of points, one list of N an output. */
const totals = (all: readonly Float64Array[]): Float64Array =>
  (all[0] ?? new Float64Array(0)).map((_, n) => total(all.map((own) => own[n] ?? NaN)));

const partialOf = (states: readonly PartialBatch[]): PartialBatch => ({
  chosen: states[0]?.chosen ?? [],
  gains: () => totals(states.map(({ gains }) => gains())),
  with: (n) => partialOf(states.map((state) => state.with(n))),
});

const mutableOf = (batches: readonly MutableBatch[]): MutableBatch => {
  let scratch = new Float64Array(0);
  return {
    members: batches[0]?.members ?? [],
    utility: () => total(batches.map(({ utility }) => utility())),
    gains: (position, out) => {
      if (scratch.length !== out.length) scratch = new Float64Array(out.length);
      out.fill(0);
      for (const { gains } of batches) {
        gains(position, scratch);
        for (let n = 0; n < out.length; n++) out[n] = (out[n] ?? NaN) + (scratch[n] ?? NaN);
      }
    },
    replace: (position, n) => batches.forEach(({ replace }) => replace(position, n)),
    add: (n) => batches.forEach(({ add: join }) => join(n)),
    remove: (position) => batches.forEach(({ remove }) => remove(position)),
    set: (members) => batches.forEach(({ set }) => set(members)),
    evaluations: () => 0,
  };
};

const programmedOf = (features: readonly Matrix[]): ProgrammedUtility => {
  const names = features.map((_, j) => `features ${j}`);
  return {
    tables: Object.fromEntries(features.map((own, j) => [names[j] ?? '', tableOf(own)])),
    value: (tables, batches) =>
      names
        .map((name) => informationOfBatches(tables[name] ?? batches, batches))
        .reduce((sum, own) => add(sum, own)),
  };
};

/** What batches tell of outputs with these whitened features, each N×D_j, in nats. */
export const outputsUtility = (features: readonly Matrix[]): Utility => {
  const all = features.map(gaussianInformation);
  return {
    points: features[0]?.rows ?? 0,
    value: (batch) => total(all.map(({ value }) => value(batch))),
    empty: partialOf(all.map(({ empty }) => empty)),
    batchFrom: (members) => mutableOf(all.map(({ batchFrom }) => batchFrom(members))),
    batchesWithin: (indices) => {
      const within = all.map(({ batchesWithin }) => batchesWithin(indices));
      return (members) => mutableOf(within.map((batchFrom) => batchFrom(members)));
    },
    gainOperations: (size) => total(all.map(({ gainOperations }) => gainOperations(size))),
    proxyFeatures: sideBySide(features),
    programmed: () => programmedOf(features),
  };
};

/** The joint mutual information of batches' labels of all outputs with their functions, in nats, as a reward. */
export const informationOfOutputs = (outputs: readonly Output[]): Reward => {
  requireArray('informationOfOutputs', 'outputs', outputs);
  const utility = outputsUtility(outputs.map(openFeatures));
  return { name: 'information of several outputs', unit: 'nats', utilityFor: () => utility };
};

/** What is told as joint mutual information has no other reward. */
const withoutReward = (proposal: Proposal): Proposal =>
  Object.fromEntries(Object.entries(proposal).filter(([name]) => name !== 'reward')) as unknown as Proposal;

/** A proposal in which a batch's information is that of all outputs, which it was chosen by. */
const inNats =
  ({ value }: Utility) =>
  (proposal: Proposal): Proposal => {
    const scored = ({ indices, utility, jointMutualInformation: own }: ScoredBatch): ScoredBatch => ({
      indices,
      jointMutualInformation: utility ?? own,
    });
    return {
      ...withoutReward(proposal),
      ...{ best: scored(proposal.best), greedy: scored(proposal.greedy) },
      drawn: {
        ...proposal.drawn,
        jointMutualInformation: proposal.drawn.batches.map((batch) => value(batch)),
      },
    };
  };

/** What a proposal for several outputs may be asked for: all but a reward, which is their information. */
export type OutputsOptions = Omit<ProposalOptions, 'reward'> & { readonly limits?: Limits };

/**
 * Proposes the batch whose labels of all outputs tell most, by any strategy for numbers, or by greedy within limits. Strategies by
 * distances, and `bait`, see the features of the outputs side by side. Fails as proposeBatch does. Throws a TypeError where there is no
 * output, one is of class labels, or they are of different points.
 */
export const proposeForOutputs = (
  engine: Engine,
  outputs: readonly Output[],
  asked: OutputsOptions,
  propose: typeof proposeBatch = proposeBatch,
): TE.TaskEither<Failure, Proposal> => {
  requireArray('proposeForOutputs', 'outputs', outputs);
  requireObjects('proposeForOutputs', { options: asked });
  const { limits, ...options } = asked;
  const [first] = outputs;
  const points = first?.posterior.whitened.rows;
  if (
    first === undefined ||
    outputs.some(
      ({ posterior, known }) =>
        posterior.classes !== undefined ||
        posterior.whitened.rows !== points ||
        (known !== undefined && known.length !== points),
    )
  )
    throw wrongArgument(
      'proposeForOutputs',
      'outputs',
      outputs,
      'posteriors of numbers over the same points, one at least',
    );
  const reward = informationOfOutputs(outputs);
  const { mean } = first.posterior;
  const whole = reward.utilityFor(first.posterior);
  const posterior: Posterior = { mean, whitened: whole.proxyFeatures, noiseVariance: 1 };
  return pipe(
    limits === undefined
      ? propose(engine, posterior, { ...options, reward })
      : proposeWithin(engine, posterior, limits, { ...options, reward }),
    TE.map(inNats(whole)),
  );
};
