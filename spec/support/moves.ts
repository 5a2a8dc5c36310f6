/**
 * How random programs grow: for every primitive one move, from nodes that are there to a new one. Total by type.
 *
 * Rounding must not decide anything, or engines could not be held together: comparisons, argmax and truncation see
 * integers, or floats that hold small integers (`exact`). Other floats are kept below a bound, so that errors stay
 * small, and inside the domain of what is applied to them.
 */
import { sizeOf, type PrimitiveName, type Shape, type Tensor } from '../../src/tensor/expression.js';
import { logSoftmaxAt } from '../../src/tensor/derived/log-softmax-at.js';
import { oneHotMask } from '../../src/tensor/derived/matrix.js';
import * as o from '../../src/tensor/operations.js';
import { squaredDistance } from './composites.js';
import { mapValues, unaries } from './pointwise.js';

/** What is known of a node's elements. `exact` floats hold integers. */
export interface Entry {
  readonly tensor: Tensor;
  readonly kind: 'real' | 'exact' | 'word' | 'int';
  /** The largest absolute value, of floats. */
  readonly bound: number;
}

/** What arithmetic may be done on an entry. */
export type Kind = Entry['kind'];

/** Answers the questions of a move: a number below n, or a node of one of the kinds. */
export interface Choices {
  readonly below: (n: number) => number;
  readonly pick: (...kinds: readonly Kind[]) => Entry;
}

/** No node is made larger than this. */
const most = 48;

/** Any tensor made to a shape by flattening, cutting or padding: movement in plenty. */
export const fit = (a: Tensor, shape: Shape): Tensor => {
  const [own, wanted] = [sizeOf(a.shape), sizeOf(shape)];
  const flat = o.reshape(a, [own]);
  const cut =
    own >= wanted ? o.slice(flat, [own - wanted], [wanted]) : o.pad(flat, [(wanted - own) >> 1], [wanted]);
  return o.reshape(cut, shape);
};

/** A float below a bound, pressed below 4 where the bound is large. */
export const real = (tensor: Tensor, bound: number): Entry =>
  bound <= 8
    ? { tensor, kind: 'real', bound }
    : { tensor: o.mul(o.tanh(o.mul(tensor, 2 / bound)), 4), kind: 'real', bound: 4 };

/** A result on floats: exact if its operands were and it stays far below 2^24. */
const float = (tensor: Tensor, bound: number, ...from: readonly Entry[]): Entry =>
  from.every(({ kind }) => kind === 'exact') && bound <= 2 ** 16
    ? { tensor, kind: 'exact', bound }
    : real(tensor, bound);

/** The same elements elsewhere, or zeros beside them. */
const moved = (entry: Entry, tensor: Tensor): Entry => ({ ...entry, tensor });

/** The result of arithmetic on entries of one dtype. */
const arithmetic = (tensor: Tensor, bound: number, ...from: readonly Entry[]): Entry => {
  const kind = from[0]?.kind ?? 'real';
  return kind === 'word' || kind === 'int'
    ? { tensor, kind, bound: Infinity }
    : float(tensor, bound, ...from);
};

/** All kinds. */
export const any: readonly Kind[] = ['real', 'exact', 'word', 'int'];
const sameType = (kind: Kind): readonly Kind[] =>
  kind === 'word' || kind === 'int' ? [kind] : ['real', 'exact'];

/** Two operands of one dtype that broadcast together. */
const two = ({ below, pick }: Choices, kinds: readonly Kind[] = any): readonly [Entry, Entry] => {
  const a = pick(...kinds);
  const b = pick(...sameType(a.kind).filter((kind) => kinds.includes(kind)));
  const shape = a.tensor.shape.map((size) => (below(3) === 0 ? 1 : size)).slice(below(3) === 0 ? 1 : 0);
  return [a, moved(b, below(4) === 0 && sizeOf(b.tensor.shape) === 1 ? b.tensor : fit(b.tensor, shape))];
};

/** a² + ½, where an operand must be positive. */
const positive = (a: Tensor): Tensor => o.add(o.mul(a, a), 0.5);

/** x mod n, of integers; not negative for words. */
const modulo = (x: Tensor, n: number): Tensor => o.sub(x, o.mul(o.div(x, n), n));

const axisOf = (a: Tensor, { below }: Choices): number => below(a.shape.length);

const axes = (a: Tensor, { below }: Choices): readonly number[] => {
  const chosen = a.shape.map((_, axis) => axis).filter(() => below(2) === 0);
  return chosen.length > 0 || a.shape.length === 0 ? chosen : [a.shape.length - 1];
};

/** An entry with one axis at least. */
const ranked = (entry: Entry): Entry =>
  entry.tensor.shape.length > 0 ? entry : moved(entry, o.reshape(entry.tensor, [1]));

/** I + X Xᵀ / 16 for X from some floats: well conditioned. */
const definite = ({ below, pick }: Choices): Tensor => {
  const n = 1 + below(3);
  const x = o.tanh(fit(pick('real', 'exact').tensor, below(2) === 0 ? [n, n] : [2, n, n]));
  const diagonal = o.cast(o.equal(o.iota('u32', [n, n], 0), o.iota('u32', [n, n], 1)), 'f32');
  return o.add(diagonal, o.mul(o.matmul(x, o.transpose(x)), 1 / 16));
};

/** Within the domain, which tanh or {@link positive} sees to. */
const everyUnary = mapValues(
  unaries,
  (f) =>
    ({ pick }: Choices): Entry =>
      f.domains[0] === 'real'
        ? real(f(o.tanh(pick('real', 'exact').tensor)), 3)
        : real(f(positive(pick('real').tensor)), 9),
);

const compared = (name: 'less' | 'equal', c: Choices): Entry => {
  const [a, b] = two(c, ['word', 'int', 'exact']);
  return { tensor: o[name](a.tensor, b.tensor), kind: 'word', bound: Infinity };
};

/** One step of growth for every primitive. */
export const moves: { readonly [K in PrimitiveName]: (choices: Choices) => Entry } = {
  // An equal node that is another object, of anything there is.
  input: ({ pick }) => {
    const entry = pick(...any);
    return moved(entry, { ...entry.tensor });
  },
  constant: ({ below }) => {
    const shape = [1 + below(3), 1 + below(3)];
    const values = Array.from({ length: sizeOf(shape) }, (_, i) => ((below(7) + i) % 7) - 3);
    return { tensor: o.constant(values, 'f32', shape), kind: 'exact', bound: 3 };
  },
  iota: ({ below }) => {
    const shape = [1 + below(3), 1 + below(4)];
    return { tensor: o.iota('i32', shape, below(2)), kind: 'int', bound: Infinity };
  },
  ...everyUnary,
  neg: ({ pick }) => {
    const a = pick('real', 'exact');
    return moved(a, o.neg(a.tensor));
  },
  tanh: ({ pick }) => real(o.tanh(pick('real', 'exact').tensor), 1),
  cast: ({ pick }) => {
    const a = pick('exact', 'word', 'int');
    if (a.kind === 'exact')
      return { tensor: o.cast(o.add(a.tensor, 0.25), 'i32'), kind: 'int', bound: Infinity };
    return { tensor: o.cast(modulo(a.tensor, 17), 'f32'), kind: 'exact', bound: 17 };
  },
  add: (c) => {
    const [a, b] = two(c);
    return arithmetic(o.add(a.tensor, b.tensor), a.bound + b.bound, a, b);
  },
  sub: (c) => {
    const [a, b] = two(c);
    return arithmetic(o.sub(a.tensor, b.tensor), a.bound + b.bound, a, b);
  },
  mul: (c) => {
    const [a, b] = two(c);
    return arithmetic(o.mul(a.tensor, b.tensor), a.bound * b.bound, a, b);
  },
  div: (c) => {
    const [a, b] = two(c);
    return a.kind === 'word' || a.kind === 'int'
      ? arithmetic(o.div(a.tensor, b.tensor), Infinity, a)
      : real(o.div(a.tensor, positive(b.tensor)), 2 * a.bound);
  },
  maximum: (c) => {
    const [a, b] = two(c);
    return arithmetic(o.maximum(a.tensor, b.tensor), Math.max(a.bound, b.bound), a, b);
  },
  less: (c) => compared('less', c),
  equal: (c) => compared('equal', c),
  select: (c) => {
    const [a, b] = two(c);
    const mask = modulo(fit(c.pick('word').tensor, a.tensor.shape), 2);
    return arithmetic(o.select(mask, a.tensor, b.tensor), Math.max(a.bound, b.bound), a, b);
  },
  stopGradient: ({ pick }) => {
    const a = pick(...any);
    return moved(a, o.stopGradient(a.tensor));
  },
  reshape: ({ below, pick }) => {
    const a = pick(...any);
    const size = sizeOf(a.tensor.shape);
    const forms = [1, 2, 3, 4]
      .filter((n) => size % n === 0)
      .flatMap((n) => [[n, size / n], [size / n, 1, n], [size]]);
    return moved(a, o.reshape(a.tensor, forms[below(forms.length)] ?? [size]));
  },
  transpose: ({ below, pick }) => {
    const a = pick(...any);
    const rank = a.tensor.shape.length;
    const turn = below(rank);
    const rotated = a.tensor.shape.map((_, axis) => (axis + turn) % rank);
    return moved(a, o.transpose(a.tensor, below(2) === 0 ? rotated : rotated.reverse()));
  },
  broadcast: ({ below, pick }) => {
    const a = pick(...any);
    const { shape } = a.tensor;
    const larger = shape.map((size) => (size === 1 ? 1 + below(3) : size));
    const wanted = shape.length < 4 && below(2) === 0 ? [1 + below(3), ...larger] : larger;
    return sizeOf(wanted) > most ? a : moved(a, o.broadcast(a.tensor, wanted));
  },
  slice: ({ below, pick }) => {
    const a = pick(...any);
    const starts = a.tensor.shape.map((size) => below(size));
    const shape = a.tensor.shape.map((size, axis) => 1 + below(size - (starts[axis] ?? 0)));
    return moved(a, o.slice(a.tensor, starts, shape));
  },
  pad: ({ below, pick }) => {
    const a = pick(...any);
    const before = a.tensor.shape.map(() => below(2));
    const shape = a.tensor.shape.map((size, axis) => size + (before[axis] ?? 0) + below(2));
    return sizeOf(shape) > most ? a : moved(a, o.pad(a.tensor, before, shape));
  },
  concat: (c) => {
    const [a, b] = [c.pick(...any), c.pick(...any)].map(ranked) as [Entry, Entry];
    const other = sameType(a.kind).includes(b.kind) ? b : a;
    if (sizeOf(a.tensor.shape) > most / 2) return a;
    const axis = axisOf(a.tensor, c);
    const joined = o.concat([a.tensor, fit(other.tensor, a.tensor.shape), a.tensor].slice(c.below(2)), axis);
    return arithmetic(joined, Math.max(a.bound, other.bound), a, other);
  },
  sum: (c) => {
    const a = c.pick(...any);
    return arithmetic(o.sum(a.tensor, axes(a.tensor, c)), a.bound * sizeOf(a.tensor.shape), a);
  },
  max: (c) => {
    const a = c.pick(...any);
    return moved(a, o.max(a.tensor, axes(a.tensor, c)));
  },
  argmax: (c) => {
    const { tensor } = ranked(c.pick('exact', 'word', 'int'));
    return { tensor: o.argmax(tensor, axisOf(tensor, c)), kind: 'word', bound: Infinity };
  },
  matmul: (c) => {
    const [a, b] = [c.pick('real', 'exact'), c.pick('real', 'exact')];
    const [m, k, n] = [1 + c.below(3), 1 + c.below(3), 1 + c.below(5)];
    const left = fit(a.tensor, c.below(2) === 0 ? [m, k] : [2, m, k]);
    const right = c.below(2) === 0 ? fit(b.tensor, [k, n]) : o.transpose(fit(b.tensor, [n, k]));
    return float(o.matmul(left, right), a.bound * b.bound * k, a, b);
  },
  gather: (c) => {
    const a = ranked(c.pick(...any));
    const count = a.tensor.shape[0] ?? 1;
    const indices = modulo(fit(c.pick('word').tensor, c.below(2) === 0 ? [2] : []), count + 1);
    return moved(a, o.gather(a.tensor, indices));
  },
  scatterAdd: (c) => {
    const a = ranked(c.pick(...any));
    const count = a.tensor.shape[0] ?? 1;
    const indices = modulo(fit(c.pick('word').tensor, [count]), 4);
    return arithmetic(o.scatterAdd(a.tensor, indices, 1 + c.below(4)), a.bound * count, a);
  },
  cholesky: (c) => real(o.cholesky(definite(c)), 2),
  triangularSolve: (c) => {
    const l = o.cholesky(definite(c));
    const b = c.pick('real');
    const shape = [...l.shape.slice(0, -1), 1 + c.below(3)];
    return real(o.triangularSolve(l, fit(b.tensor, shape), c.below(2) === 0), 4 * b.bound);
  },
  threefry: ({ below, pick }) => {
    const counters = fit(pick('word').tensor, [1 + below(3), 2]);
    return { tensor: o.threefry(fit(pick('word').tensor, [2]), counters), kind: 'word', bound: Infinity };
  },
  composite: (c) => {
    const [a, b] = [c.pick('real', 'exact'), c.pick('real', 'exact')];
    if (c.below(2) === 0) {
      const tensor = o.composite(squaredDistance, [a.tensor, fit(b.tensor, a.tensor.shape)]);
      return float(tensor, (a.bound + b.bound) ** 2, a, b);
    }
    // Of one operand twice, and as a view.
    const [rows, n] = [1 + c.below(3), 1 + c.below(5)];
    const logits = fit(real(a.tensor, Math.max(a.bound, 9)).tensor, [rows, n]);
    const allowed = fit(o.less(modulo(c.pick('word').tensor, 3), 2), [rows, n]);
    const indices = modulo(fit(c.pick('word').tensor, [rows]), n);
    const some = o.maximum(allowed, oneHotMask(indices, n));
    return real(logSoftmaxAt(logits, some, indices), 10);
  },
};
