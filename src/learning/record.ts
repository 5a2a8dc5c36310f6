/**
 * What a simulated run writes down: one record, one line of JSON, for every (strategy, seed, round). Round 0 is the state
 * before anything was asked, so its batch is empty; the metrics of a round are those after its batch was labelled. Where
 * policies are compared (experiment/amortise.ts) the strategy is the name of one, and the batch of a round is what it
 * proposes on the posterior after that many batches, from round 0 on.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';
import { placeOfError } from './decoding.js';

const numbers = t.readonlyArray(t.number);

const known = /* @__PURE__ */ (() => t.union([t.null, t.number]))();

/** Decodes the metrics of a round; the names of the entries say which they are. */
const metricsCodec = /* @__PURE__ */ (() =>
  t.union([
    /** Where labels are numbers. */
    t.readonly(
      t.type({
        /** √ mean squared error of the predictive mean, in units of the target. */
        rmse: t.number,
        /** Mean log density of the label, nats; the larger, the better. */
        logScore: t.number,
      }),
    ),
    /** Where labels are classes. */
    t.readonly(
      t.type({
        /** The part of the test rows whose most probable class is their label. */
        accuracy: t.number,
        /** Mean −log probability of the label, nats; the smaller, the better. */
        crossEntropy: t.number,
      }),
    ),
    /** Where policies are compared on the same posteriors: beside one trained from scratch on that of the round. */
    t.readonly(
      t.intersection([
        t.type({
          /** JMI of the best of its draws over that of the best of the other's. */
          informationRatio: t.number,
          /** The same of the means of their draws. */
          drawnRatio: t.number,
          /** ELBO of its draws less the other's, nats: how much closer it is to the target (KL), as log Z is the same. */
          elboDifference: t.number,
        }),
        t.partial({
          /** EUBO less the other's, nats, over the same batches of the target: it sees what a policy never draws. */
          euboDifference: t.number,
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
          seed: t.number,
          round: t.number,
          /** Labels that the surrogate was fitted on, the batch of this round included. */
          labels: t.number,
          /** Rows of this round's batch, 0-based in the experiment's table. */
          batch: numbers,
          /** JMI of the batch when it was chosen, nats; and of greedy BatchBALD's and a random one's then. Null in round 0. */
          jointMutualInformation: t.union([
            t.null,
            t.readonly(
              t.intersection([
                t.type({ batch: t.number, greedy: t.number, random: t.number }),
                /** The mean of the drawn batches, of which the one asked for is the best. */
                t.partial({ drawn: t.number }),
              ]),
            ),
          ]),
          metrics: metricsCodec,
          /** Fitting, and proposing the batch. */
          seconds: t.readonly(t.type({ fit: t.number, propose: t.number })),
          /** In rounds of experiments with one input: the posterior on a grid, and the labelled points, newest last. */
          picture: t.union([
            t.null,
            t.readonly(
              t.type({
                grid: numbers,
                mean: numbers,
                /** Of a label, noise included. */
                standardDeviation: numbers,
                labelledInputs: numbers,
                labelledTargets: numbers,
              }),
            ),
          ]),
        }),
        t.partial({
          /** What the sampler says of itself; null where the strategy has no target, and so has each that is not known. */
          sampler: t.union([
            t.null,
            t.readonly(
              t.type({
                /** Of the strategy's own draws, in (0, 1]. */
                effectiveSampleSize: known,
                /** Bounds of log Z by the strategy's own draws and by the target's, and log Z, nats. */
                elbo: known,
                eubo: known,
                logPartition: known,
                /** How far the batches drawn are from the target at most. */
                totalVariation: known,
              }),
            ),
          ]),
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
export const recordOfLine = (line: string): E.Either<string, RunRecord> =>
  pipe(
    E.tryCatch(
      (): unknown => JSON.parse(line),
      () => 'the line is not JSON',
    ),
    E.chain((value) =>
      pipe(
        runRecordCodec.decode(value),
        E.mapLeft((errors) => {
          const place = placeOfError(errors);
          return place === ''
            ? 'the line is not a record of a run'
            : `the line is not a record of a run: ${place} is missing or of another kind`;
        }),
      ),
    ),
  );
