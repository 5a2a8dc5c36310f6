/**
 * What a surrogate is to those who fit any of them: how it is fitted, how a model of it predicts again, and whether its labels
 * are classes. One record a file of this folder; src/surrogate/surrogate.ts has the table.
 */
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Engine } from '../../engine/engine.js';
import type { Failure } from '../../failure.js';
import type { Matrix } from '../../linear-algebra/matrix.js';
import type { WorkControl } from '../../work.js';
import type { Posterior } from '../posterior.js';

/** A fitted surrogate. */
export interface Fitted<Model> {
  /** What was fitted, as plain data. */
  readonly model: Model;
  /**
   * The posterior over rows (N×d, raw units): a fixed function of them. A label is then N(mean_n, σ² (1 + |φ_n|²)), or of the
   * classes' probabilities. An InputFailure where an entry is not finite. Throws a RangeError where the columns are not those of
   * the model.
   */
  readonly posterior: (rows: Matrix) => TaskEither<Failure, Posterior>;
}

/** Labelled inputs (n×d, raw units) and their n targets; the pool's rows (N×d) take part in standardising alone. */
export interface LabelledRows {
  readonly inputs: Matrix;
  readonly targets: Float64Array;
  readonly pool?: Matrix;
}

/** A surrogate. `Spec` says what to fit and `Model` what was fitted, both plain data of one `kind`. */
export interface SurrogateRecord<Spec, Model> {
  readonly isOfClasses: (spec: Spec) => boolean;
  /** Networks are trained on the engine, which must stay open for their posterior. */
  readonly fit: (
    spec: Spec,
    labelled: LabelledRows,
    engine: Engine,
    control: WorkControl,
  ) => TaskEither<Failure, Fitted<Model>>;
  /** The same model on the same engine gives the same bits. */
  readonly restore: (
    model: Model,
    engine: Engine,
    control: WorkControl,
  ) => TaskEither<Failure, Fitted<Model>>;
}
