/**
 * What are the batches of a pool worth? A reward gives every batch B of a posterior's pool a utility U(B), and batches are
 * drawn with probability ∝ R(B) = exp(U(B) / T).
 *
 * A utility is known in two places: on the host in f64, where strategies grow batches by it and reports are made, and, as an
 * expression, in the programs that train policies. A policy does not see U itself but the points of its proxy: whitened
 * features whose joint mutual information is like U. Where it is U (a Gaussian surrogate), no expression is needed.
 */
import type { Matrix } from '../linear-algebra/matrix.js';
import type { Posterior } from '../surrogate/posterior.js';
import type { DType, Shape, Tensor, TypedArray } from '../tensor/expression.js';
import type { MutableBatch } from './mutable-batch.js';
import type { Scans } from './scan.js';

/** A tensor of the host. */
export interface Table {
  readonly shape: Shape;
  readonly dtype: DType;
  /** Row-major. */
  readonly values: TypedArray;
}

/** A utility as an expression, on any engine, for batches of one size. */
export interface ProgrammedUtility {
  /** What it reads, by name; f32 stands for the precision of the program. */
  readonly tables: Readonly<Record<string, Table>>;
  /** U of each batch: batches u32 [K, b] of different points of the pool → [K]. The order does not matter. */
  readonly value: (tables: Readonly<Record<string, Tensor>>, batches: Tensor) => Tensor;
}

/** A batch that grows by one point at a time. Immutable. */
export interface PartialBatch {
  /** The points, in the order chosen. */
  readonly chosen: readonly number[];
  /** What each of the N points would add, U(s + n) − U(s); of those chosen it holds no meaning. */
  readonly gains: () => Float64Array;
  /** The same by scans, where threads may share them (scan.ts). */
  readonly gainScans?: () => Scans<Float64Array>;
  /** s + n. */
  readonly with: (n: number) => PartialBatch;
}

/** The utility of the batches of one pool. */
export interface Utility {
  /** N. */
  readonly points: number;
  /** U of a batch of different pool indices in any order. Throws a RangeError for an index outside the pool. */
  readonly value: (batch: readonly number[]) => number;
  /** The empty batch. */
  readonly empty: PartialBatch;
  /** A batch of different points of the pool that is changed in place. */
  readonly batchFrom: (members: readonly number[]) => MutableBatch;
  /** The same of some points alone, different ones: a batch's points are then their positions among `indices`. */
  readonly batchesWithin: (indices: readonly number[]) => (members: readonly number[]) => MutableBatch;
  /** Operations of the gain of one point in a batch of some size, by order of magnitude. */
  readonly gainOperations: (size: number) => number;
  /** Φ by which policies see the points, N×D. */
  readonly proxyFeatures: Matrix;
  /** In programs, for batches of one size; left out where U is the joint mutual information of the proxy. */
  readonly programmed?: (size: number) => ProgrammedUtility;
}

/** What batches are to be good for. */
export interface Reward {
  readonly name: string;
  /** Of its utilities: nats, for one. */
  readonly unit: string;
  /** Its utility of the batches of a posterior's pool. */
  readonly utilityFor: (posterior: Posterior) => Utility;
}
