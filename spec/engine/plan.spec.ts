// Planning: what is computed once is computed once, memory is handed on, movement is free, nothing reads what it
// writes; and what every engine makes of a plan: counters, misuse, freed memory.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { LoadedProgram, RunRequest } from '../../src/engine/engine.js';
import { inPlace } from '../../src/engine/cpu/in-place.js';
import { partners, plan, usedSlots, type Plan, type Step } from '../../src/engine/plan.js';
import { sizeOf, type Tensor } from '../../src/tensor/expression.js';
import * as o from '../../src/tensor/operations.js';
import { primitives } from '../../src/tensor/primitives/index.js';
import { program } from '../../src/tensor/program.js';
import { isContiguous } from '../../src/tensor/view.js';
import { succeed } from '../support/device.js';
import { closeEngines, openEngines, runs, withLoaded } from '../support/engines.js';
import { sessions } from '../support/random-program.js';

const engines = await openEngines();

const x = o.input('x', 'f32', [4, 4]);
const names = (steps: readonly Step[]): readonly string[] => steps.map(({ primitive }) => primitive);

/** Slots whose values stand before a step begins. */
const standing = ({ inputs, constants, carry }: Plan): readonly number[] => [
  ...Object.values(inputs).map(({ slot }) => slot),
  ...constants.map(({ slot }) => slot),
  ...Object.values(carry).map(({ current }) => current),
];

/** Whether a step may write over an operand: where slots lie in one memory, element by element, or to add in place. */
const mayOverwrite = (
  linear: boolean,
  { primitive, operands }: Step,
  operand: Step['operands'][number],
): boolean => {
  if (!linear || !isContiguous(operand.view) || operand.view.offset !== 0) return false;
  if (primitive === 'matmul') return operands.indexOf(operand) === 2;
  if (primitive === 'copy') return false;
  const { lowering } = primitives[primitive];
  return lowering.kind === 'pointwise';
};

test('of any program: steps read what stands or was written before, and write what they do not read', () =>
  fc.assert(
    fc.property(sessions, fc.boolean(), (session, linear) => {
      const planned = linear ? inPlace(plan(session.program)) : plan(session.program);
      const known = new Set(standing(planned));
      const bound = new Set(known);
      const carried = new Set(Object.values(planned.carry).map(({ current }) => current));
      const swapped = partners(planned);
      assert.equal(
        swapped.map((partner) => swapped[partner]),
        swapped.map((_, slot) => slot),
        'slots trade places in pairs',
      );
      for (const [steps, place] of [
        [planned.prologue, 'prologue'],
        [planned.body, 'body'],
      ] as const)
        for (const step of steps) {
          const { primitive, operands, output } = step;
          const text = `${primitive} in the ${place}`;
          for (const operand of operands) {
            const { slot, dtype, view } = operand;
            assert.ok(known.has(slot), `${text} reads slot ${slot}, which nothing has written`);
            assert.ok(
              slot !== output.slot || mayOverwrite(linear, step, operand),
              `${text} reads what it writes`,
            );
            if (place === 'prologue') assert.not(carried.has(slot), `${text} depends on the carry`);
            const own = planned.slots[slot];
            const end =
              view.offset +
              view.shape.reduce((sum, size, axis) => sum + (size - 1) * (view.strides[axis] ?? 0), 0);
            assert.ok(view.offset >= 0 && end < (own?.size ?? 0), `${text} reads outside slot ${slot}`);
            assert.is(dtype, own?.dtype);
          }
          assert.not(bound.has(output.slot), `${text} writes a value that is given`);
          assert.equal(planned.slots[output.slot], { dtype: output.dtype, size: sizeOf(output.shape) });
          known.add(output.slot);
        }
      for (const { slot } of Object.values(planned.outputs))
        assert.ok(known.has(slot), 'an output was never written');
    }),
    runs(400),
  ));

test('a chain of any length needs two slots of a linear memory besides its input', () => {
  const chain = (length: number): Tensor => Array.from({ length }).reduce<Tensor>((y) => o.tanh(y), x);
  for (const length of [5, 50])
    assert.ok(usedSlots(inPlace(plan(program({ y: chain(length) })))).length <= 3, `${length} steps`);
});

test('memory of another size or dtype is not taken over', () => {
  const small = o.sum(o.tanh(o.exp(x)), [0]);
  const again = o.cast(o.cast(o.exp(small), 'u32'), 'f32');
  const { slots, body } = inPlace(plan(program({ y: o.add(small, again) })));
  for (const { output } of body) assert.is(slots[output.slot]?.size, sizeOf(output.shape));
});

test('equal subexpressions are computed once, different ones not', () => {
  const twice = () => o.exp(o.mul(x, 2));
  assert.equal(names(plan(program({ y: o.add(twice(), twice()) })).body), ['mul', 'exp', 'add']);
  const different = [o.slice(x, [0, 0], [1, 1]), o.slice(x, [1, 0], [1, 1])].map((part) => o.exp(part));
  assert.is(
    plan(program({ y: o.concat(different, 0) })).body.filter(({ primitive }) => primitive === 'exp').length,
    2,
  );
  const zeros = o.mul(o.exp(x), o.scalar(0, 'f32'));
  const negative = o.mul(o.exp(x), o.scalar(-0, 'f32'));
  assert.is(plan(program({ y: o.add(zeros, negative) })).body.length, 4, '0 and −0 are different constants');
});

test('movement costs nothing where strides can say it, and one copy where they cannot', () => {
  const moved = o.broadcast(o.slice(o.transpose(o.reshape(x, [2, 8])), [1, 0], [3, 1]), [3, 2]);
  assert.equal(
    names(plan(program({ y: o.exp(moved) })).body),
    ['exp', 'copy'],
    'what repeats is computed once, and an output is written out',
  );
  const folded = o.exp(o.reshape(o.transpose(x), [16]));
  const foldedAgain = o.tanh(o.reshape(o.transpose(x), [2, 8]));
  assert.equal(names(plan(program({ y: folded, z: foldedAgain })).body), ['copy', 'exp', 'tanh']);
  const rows = o.slice(x, [1, 0], [2, 4]);
  const row = o.constant([1], 'u32', [1]);
  assert.equal(
    names(plan(program({ y: o.gather(rows, row) })).body),
    ['gather'],
    'rows of a table lie together',
  );
  assert.equal(names(plan(program({ y: o.gather(o.transpose(rows), row) })).body), ['copy', 'gather']);
  assert.equal(names(plan(program({ y: o.transpose(x) })).body), ['copy'], 'outputs are row-major');
});

const state = o.input('state', 'f32', [4, 4]);
const training = program(
  { loss: o.sum(o.add(state, o.exp(x))) },
  { state: o.add(state, o.matmul(o.exp(x), o.transpose(o.exp(x)))) },
);

test('what does not depend on the carry is computed once a run', () => {
  const { prologue, body } = plan(training);
  assert.equal(names(prologue), ['exp', 'matmul']);
  assert.equal(names(body), ['add', 'sum', 'add']);
  assert.equal(
    names(plan(program({ loss: o.sum(o.exp(x)) })).prologue),
    [],
    'without a carry nothing repeats',
  );
});

test('a carried value is not copied, except where it is no memory of its own', () => {
  const copies = (carry: Readonly<Record<string, Tensor>>): number =>
    names(plan(program({ sum: o.sum(o.add(x, state)) }, carry)).body).filter((name) => name === 'copy')
      .length;
  assert.is(copies({ state: o.tanh(state) }), 0);
  assert.is(copies({ state: o.exp(x) }), 1, 'an invariant');
  assert.is(copies({ state: x, x: state }), 2, 'swapped inputs');
  assert.is(copies({ state: o.transpose(o.tanh(state)) }), 1, 'a view');
  const both = o.tanh(state);
  assert.is(copies({ state: both, x: both }), 1, 'shared by two names');
});

for (const engine of engines) {
  test(`${engine.kind}: the prologue runs once for many steps, and again when what it reads is set`, () =>
    withLoaded(engine, training, async (run) => {
      const dispatches = async (request: RunRequest): Promise<number> => {
        const before = engine.counters().dispatches;
        await run(request);
        return engine.counters().dispatches - before;
      };
      const values = new Float32Array(16).fill(0.5);
      assert.is(await dispatches({ inputs: { x: values, state: values }, steps: 10 }), 2 + 10 * 3);
      assert.is(await dispatches({ steps: 4 }), 4 * 3);
      assert.is(await dispatches({ inputs: { state: values } }), 3);
      assert.is(await dispatches({ inputs: { x: values } }), 2 + 3);
    }));

  test(`${engine.kind}: memory is the plan's, constant over runs, and gone after close`, async () => {
    const before = engine.counters();
    const loaded = await succeed(engine.load(training));
    const values = new Float32Array(16);
    await succeed(loaded.run({ inputs: { x: values, state: values } }));
    const held = engine.counters();
    assert.ok(held.buffers > before.buffers && held.bytes > before.bytes);
    for (let i = 0; i < 20; i++) await succeed(loaded.run({ steps: 3 }));
    const { buffers, bytes, pipelines } = engine.counters();
    assert.equal([buffers, bytes, pipelines], [held.buffers, held.bytes, held.pipelines]);
    loaded.close();
    loaded.close();
    assert.equal([engine.counters().buffers, engine.counters().bytes], [before.buffers, before.bytes]);
  });

  test(`${engine.kind}: only what is asked for is read back`, () =>
    withLoaded(engine, training, async (run) => {
      const values = new Float32Array(16);
      const before = engine.counters().readbacks;
      assert.equal(Object.keys(await run({ inputs: { x: values, state: values }, read: [] })), []);
      assert.is(engine.counters().readbacks, before);
      assert.equal(Object.keys(await run({ read: ['state', 'loss'] })).sort(), ['loss', 'state']);
      assert.is(engine.counters().readbacks, before + 2);
    }));

  test(`${engine.kind}: an input of another array type is converted`, () =>
    withLoaded(engine, program({ y: o.add(x, 0) }), async (run) => {
      const y = await run({ inputs: { x: Float64Array.from({ length: 16 }, (_, i) => i + 0.1) } });
      assert.equal(
        y['y'],
        Float32Array.from({ length: 16 }, (_, i) => i + 0.1),
      );
    }));

  const full = new Float32Array(16);
  const misuses: readonly (readonly [what: string, request: RunRequest, says: readonly string[]])[] = [
    ['missing inputs', { inputs: { x: full } }, ['state', 'never set']],
    ['an unknown input', { inputs: { x: full, state: full, y: full } }, ["'y'", 'takes', 'x', 'state']],
    [
      'a wrong length',
      { inputs: { x: full, state: new Float32Array(3) } },
      ["'state'", 'f32[4, 4]', '16', '3'],
    ],
    ['an unknown value to read', { inputs: { x: full, state: full }, read: ['x'] }, ['x', 'loss', 'state']],
    ['half a step', { inputs: { x: full, state: full }, steps: 0.5 }, ['steps', '0.5']],
    [
      'outputs without a step',
      { inputs: { x: full, state: full }, steps: 0, read: ['loss'] },
      ['loss', '1 step'],
    ],
    ['fewer than no steps', { inputs: { x: full, state: full }, steps: -1 }, ['steps', '-1']],
  ];

  const refused = async (
    loaded: LoadedProgram,
    request: RunRequest,
    says: readonly string[],
  ): Promise<void> => {
    let message = 'nothing was thrown';
    try {
      await succeed(loaded.run(request));
    } catch (error) {
      if (error instanceof TypeError || error instanceof RangeError) ({ message } = error);
    }
    for (const part of says) assert.ok(message.includes(part), `'${message}' does not say '${part}'`);
  };

  test(`${engine.kind}: misuse of run() throws and says the fix; the program works afterwards`, async () => {
    const loaded = await succeed(engine.load(training));
    for (const [, request, says] of misuses) await refused(loaded, request, ['run: ', ...says]);
    const { loss } = await succeed(loaded.run({ inputs: { x: full, state: full } }));
    assert.equal(loss, Float32Array.of(16));
    loaded.close();
    await refused(loaded, { inputs: { x: full, state: full } }, ['run: ', 'closed', 'load']);
  });
}

test('an engine without a dtype says so when the program is loaded', async () => {
  const precise = program({ y: o.exp(o.input('x', 'f64', [2])) });
  for (const engine of engines.filter(({ dtypes }) => !dtypes.includes('f64'))) {
    let message = '';
    try {
      await succeed(engine.load(precise));
    } catch (error) {
      message = error instanceof TypeError ? error.message : '';
    }
    assert.match(message, 'f64');
  }
});

test('nothing is left on the engines', () => closeEngines(engines));

test.run();
