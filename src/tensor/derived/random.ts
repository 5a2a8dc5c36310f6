/**
 * Random numbers inside programs, by the same laws as src/random/key.ts:
 *
 *   bits(key, n)[i] = word (i mod 2) of threefry(key, (floor(i / 2), 0))        split(key, i) = threefry(key, (i, 1))
 *
 * so a program's bits are the host's bits. Keys are u32[2].
 */
import { sizeOf, type DType, type Shape, type Tensor } from '../expression.js';
import {
  add,
  argmax,
  cast,
  constant,
  div,
  iota,
  log,
  maximum,
  mul,
  neg,
  reshape,
  select,
  slice,
  threefry,
} from '../operations.js';
import { lowestFinite } from './softmax.js';

/** Uniform 32-bit words (u32) of any shape. */
export const randomBits = (key: Tensor, shape: Shape): Tensor => {
  const size = sizeOf(shape);
  const blocks = Math.ceil(size / 2);
  // (0, 0), (1, 0), …: the second column is where the coordinate of its axis is not zero.
  const counters = select(iota('u32', [blocks, 2], 1), 0, iota('u32', [blocks, 2], 0));
  const words = reshape(threefry(key, counters), [2 * blocks]);
  return reshape(slice(words, [0], [size]), shape);
};

/** The i-th child of a key. */
export const splitKey = (key: Tensor, index: number): Tensor =>
  reshape(threefry(key, constant([index, 1], 'u32', [1, 2])), [2]);

/**
 * Uniform in (0, 1), from 23 bits: (⌊word / 512⌋ + ½) / 2²³, exact in f32 and never 0 or 1. One bit more and the half
 * would round the largest up to 1.
 */
export const randomUniform = (key: Tensor, dtype: DType, shape: Shape): Tensor =>
  mul(add(cast(div(randomBits(key, shape), 512), dtype), 0.5), 2 ** -23);

/** Standard Gumbel numbers: −log(−log u). The floor is the least −log u there is; a GPU's log near 1 may reach zero. */
export const randomGumbel = (key: Tensor, dtype: DType, shape: Shape): Tensor =>
  neg(log(maximum(neg(log(randomUniform(key, dtype, shape))), 2 ** -24)));

/**
 * A draw from the softmax of the logits over the last axis, among the allowed entries (u32 mask), by Gumbel maxima
 * (Gumbel 1954; Maddison, Tarlow and Minka 2014). Returns indices (u32).
 */
export const randomCategorical = (key: Tensor, logits: Tensor, allowed: Tensor): Tensor => {
  const noisy = add(logits, randomGumbel(key, logits.dtype, logits.shape));
  return argmax(select(allowed, noisy, lowestFinite(logits.dtype)), logits.shape.length - 1);
};
