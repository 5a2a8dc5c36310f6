/**
 * What happens to a session, and what it starts from: plain data with its codecs. A session is what its start and its
 * events come to (session.ts), so a file of events, one a line, is all that has to be kept of it.
 */
import * as t from '#io-ts';
import type { AcquisitionName } from '../../acquisition/index.js';
import { strategies } from '../../acquisition/index.js';
import {
  type SettingName,
  settingNames,
  settings,
  type StrategySettings,
} from '../../acquisition/settings.js';
import { count, finite, whole } from '../../data/ranges.js';
import { type TableFormat, tableFormats } from '../../data/table-format.js';
import { rewards, type RewardName } from '../../reward/index.js';
import { expectationCodec } from '../expectation.js';
import { batchSurrogateCodec } from '../fit-for-batch.js';

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>) =>
  t.keyof(Object.fromEntries(Object.keys(table).map((name) => [name, null])) as Record<Name, null>);

const rowNumbers = t.readonlyArray(whole);

/** What predictions of a model elsewhere may be. */
const predictedOf = { draws: null, probabilities: null, covariance: null };

/** What predictions of a model elsewhere are: draws of numbers, probabilities of classes, or a covariance. */
export type PredictedOf = keyof typeof predictedOf;

/** A file of predictions as it was: its bytes by their length and SHA-256, the array in it, and σ² of labels where that was given. */
const predictionsFileCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.intersection([
      t.type({
        ...{ file: t.string, bytes: whole, sha256: t.string },
        ...{ of: t.keyof(predictedOf), shape: rowNumbers },
      }),
      t.partial({ noiseVariance: finite }),
    ]),
  ))();

/** A file of predictions as it was. */
export type PredictionsFile = t.TypeOf<typeof predictionsFileCodec>;

/** In place of a surrogate: a model elsewhere, whose predictions come with each question; of so many classes, or of numbers. */
const elsewhereCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.intersection([t.type({ kind: t.literal('predictions') }), t.partial({ classes: count })], 'Elsewhere'),
  ))();

/** A model elsewhere. */
export type Elsewhere = t.TypeOf<typeof elsewhereCodec>;

const labelPairs = t.readonlyArray(t.readonly(t.tuple([whole, finite])));

/** The layout of starts; one of the future is refused in words. */
const startVersion = /* @__PURE__ */ (() => {
  const own = t.literal(1);
  return new t.Type<1>(
    '1',
    own.is,
    (value, context) =>
      own.is(value)
        ? t.success(value)
        : t.failure(
            value,
            context,
            typeof value === 'number'
              ? `is ${value}, and this program knows 1: it takes a newer batchgfn`
              : undefined,
          ),
    t.identity,
  );
})();

/** A codec for each setting of strategies, by what it may be. */
const settingCodecs = /* @__PURE__ */ (() => {
  const codecOf = (name: SettingName) => {
    const { holds, expected } = settings[name];
    const is = (value: unknown): value is unknown => holds(value);
    return new t.Type<unknown>(
      expected,
      is,
      (value, context) =>
        holds(value)
          ? t.success(value)
          : t.failure(value, context, typeof value === 'number' ? `is not ${expected}` : undefined),
      t.identity,
    );
  };
  return Object.fromEntries(settingNames.map((name) => [name, codecOf(name)])) as unknown as {
    readonly [Name in SettingName]: t.Type<NonNullable<StrategySettings[Name]>>;
  };
})();
/**
 * A file as it was: its path (from where the session is kept), its length in bytes and its SHA-256 in hexadecimal digits; and how it
 * is written, as far as somebody has said it.
 */
const dataFileCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.intersection([
      t.type({ file: t.string, bytes: whole, sha256: t.string }),
      t.partial({
        delimiter: t.string,
        decimal: t.keyof({ '.': null, ',': null }),
        format: namesOf<TableFormat>(tableFormats),
      }),
    ]),
  ))();

/** A file as it was. */
export type DataFile = t.TypeOf<typeof dataFileCodec>;

/** Decodes {@link RowTexts}. */
export const rowTextsCodec = /* @__PURE__ */ (() =>
  t.readonly(t.type({ column: t.string, texts: t.readonlyArray(t.string) })))();

/** A column of texts, one a row. */
export type RowTexts = t.TypeOf<typeof rowTextsCodec>;

/** A column of numbers, one a row. */
const rowNumbersCodec = /* @__PURE__ */ (() =>
  t.readonly(t.type({ column: t.string, values: t.readonlyArray(finite) })))();

/** Decodes a {@link SessionStart}. Marked pure, as the next: a bundle that decodes none drops it. */
export const sessionStartCodec = /* @__PURE__ */ (() =>
  t.readonly(
    t.intersection(
      [
        t.type({
          /** Of this layout. */
          version: startVersion,
          featureNames: t.readonlyArray(t.string),
          targetName: t.string,
          /** The points: the number by which people know each, and its features in their own units. */
          rows: rowNumbers,
          features: t.readonlyArray(t.readonlyArray(finite)),
          /** Labels known from the start, as [row, label]. */
          labels: labelPairs,
          /** What is fitted to the labels; or who predicts in its place. */
          surrogate: t.union([batchSurrogateCodec, elsewhereCodec]),
          acquisition: namesOf<AcquisitionName>(strategies),
          /** Of the strategy; what is left out is decided by it. */
          settings: t.readonly(
            t.partial({
              ...settingCodecs,
              candidates: count,
              reward: namesOf<RewardName>(rewards),
            }),
          ),
          seed: whole,
        }),
        t.partial({
          /** Of class labels: the names of classes 0 … C − 1, all that there will be (class-labels.ts). */
          classNames: t.readonlyArray(t.string),
          /** Beside the first, further targets of numbers that share the batch, with their labels as above (targets.ts). */
          furtherTargets: t.readonlyArray(t.readonly(t.type({ targetName: t.string, labels: labelPairs }))),
          /** What the numbers of rows count: lines where left out, or rows of an array from 0. */
          rowKind: t.literal('row'),
          /** The column that names the rows: all of them, each in another way. */
          rowNames: rowTextsCodec,
          /** Columns that are shown with the rows. */
          shown: t.readonlyArray(rowTextsCodec),
          /** What rows cost to label, and the groups that they belong to, for limits of batches. */
          costs: rowNumbersCodec,
          groups: rowTextsCodec,
          /** The file that the rows came from. */
          data: dataFileCodec,
          /** Whether the features are embeddings, which say nothing to people. */
          embedded: t.literal(true),
        }),
      ],
      'SessionStart',
    ),
  ))();

/** What a session starts from. */
export type SessionStart = t.TypeOf<typeof sessionStartCodec>;

/** Decodes a {@link SessionEvent}. */
export const sessionEventCodec = /* @__PURE__ */ (() =>
  t.union(
    [
      /** A batch was asked for, and these rows were the answer: with their JMI in nats, and whether a policy was trained. */
      t.readonly(
        t.intersection([
          t.type({
            event: t.literal('asked'),
            rows: rowNumbers,
            jointMutualInformation: finite,
            trained: t.boolean,
          }),
          t.partial({
            /** By which predictions, where a model elsewhere makes them. */
            predictions: predictionsFileCodec,
            /** What it was expected to do for predictions; not of a cold start. */
            expected: expectationCodec,
            /** The same of several targets, of those whose labels had a say. */
            outputs: t.readonlyArray(t.readonly(t.type({ target: t.string, expected: expectationCodec }))),
          }),
        ]),
      ),
      /** Labels of rows, by the name of their target where there are several; of a row that had one, a correction. */
      t.readonly(
        t.intersection([
          t.type({
            event: t.literal('told'),
            labels: labelPairs,
          }),
          t.partial({ target: t.string }),
        ]),
      ),
      /** Rows that are not to be asked for again. */
      t.readonly(t.type({ event: t.literal('skipped'), rows: rowNumbers })),
      /**
       * Rows of other tables joined, known from then on by these numbers and names; their features in the units of the table, and the
       * cells of their other columns as they were written.
       */
      t.readonly(
        t.intersection([
          t.type({
            event: t.literal('added'),
            rows: rowNumbers,
            features: t.readonlyArray(t.readonlyArray(finite)),
            names: t.readonlyArray(t.string),
          }),
          t.partial({ cells: t.readonlyArray(rowTextsCodec) }),
        ]),
      ),
      /** The policy was trained on the posterior after labels of these rows, before they were known. */
      t.readonly(t.type({ event: t.literal('ahead'), rows: rowNumbers })),
    ],
    'SessionEvent',
  ))();

/** Something that happened to a session. Rows are by the numbers that people know them by. */
export type SessionEvent = t.TypeOf<typeof sessionEventCodec>;
