// Random programs mean the same on every engine, however they are run: memory that is handed on, steps that are
// hoisted, slots that trade places and values that stay on the device must not show.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import type { Engine, Values } from '../../src/engine/engine.js';
import { primitiveNames } from '../../src/tensor/primitives/index.js';
import { withPrecision, type Program } from '../../src/tensor/program.js';
import { closeEngines, openEngines, runs, withLoaded, type Answers } from '../support/engines.js';
import { primitivesOf, sessions, valuesFor, type Call, type Session } from '../support/random-program.js';
import { agree, sameBits, shares, tolerances, type Tolerance } from '../support/tolerances.js';
import { meaningOf } from '../support/unplanned.js';

const engines = await openEngines();
const [cpu, webgpu] = engines;
const plain = cpuEngine({ accelerated: false });

const picked = (values: Values, names: readonly string[]): Values =>
  Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));

/** What can be read after some steps: carried inputs, and outputs once there was a step. Their names differ. */
const readable = ({ outputs, carry }: Program, steps: number): readonly string[] => [
  ...(steps > 0 ? Object.keys(outputs) : []),
  ...Object.keys(carry),
];

/** The answers after each call, each call in one run, or in runs of one step. */
const answers = (
  engine: Engine,
  running: Program,
  calls: readonly Call[],
  oneByOne: boolean,
): Promise<readonly Answers[]> =>
  withLoaded(engine, running, async (run) => {
    const seen: Answers[] = [];
    for (const { steps: total, seed, sets } of calls) {
      const inputs = picked(valuesFor(running, seed), sets);
      const asked = oneByOne && total > 0 ? Array.from({ length: total }, () => 1) : [total];
      for (const [i, steps] of asked.entries()) {
        const last = i === asked.length - 1;
        const answer = await run({
          inputs: i === 0 ? inputs : {},
          steps,
          read: last ? readable(running, total) : [],
        });
        if (last) seen.push(answer);
      }
    }
    return seen;
  });

/** The same by definition (spec/support/unplanned.ts). */
const meanings = ({ program, calls }: Session): readonly Answers[] => {
  let inputs: Values = {};
  return calls.map(({ steps, seed, sets }) => {
    inputs = { ...inputs, ...picked(valuesFor(program, seed), sets) };
    const { outputs, carry } = meaningOf(program, inputs, steps);
    inputs = { ...inputs, ...carry };
    return { ...outputs, ...carry };
  });
};

type Hold = (actual: Answers, expected: Answers, what: string) => void;

const bitwise: Hold = (actual, expected, what) => {
  for (const [name, values] of Object.entries(expected))
    sameBits(actual[name] ?? new Float32Array(0), values, `${what}, ${name}`);
};

const within =
  (tolerance: Tolerance): Hold =>
  (actual, expected, what) => {
    for (const [name, values] of Object.entries(expected))
      agree(actual[name] ?? new Float32Array(0), values, tolerance, `${what}, ${name}`);
  };

const hold = (how: Hold, actual: readonly Answers[], expected: readonly Answers[], what: string): void => {
  assert.is(actual.length, expected.length);
  expected.forEach((answer, i) => how(actual[i] ?? {}, answer, `${what}, call ${i}`));
};

const met = new Set<string>();

test('the CPU engine in plain TypeScript gives the bits of the program without a plan, with its kernels almost', () =>
  fc.assert(
    fc.asyncProperty(sessions, async (session) => {
      primitivesOf(session.program).forEach((name) => met.add(name));
      const expected = meanings(session);
      const planned = await answers(plain, session.program, session.calls, false);
      hold(bitwise, planned, expected, 'plan against definition');
      const accelerated = await answers(cpu, session.program, session.calls, false);
      hold(within('programs'), accelerated, expected, 'kernels against definition');
    }),
    runs(600),
  ));

test('random programs meet every primitive', () => {
  assert.equal(
    primitiveNames.filter((name) => !met.has(name)),
    [],
  );
});

test('s steps are s runs of one step, and a second loading gives the same bits, on every engine', () =>
  fc.assert(
    fc.asyncProperty(sessions, async ({ program, calls }) => {
      for (const engine of engines) {
        const together = await answers(engine, program, calls, false);
        hold(bitwise, await answers(engine, program, calls, true), together, `${engine.kind}, one by one`);
      }
    }),
    runs(80),
  ));

test('f32 and f64 on the CPU, and WebGPU, agree', () =>
  fc.assert(
    fc.asyncProperty(sessions, async ({ program, calls }) => {
      const single = await answers(cpu, program, calls, false);
      const precise = await answers(cpu, withPrecision('f64', program), calls, false);
      hold(within('programs'), single, precise, 'f32 against f64');
      hold(within('programs'), await answers(webgpu, program, calls, false), single, 'webgpu against cpu');
    }),
    runs(120),
  ));

test('nothing is left on the engines', async () => {
  for (const [row, share] of shares)
    console.log(`# ${row} ${tolerances[row]}: largest share ${share.toPrecision(2)}`);
  await closeEngines([plain, ...engines]);
});

test.run();
