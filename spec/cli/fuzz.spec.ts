// Damaged files: whatever is changed in a table, in labels or in records, nothing is thrown, and the steps are bounded by the
// length of the text; and memory does not grow with their number. FUZZ=50000 sets how many texts are tried.
import { stepsOf } from '../support/counted-steps.js';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import * as E from '#fp-ts/Either';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recordOfLine, type RunRecord } from '../../src/learning/record.js';
import { summaryOfRuns } from '../../src/report/run-summary.js';
import { runReport } from '../../src/report/run-report.js';
import { runs } from '../support/property.js';
import { asLines, imaginedRecords } from '../support/run-records.js';
import { byteReaders } from '../support/byte-readers.js';
import { npyOf, zipOf } from '../support/numpy-files.js';
import type { ReadingAnswer } from '../support/reading-child.js';
import { textReaders } from '../support/text-readers.js';

const tries = Number(process.env['FUZZ'] ?? 600);

const drawn = {
  ...{ settings: 's', pool: 'p', reward: 'information', unit: 'nats', points: 9, batchSize: 3, seed: 0 },
  ...{ kind: 'drawn', way: 'kdpp', level: 'exact', temperature: 0.5, draws: 400 },
  logPartition: { estimate: 20.5, standardError: 0, method: 'exact' },
  ...{ elbo: 20.5, eubo: 20.5, effectiveSampleSize: 1, totalVariation: 0 },
  ...{ utility: { greedy: 2, best: 2, mean: 1 }, evaluations: null, iterations: 0 },
  seconds: { train: 0, first: 0.01, all: 1 },
};
const proposed = {
  ...{ settings: 's', pool: 'p', reward: 'information', unit: 'nats', points: 9, batchSize: 3, seed: 0 },
  ...{ kind: 'proposed', strategy: 'gflownet', temperature: null, utility: { greedy: 2, proposed: 2 } },
};

const imagined = { strategies: ['greedy', 'random'], seeds: 2, rounds: 2, shift: (j: number) => 0.1 * j };

/** Files as they should be. */
const files = [
  'a,b,y\n1,2,3\n4,5.5,\n7,-8e3,\n',
  'a;b;y\r\n1,5;"2";oak\r\n2;"x ""y""\r\nz";\r\n3;4;elm\r\n',
  'sep=|\n# made by hand\na|b|y\n1|2|3\n4|5|\n',
  '\ufeff,x,y\n0,1,\n1,2,yes\n2,3,no\n',
  `id,y\n${Array.from({ length: 60 }, (_, i) => `${9007199254740990 + i},${i % 2 === 0 ? '' : i}\n`).join('')}`,
  'row,y\n7,1.5\n8,\n9,2.5\n',
  'line,y,z\n7,1.5,\n8,,-2\n7,2.5,"1,0"\n',
  'a;b;x;y\n47,0;ja;1.234,5;2\n48,5;x;;\n49;x;-3,5;NA\n1.250,5;0;2;4\n',
  `a,b,k,d,y\n${Array.from({ length: 12 }, (_, i) => `w${i},${i % 2},${['oak', 'elm', 'NA'][i % 3] ?? ''},2024-0${1 + (i % 9)}-17,${i % 2 === 0 ? '?' : `"1,${i}00"`}\n`).join('')}`,
  'a,b,p,y\n2024-01-02,yes,0.4%,1\n3.4.2024,no,12%,\n5/6/2024,1,-,yes\n',
  '{"a":1,"b":true,"y":2.5}\n{"a":null,"y":"NA"}\n{"a":"x","y":3,"more":[1]}\n',
  '# numpy.savetxt\n1.5e+00 2.5e+00\n-3 4\n',
  'line\ty\n7.0\toak\n8\t elm \n',
  asLines(imaginedRecords({ ...imagined, pictures: true })),
  asLines(imaginedRecords({ ...imagined, classes: true })),
  [drawn, proposed, drawn].map((record) => `${JSON.stringify(record)}\n`).join(''),
];

const scraps = [
  ...[
    '"',
    ',',
    ';',
    '\t',
    '|',
    '\n',
    '\r',
    '\0',
    ' ',
    '#',
    '=',
    '-',
    '.',
    '\u2212',
    '\ufeff',
    '\ud800',
    '\u{1f600}',
  ],
  ...[
    '1e999',
    '-1e999',
    '1e15',
    '1e7',
    '0.5',
    '-1',
    '9007199254740993',
    '1e-400',
    'NaN',
    'null',
    'true',
    '{}',
    '[]',
  ],
  ...[
    'NA',
    '12.5.2024',
    '1.234,5',
    '6,215,651',
    '{"y":1}',
    '%',
    "'",
    '\u00a0',
    '?',
    '1,5',
    '1.0',
    '01',
    '__proto__',
    '"round":1e7',
    '"round":',
    'constructor',
    '1'.repeat(400),
    'é',
  ],
];

/** One change of a text: a part is cut out, doubled, replaced, or put elsewhere. */
const change = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  length: fc.oneof(fc.nat({ max: 6 }), fc.nat({ max: 200 })),
  with: fc.oneof(
    fc.constantFrom(...scraps),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.constantFrom('cut', 'double', 'swap'),
  ),
});

const changed = (text: string, { at, length, with: by }: { at: number; length: number; with: string }) => {
  const from = Math.floor(at * text.length);
  const [head, part, tail] = [
    text.slice(0, from),
    text.slice(from, from + length),
    text.slice(from + length),
  ];
  switch (by) {
    case 'cut':
      return head + tail;
    case 'double':
      return head + part + part + tail;
    case 'swap':
      return tail + part + head;
    default:
      return head + by + tail;
  }
};

/** Numbers of a file that are other ones. */
const numbered = (text: string, which: number, by: string): string => {
  const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g)];
  const found = numbers[which % Math.max(1, numbers.length)];
  return found === undefined
    ? text
    : text.slice(0, found.index) + by + text.slice(found.index + found[0].length);
};

const damaged = fc.oneof(
  fc
    .tuple(fc.constantFrom(...files), fc.array(change, { minLength: 1, maxLength: 6 }))
    .map(([text, changes]) => changes.reduce(changed, text)),
  fc
    .tuple(fc.constantFrom(...files), fc.nat(), fc.constantFrom(...scraps))
    .map(([text, which, by]) => numbered(text, which, by)),
  fc.string({ unit: 'binary', maxLength: 300 }),
);

/**
 * The most steps for each character that all readers take together; and for a short text, which they compare with a dozen names
 * (of 100 characters at most, 40,000 steps a pair).
 */
const [A_CHARACTER, ANY_TEXT] = [200, 500_000] as const;

test(`damaged files, ${tries} of them: nothing is thrown, and steps are bounded by the length`, () => {
  let [worst, changedRecords] = [0, 0];
  fc.assert(
    fc.property(damaged, (text) => {
      const steps = stepsOf(() => {
        for (const [name, read] of Object.entries(textReaders))
          try {
            read(text);
          } catch (cause) {
            throw new Error(`${name} threw`, { cause });
          }
      });
      worst = Math.max(worst, (steps - ANY_TEXT) / (text.length + 1));
      if (text.split('\n').some((line) => E.isRight(recordOfLine(line)))) changedRecords++;
      assert.ok(steps <= ANY_TEXT + A_CHARACTER * text.length, `${steps} steps of ${text.length} characters`);
    }),
    {
      ...runs(tries),
      // Less than 100 characters, none of which is a name.
      examples: [['𐀀a;b;y\r\n1,5;"2";oak\r\n2;"x ""y""\r\nz";\r\n3;4;elm\ra;b;y\r\n1,5;"2";oak\r\n2;"x\r\n']],
    },
  );
  console.log(`# at most ${worst.toFixed(0)} steps a character; ${changedRecords} files with a record left`);
  assert.ok(changedRecords > tries / 50);
});

/** Megabytes that all readers may take together with the process that they run in, however many texts they read. */
const MEGABYTES = 200;

/** Texts that are drawn at once. */
const A_SLICE = 500;

test(`the readers take at most ${MEGABYTES} MB for ${tries} texts`, async () => {
  // In a process of its own: drawing the texts takes more than reading them.
  const child = fork(fileURLToPath(new URL('../support/reading-child.js', import.meta.url)), {
    serialization: 'advanced',
    execArgv: [],
  });
  const answer = async (texts: readonly string[]): Promise<ReadingAnswer> => {
    child.send(texts);
    const [message] = (await once(child, 'message')) as [ReadingAnswer];
    return message;
  };
  let [megabytes, read] = [0, 0];
  for (let slice = 0; slice * A_SLICE < tries; slice++) {
    const count = Math.min(A_SLICE, tries - slice * A_SLICE);
    const said = await answer(fc.sample(damaged, { numRuns: count, seed: 1000 + slice }));
    assert.equal(said.thrown, []);
    [megabytes, read] = [said.megabytes, read + said.read];
  }
  child.disconnect();
  console.log(`# ${read} texts read in a process that took ${megabytes.toFixed(0)} MB at most`);
  assert.is(read, tries);
  assert.ok(megabytes > 40 && megabytes < MEGABYTES, `${megabytes} MB`);
});

/** Files of bytes as they should be. */
const wells = readFileSync('spec/fixtures/tables/wells.parquet');
const matrix = npyOf({ shape: [4, 2], data: Float64Array.of(1, 2, 3, NaN, 5, 7, 9, NaN) });
const byteFiles: readonly Uint8Array[] = [
  wells,
  matrix,
  zipOf([
    ['x', matrix],
    ['y', npyOf({ shape: [4], data: Float64Array.of(1, NaN, 2, 3) })],
  ]),
  Buffer.from('\ufeffna\u00efve,y\n1,2\n3.5,\n', 'utf16le'),
  Buffer.from('na\u00efve,y\n1,2\n3.5,\n', 'latin1'),
  Buffer.from('na\u00efve;y\n1,5;2\n3,5;\n'),
];

const byteChange = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  with: fc.oneof(fc.constantFrom('cut', 'double'), fc.uint8Array({ minLength: 1, maxLength: 8 })),
});

const changedBytes = (
  bytes: Uint8Array,
  { at, with: by }: { at: number; with: string | Uint8Array },
): Uint8Array => {
  const from = Math.floor(at * bytes.length);
  const [head, tail] = [bytes.subarray(0, from), bytes.subarray(from)];
  if (typeof by !== 'string') return Buffer.concat([head, by, tail.subarray(by.length)]);
  return by === 'cut'
    ? Buffer.concat([head, tail.subarray(3)])
    : Buffer.concat([head, tail.subarray(0, 9), tail]);
};

test(`damaged files of bytes, ${tries} of them: all are read or refused, none is thrown`, async () => {
  const outcomes = { read: 0, refused: 0 };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...byteFiles),
      fc.array(byteChange, { minLength: 0, maxLength: 4 }),
      async (file, changes) => {
        const bytes = changes.reduce(changedBytes, file);
        for (const [name, read] of Object.entries(byteReaders)) {
          const found = await read(bytes).catch((cause: unknown) => {
            throw new Error(`${name} threw`, { cause });
          });
          outcomes[E.isRight(found) ? 'read' : 'refused']++;
        }
      },
    ),
    runs(tries),
  );
  console.log(`# ${outcomes.read} readings, ${outcomes.refused} refusals`);
  assert.ok(outcomes.read > tries && outcomes.refused > tries);
});

/** Numbers at the ends of what a record may hold. */
const extreme = fc.constantFrom(
  0,
  1,
  1e-300,
  5e-324,
  1e150,
  1e300,
  Number.MAX_VALUE,
  -1e300,
  1e6,
  2 ** 53 - 1,
);

test('records with numbers at the ends of their ranges are summarised and reported', async () => {
  const [first, ...others] = imaginedRecords({ ...imagined, pictures: true });
  assert.ok(first !== undefined);
  const line = JSON.stringify(first);
  let reported = 0;
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.nat(), extreme, async (one, two, value) => {
      const text = numbered(numbered(line, one, String(value)), two, String(value));
      const read = recordOfLine(text);
      if (E.isLeft(read)) return;
      const records: readonly RunRecord[] = [read.right, ...others];
      summaryOfRuns(records);
      reported++;
      const page = await runReport('r.jsonl', records)();
      assert.ok(E.isRight(page) || page.left._tag === 'InputFailure');
    }),
    runs(Math.min(40, tries)),
  );
  assert.ok(reported > 5);
});

test.run();
