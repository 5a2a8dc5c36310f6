/** What is told of a fitted surrogate? Its hyperparameters: its model without what lets it predict, which is much. */
import type { SurrogateModel } from '../surrogate/surrogate.js';
import type { ReportedPredictions } from './predictions.js';

type Kind = SurrogateModel['kind'];
type OfKind<K> = Extract<SurrogateModel, { readonly kind: K }>;
type MembersOf<M> = M extends unknown ? keyof M : never;

/** What of a model of each kind is left out. */
const leftOut = {
  'bayesian-linear': ['inputs', 'target', 'weights'],
  'gaussian-process': ['inputs', 'labelled'],
  'gaussian-process-classes': ['inputs', 'labelled'],
  network: ['inputs', 'target', 'weights', 'parameters', 'weightDraws'],
} as const satisfies { readonly [K in Kind]: readonly MembersOf<OfKind<K>>[] };

type Reported<M> = M extends { readonly kind: infer K extends Kind }
  ? Omit<M, (typeof leftOut)[K][number]> & { readonly labelledCount: number }
  : never;

/** A fitted surrogate by its hyperparameters. */
type ReportedModel = Reported<SurrogateModel>;

/** What stands behind a posterior: a fitted surrogate, or predictions of a model elsewhere. */
export type ReportedSurrogate = ReportedModel | ReportedPredictions;

/** What is said of a fitted surrogate. */
export const reportedSurrogate = (model: SurrogateModel): ReportedSurrogate => {
  const left: readonly string[] = leftOut[model.kind];
  const kept = Object.fromEntries(Object.entries(model).filter(([name]) => !left.includes(name)));
  const labelledCount = 'labelled' in model ? model.labelled.targets.length : model.labelledCount;
  return { ...kept, labelledCount } as ReportedModel;
};
