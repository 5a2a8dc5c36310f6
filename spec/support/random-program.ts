/**
 * Random programs: graphs of all primitives over small shapes, with shared subexpressions, views of views, equal
 * copies, several outputs, and every kind of carry.
 *
 * A program is grown from natural numbers, so fast-check can shrink it to fewer nodes: each instruction chooses a
 * primitive and its operands among what there is (moves.ts).
 */
import * as fc from 'fast-check';
import type { Values } from '../../src/engine/engine.js';
import { bits, keyFromSeed, split, uniforms } from '../../src/random/key.js';
import { sizeOf, type DType, type Shape, type Tensor } from '../../src/tensor/expression.js';
import * as o from '../../src/tensor/operations.js';
import { primitiveNames } from '../../src/tensor/primitives/index.js';
import { program, topologicalOrder, type Program } from '../../src/tensor/program.js';
import { showProgram } from '../../src/tensor/show.js';
import { fit, moves, real, type Choices, type Entry } from './moves.js';

/** The inputs of random programs. The first four may be carried; `scores` hold small integers. */
const inputs: readonly (readonly [name: string, kind: Entry['kind'], dtype: DType, shape: Shape])[] = [
  ['state', 'real', 'f32', [2, 3]],
  ['moment', 'real', 'f32', [2, 3]],
  ['key', 'word', 'u32', [2]],
  ['count', 'int', 'i32', [3]],
  ['features', 'real', 'f32', [3, 2]],
  ['scores', 'exact', 'f32', [4]],
  ['labels', 'word', 'u32', [2, 2]],
];

/** How a carried input goes on. */
const carries = [
  'none',
  'itself',
  'another input',
  'a constant',
  'a view',
  'what the one before goes on as',
  'an invariant',
  'a view of an invariant',
  'the start of something longer',
  'computed',
  'computed',
  'computed',
] as const;

/** What fast-check generates: small numbers only. */
interface Recipe {
  readonly instructions: readonly (readonly number[])[];
  readonly outputs: readonly number[];
  readonly carry: readonly (readonly [mode: (typeof carries)[number], choice: number])[];
}

const choicesFrom = (numbers: readonly number[], entries: readonly Entry[]): Choices => {
  let next = 0;
  const below = (n: number): number => (n <= 1 ? 0 : (numbers[next++ % numbers.length] ?? 0) % n);
  return {
    below,
    pick: (...kinds) => {
      const fitting = entries.filter(({ kind }) => kinds.includes(kind));
      // Mostly what is new, so that graphs grow deep.
      const recent = below(3) === 0 ? fitting : fitting.slice(-4);
      const entry = recent[below(recent.length)];
      if (entry === undefined) throw new Error(`no entry is ${kinds.join(' or ')}`);
      return entry;
    },
  };
};

const grown = (instructions: Recipe['instructions'], entries: Entry[]): void => {
  for (const [choice = 0, ...numbers] of instructions) {
    const name = primitiveNames[choice % primitiveNames.length] ?? 'input';
    entries.push(moves[name](choicesFrom(numbers, entries)));
  }
};

/** A node made to an input's type. Floats come out below 4. */
const asInput = ({ tensor, kind, bound }: Entry, [, own, dtype, shape]: (typeof inputs)[number]): Tensor => {
  const typed =
    tensor.dtype === dtype
      ? tensor
      : o.cast(
          kind === 'word' || kind === 'int' ? o.sub(tensor, o.mul(o.div(tensor, 17), 17)) : tensor,
          dtype,
        );
  const fitted = fit(typed, shape);
  return own === 'real' && bound > 4 ? real(fitted, Math.max(bound, 9)).tensor : fitted;
};

const programOf = ({ instructions, outputs, carry }: Recipe): Program => {
  const givens = inputs.map(([name, kind, dtype, shape]) => ({
    tensor: o.input(name, dtype, shape),
    kind,
    bound: 4,
  }));
  const entries: Entry[] = [...givens];
  grown(instructions, entries);
  const previous: Tensor[] = [];
  const next = carry.flatMap(([mode, choice], i): readonly (readonly [string, Tensor])[] => {
    const own = inputs[i];
    const given = givens[i];
    if (mode === 'none' || own === undefined || given === undefined) return [];
    const [name, kind, dtype, shape] = own;
    const alike = entries.filter(({ tensor }) => tensor.dtype === dtype);
    const chosen = alike[choice % alike.length] ?? given;
    const invariant = givens.find((entry, at) => at > 3 && entry.tensor.dtype === dtype) ?? given;
    const tensor = ((): Tensor => {
      switch (mode) {
        case 'itself':
          return given.tensor;
        case 'another input':
          return asInput(givens[i ^ 1]?.kind === kind ? (givens[i ^ 1] ?? given) : given, own);
        case 'a constant':
          return o.constant(
            Array.from({ length: sizeOf(shape) }, (_, at) => (at + choice) % 4),
            dtype,
            shape,
          );
        case 'a view':
          return o.reshape(o.transpose(o.reshape(given.tensor, [sizeOf(shape), 1])), shape);
        case 'what the one before goes on as':
          return asInput({ tensor: previous.at(-1) ?? given.tensor, kind, bound: 4 }, own);
        case 'an invariant':
          return fit(o.add(invariant.tensor, invariant.tensor), shape);
        case 'a view of an invariant':
          return fit(invariant.tensor, shape);
        case 'the start of something longer':
          return o.slice(
            o.concat([asInput(chosen, own), given.tensor], 0),
            shape.map(() => 0),
            shape,
          );
        case 'computed':
          return asInput(chosen, own);
      }
    })();
    previous.push(tensor);
    return [[name, tensor]];
  });
  const named = Object.fromEntries(
    outputs.map((choice, i) => [
      `output ${i}`,
      (entries[entries.length - 1 - (choice % entries.length)] ?? givens[0])?.tensor as Tensor,
    ]),
  );
  return program(named, onlyRead(named, Object.fromEntries(next)));
};

/** The carry without names that no expression reads; dropping one may leave another unread. */
const onlyRead = (
  outputs: Readonly<Record<string, Tensor>>,
  carry: Readonly<Record<string, Tensor>>,
): Readonly<Record<string, Tensor>> => {
  const nodes = topologicalOrder([...Object.values(outputs), ...Object.values(carry)]);
  const read = new Set(nodes.flatMap((node) => (node.primitive === 'input' ? [node.attributes.name] : [])));
  const left = Object.fromEntries(Object.entries(carry).filter(([name]) => read.has(name)));
  return Object.keys(left).length === Object.keys(carry).length ? carry : onlyRead(outputs, left);
};

/** Values for all inputs of a program, from a seed. */
export const valuesFor = (running: Program, seed: number): Values =>
  Object.fromEntries(
    inputs.flatMap(([name, kind, dtype, shape], i) => {
      if (running.inputs[name] === undefined) return [];
      const key = split(keyFromSeed(seed), i);
      const size = sizeOf(shape);
      const words = bits(key, size);
      const values =
        dtype === 'u32'
          ? words
          : dtype === 'i32'
            ? Int32Array.from(words)
            : Float32Array.from(uniforms(key, size), (x) =>
                kind === 'exact' ? Math.floor(9 * x) - 4 : 4 * x - 2,
              );
      return [[name, values]];
    }),
  );

/** One call of a run: the steps, and which of the inputs are set anew before them. */
export interface Call {
  readonly steps: number;
  readonly seed: number;
  readonly sets: readonly string[];
}

/** A program and what is done with it, one call after another. */
export interface Session {
  readonly program: Program;
  readonly calls: readonly Call[];
}

const natural = fc.nat(999);

const recipes: fc.Arbitrary<Recipe> = fc.record({
  instructions: fc.array(fc.array(natural, { minLength: 8, maxLength: 8 }), { minLength: 5, maxLength: 25 }),
  outputs: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }),
  carry: fc.array(fc.tuple(fc.constantFrom(...carries), natural), { maxLength: 4 }),
});

/** Random programs and sessions on them. The first call sets everything. */
export const sessions: fc.Arbitrary<Session> = fc
  .tuple(
    recipes,
    fc.array(
      fc.record({
        steps: fc.nat(4),
        seed: fc.nat(),
        sets: fc.subarray(inputs.map(([name]) => name)),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(([recipe, [first, ...more]]) => {
    const made = programOf(recipe);
    const all = Object.keys(made.inputs);
    const calls = [
      { steps: first?.steps ?? 1, seed: first?.seed ?? 0, sets: all },
      ...more.map((call) => ({ ...call, sets: call.sets.filter((name) => all.includes(name)) })),
    ];
    return Object.assign(
      { program: made, calls },
      { [fc.toStringMethod]: () => `${showProgram(made)}\n${JSON.stringify(calls)}` },
    );
  });

/** The primitives of a program. */
export const primitivesOf = ({ outputs, carry }: Program): ReadonlySet<string> =>
  new Set(
    topologicalOrder([...Object.values(outputs), ...Object.values(carry)]).map(({ primitive }) => primitive),
  );
