/**
 * What a simulated run writes down: one record, one line of JSON, for every (strategy, seed, round). Round 0 is the state
 * before anything was asked, so its batch is empty; the metrics of a round are those after its batch was labelled. Where
 * policies are compared (experiment/policy-transfer.ts) the strategy is the name of one, and the batch of a round is what it
 * proposes on the posterior after that many batches, from round 0 on.
 */
import type * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { decodeLine } from './decoding.js';
import { expectationCodec } from './expectation.js';
import {
  finite,
  fraction,
  measured,
  measuredAbove,
  nonNegative,
  roundNumber,
  whole,
} from '../data/ranges.js';

/** Rows of a table, each once. */
const different = /* @__PURE__ */ (() => {
  const rows = t.readonlyArray(whole);
  type Rows = t.TypeOf<typeof rows>;
  const differ = (value: Rows): boolean => new Set(value).size === value.length;
  return new t.Type<Rows>(
    'Rows',
    (value): value is Rows => rows.is(value) && differ(value),
    (value, context) => {
      const read = rows.validate(value, context);
      return read._tag === 'Left' || differ(read.right) ? read : t.failure(value, context, 'has a row twice');
    },
    t.identity,
  );
})();

const numbers = /* @__PURE__ */ t.readonlyArray(finite);

/** A posterior on a grid, whose lists are as long as the grid, and labelled points. */
const pictureCodec = /* @__PURE__ */ (() => {
  const lists = t.readonly(
    t.type({
      grid: numbers,
      mean: numbers,
      /** Of a label, noise included. */
      standardDeviation: numbers,
      labelledInputs: numbers,
      labelledTargets: numbers,
    }),
  );
  type Picture = t.TypeOf<typeof lists>;
  const fits = ({ grid, mean, standardDeviation, labelledInputs, labelledTargets }: Picture): boolean =>
    grid.length > 0 &&
    grid.length === mean.length &&
    grid.length === standardDeviation.length &&
    labelledInputs.length === labelledTargets.length;
  return new t.Type<Picture>(
    'Picture',
    (value): value is Picture => lists.is(value) && fits(value),
    (value, context) => {
      const read = lists.validate(value, context);
      return read._tag === 'Left' || fits(read.right)
        ? read
        : t.failure(value, context, 'has lists of different lengths, or an empty grid');
    },
    t.identity,
  );
})();

const known = /* @__PURE__ */ (() => t.union([t.null, finite]))();

const ofNumbers = /* @__PURE__ */ (() => ({
  /** √ mean squared error of the predictive mean, in units of the target. */
  rmse: measuredAbove,
  /** Mean log density of the label, nats; the larger, the better. */
  logScore: measured,
}))();

const numberMetricsCodec = /* @__PURE__ */ (() => t.readonly(t.type(ofNumbers)))();

/** What is measured where labels are numbers. */
export type NumberMetrics = t.TypeOf<typeof numberMetricsCodec>;

const classMetricsCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.type({
      /** The part of the test rows whose most probable class is their label. */
      accuracy: fraction,
      /** Mean −log probability of the label, nats; the smaller, the better. */
      crossEntropy: measured,
    }),
  ))();

/** What is measured where labels are classes. */
export type ClassMetrics = t.TypeOf<typeof classMetricsCodec>;

/** Decodes the metrics of a round; the names of the entries say which they are. */
const metricsCodec = /* @__PURE__ */ (() =>
  t.union([
    /** Where labels are numbers. */
    numberMetricsCodec,
    /** Where they are those of several targets. */
    t.readonly(
      t.type({
        /** Mean over targets of rmse beside the target's standard deviation over the table. */
        averageRelativeRmse: measuredAbove,
        /** Mean log density of all labels of a row, nats. */
        logScore: measured,
        /** The same of each target by itself, in its units. */
        outputs: t.readonlyArray(t.readonly(t.type({ target: t.string, ...ofNumbers }))),
      }),
    ),
    /** Where labels are classes. */
    classMetricsCodec,
    /** Where policies are compared on the same posteriors: beside one trained from scratch on that of the round. */
    t.readonly(
      t.intersection([
        t.type({
          /** JMI of the best of its draws over that of the best of the other's. */
          informationRatio: measured,
          /** The same of the means of their draws. */
          drawnRatio: measured,
          /** ELBO of its draws less the other's, nats: how much closer it is to the target (KL), as log Z is the same. */
          elboDifference: measured,
        }),
        t.partial({
          /** EUBO less the other's, nats, over the same batches of the target: it sees what a policy never draws. */
          euboDifference: measured,
        }),
      ]),
    ),
  ]))();

/** What is measured after a round: on the test rows, but where policies are compared. */
export type Metrics = t.TypeOf<typeof metricsCodec>;

/** Decodes a {@link RunRecord}. */
export const runRecordCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.intersection(
      [
        t.type({
          /** The preset, or the name of the file. */
          experiment: t.string,
          strategy: t.string,
          seed: whole,
          round: roundNumber,
          /** Labels that the surrogate was fitted on, the batch of this round included; 0 before the first of a cold start. */
          labels: whole,
          /** Rows of this round's batch, 0-based in the experiment's table. */
          batch: different,
          /** JMI of the batch when it was chosen, nats; and of greedy BatchBALD's and a random one's then. Null in round 0. */
          jointMutualInformation: t.union([
            t.null,
            t.readonly(
              t.intersection([
                t.type({ batch: finite, greedy: finite, random: finite }),
                /** The mean of the drawn batches, of which the one asked for is the best. */
                t.partial({ drawn: finite }),
              ]),
            ),
          ]),
          metrics: metricsCodec,
          /** Fitting, and proposing the batch. */
          seconds: t.readonly(t.type({ fit: nonNegative, propose: nonNegative })),
          /** In rounds of experiments with one input: the posterior on a grid, and the labelled points, newest last. */
          picture: t.union([t.null, pictureCodec]),
        }),
        t.partial({
          /** What the sampler says of itself; null where the strategy has no target, and so has each that is not known. */
          sampler: t.union([
            t.null,
            t.readonly(
              t.type({
                /** Of the strategy's own draws, in (0, 1]. */
                effectiveSampleSize: t.union([t.null, nonNegative]),
                /** Bounds of log Z by the strategy's own draws and by the target's, and log Z, nats. */
                elbo: known,
                eubo: known,
                logPartition: known,
                /** How far the batches drawn are from the target at most. */
                totalVariation: t.union([t.null, nonNegative]),
              }),
            ),
          ]),
          /** What the batch was expected to do for predictions when it was chosen. */
          expected: expectationCodec,
          /** Of everything else that the metrics depend on, so that records of different settings are not mixed. */
          fingerprint: t.string,
        }),
      ],
      'RunRecord',
    ),
  ))();

/** One round of one strategy from one seed. */
export type RunRecord = t.TypeOf<typeof runRecordCodec>;

/** A record from its line; else what is wrong with the line. */
export const recordOfLine: (line: string) => E.Either<string, RunRecord> = /* @__PURE__ */ decodeLine(
  runRecordCodec,
  'a record of a run',
);

/** Which round of which strategy and seed a record is of, in words. */
export const placeOf = ({ strategy, seed, round }: Pick<RunRecord, 'strategy' | 'seed' | 'round'>): string =>
  `${strategy}, seed ${seed}, round ${round}`;

/** What is the same whenever a record is made again: all but the seconds. As text. */
export const lastingText = (record: RunRecord): string =>
  JSON.stringify(
    Object.entries(record)
      .filter(([name]) => name !== 'seconds')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
