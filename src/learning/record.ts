/**
 * What a simulated run writes down: one record, one line of JSON, for every (strategy, seed, round). Round 0 is the state
 * before anything was asked, so its batch is empty; the metrics of a round are those after its batch was labelled.
 */
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as t from '#io-ts';

const numbers = t.readonlyArray(t.number);

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
            t.readonly(t.type({ batch: t.number, greedy: t.number, random: t.number })),
          ]),
          /** On the test rows. */
          metrics: t.readonly(
            t.type({
              /** √ mean squared error of the predictive mean, in units of the target. */
              rmse: t.number,
              /** Mean log density of the label, nats; the larger, the better. */
              logScore: t.number,
            }),
          ),
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
          // The parts of the intersection have numbers for names.
          const place = (errors[0]?.context ?? []).map(({ key }) => key).filter((key) => !/^\d*$/.test(key));
          return place.length === 0
            ? 'the line is not a record of a run'
            : `the line is not a record of a run: ${place.join('.')} is missing or of another kind`;
        }),
      ),
    ),
  );
