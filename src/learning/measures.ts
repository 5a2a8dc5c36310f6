/**
 * By which figures are strategies compared? By those of the metrics in a record, which depend on what labels are; each
 * with a name, an axis to be drawn on, and a reading. A new one is an entry here.
 */
import type { Metrics } from './record.js';

/** The name of a figure: an entry of the metrics, or one that follows from them. */
export type MeasureName =
  | 'meanSquaredError'
  | 'rmse'
  | 'averageRelativeRmse'
  | 'logScore'
  | 'accuracy'
  | 'crossEntropy'
  | 'informationRatio'
  | 'drawnRatio'
  | 'elboDifference'
  | 'euboDifference';

/** One figure. */
export interface Measure {
  readonly name: MeasureName;
  /** In tables and sentences. */
  readonly title: string;
  /** Over a table. */
  readonly heading: string;
  /** Beside an axis, with its unit. */
  readonly axis: string;
  /** Whether it is compared by its ratios: it is above 0 then, and drawn as log₁₀. */
  readonly logarithmic: boolean;
  readonly better: 'below' | 'above';
  /** Where it can lie; everywhere if left out. */
  readonly range?: readonly [least: number, most: number];
  /** Whether a run ends with its last round's, or has the mean over its rounds after the first. */
  readonly final: 'last' | 'mean';
  /** NaN of metrics that have no such figure. */
  readonly of: (metrics: Metrics) => number;
}

/** The entry of a name, NaN where it is not there. */
const entry =
  (name: MeasureName) =>
  (metrics: Metrics): number => {
    const entries: Readonly<Partial<Record<MeasureName, number>>> = metrics;
    return entries[name] ?? NaN;
  };

/** The measures by name. */
export const measures: Readonly<Record<MeasureName, Measure>> = {
  meanSquaredError: {
    name: 'meanSquaredError',
    heading: 'Mean squared error on the test rows',
    ...{ title: 'MSE', axis: 'test MSE', logarithmic: true, better: 'below' },
    final: 'last',
    of: (metrics) => entry('rmse')(metrics) ** 2,
  },
  rmse: {
    name: 'rmse',
    heading: 'Root mean squared error on the test rows',
    ...{ title: 'RMSE', axis: 'test RMSE', logarithmic: true, better: 'below' },
    final: 'last',
    of: entry('rmse'),
  },
  averageRelativeRmse: {
    name: 'averageRelativeRmse',
    heading: 'Root mean squared error on the test rows beside the standard deviation, mean over targets',
    ...{ title: 'aRRMSE', axis: 'test aRRMSE', logarithmic: true, better: 'below' },
    final: 'last',
    of: entry('averageRelativeRmse'),
  },
  logScore: {
    name: 'logScore',
    heading: 'Mean log density of the test labels, nats',
    ...{ title: 'log score', axis: 'log score (nats)', logarithmic: false, better: 'above' },
    final: 'last',
    of: entry('logScore'),
  },
  accuracy: {
    name: 'accuracy',
    heading: 'Part of the test rows whose class is predicted',
    ...{ title: 'accuracy', axis: 'test accuracy', logarithmic: false, better: 'above', range: [0, 1] },
    final: 'last',
    of: entry('accuracy'),
  },
  crossEntropy: {
    name: 'crossEntropy',
    heading: 'Cross-entropy on the test rows, nats',
    ...{ title: 'cross-entropy', axis: 'cross-entropy (nats)', logarithmic: false, better: 'below' },
    range: [0, Infinity],
    final: 'last',
    of: entry('crossEntropy'),
  },
  informationRatio: {
    name: 'informationRatio',
    heading: 'JMI of the best draw over that of the policy trained from scratch',
    ...{
      title: 'best JMI / scratch',
      axis: 'JMI of the best draw / scratch',
      logarithmic: false,
      better: 'above',
    },
    range: [0, Infinity],
    final: 'mean',
    of: entry('informationRatio'),
  },
  drawnRatio: {
    name: 'drawnRatio',
    heading: 'Mean JMI of the draws over that of the policy trained from scratch',
    ...{
      title: 'mean JMI / scratch',
      axis: 'mean JMI of the draws / scratch',
      logarithmic: false,
      better: 'above',
    },
    range: [0, Infinity],
    final: 'mean',
    of: entry('drawnRatio'),
  },
  elboDifference: {
    name: 'elboDifference',
    heading: 'ELBO less that of the policy trained from scratch, nats',
    ...{ title: 'ELBO − scratch', axis: 'ELBO − scratch (nats)', logarithmic: false, better: 'above' },
    final: 'mean',
    of: entry('elboDifference'),
  },
  euboDifference: {
    name: 'euboDifference',
    heading: 'EUBO less that of the policy trained from scratch, nats',
    ...{ title: 'EUBO − scratch', axis: 'EUBO − scratch (nats)', logarithmic: false, better: 'below' },
    final: 'mean',
    of: entry('euboDifference'),
  },
};

/** What is shown of metrics of one kind. */
export interface Measures {
  /** Side by side as curves; strategies are compared by the first. */
  readonly curves: readonly [Measure, Measure];
  /** In a table, in this order. */
  readonly table: readonly Measure[];
  /** In the short table of a terminal. */
  readonly short: Measure;
}

const ofNumbers: Measures = {
  curves: [measures.rmse, measures.logScore],
  table: [measures.meanSquaredError, measures.rmse, measures.logScore],
  short: measures.meanSquaredError,
};

const ofOutputs: Measures = {
  curves: [measures.averageRelativeRmse, measures.logScore],
  table: [measures.averageRelativeRmse, measures.logScore],
  short: measures.averageRelativeRmse,
};

const ofClasses: Measures = {
  curves: [measures.accuracy, measures.crossEntropy],
  table: [measures.accuracy, measures.crossEntropy],
  short: measures.accuracy,
};

const ofPolicies: Measures = {
  curves: [measures.informationRatio, measures.drawnRatio],
  table: [measures.informationRatio, measures.drawnRatio, measures.elboDifference, measures.euboDifference],
  short: measures.informationRatio,
};

/** The measures of such metrics. */
export const measuresOf = (metrics: Metrics): Measures =>
  'rmse' in metrics
    ? ofNumbers
    : 'averageRelativeRmse' in metrics
      ? ofOutputs
      : 'accuracy' in metrics
        ? ofClasses
        : ofPolicies;
