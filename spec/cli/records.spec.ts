// merge and report read files of records alike: the same lines are refused with the same words, and no number that a file
// claims makes them work.
import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { aloneOnFile } from '../../src/cli/folder-lock.js';
import { orderedRecords, readRecords } from '../../src/cli/record-file.js';
import { showFailure } from '../../src/failure.js';
import type { Unit } from '../../src/learning/experiment/experiment.js';
import { mergeRecords, MISSING_NAMED } from '../../src/learning/experiment/merge.js';
import type { RunRecord } from '../../src/learning/record.js';
import { runGrids } from '../../src/report/run-grid.js';
import { fail, succeed } from '../support/device.js';
import { runs } from '../support/property.js';
import { asLines, imaginedRecords } from '../support/run-records.js';
import { type Observed, observe } from './fake-services.js';

const test = suite<{ folder: string }>('records', { folder: '' });

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
});

test.after.each(({ folder }) => rm(folder, { recursive: true }));

const records = imaginedRecords({
  strategies: ['greedy', 'random'],
  seeds: 2,
  rounds: 2,
  shift: (j) => 0.1 * j,
  pictures: true,
});
const [first, ...others] = records;
if (first === undefined) throw new Error('there are no records');

interface Read {
  readonly merge: Observed;
  readonly report: Observed;
}

/** What the two commands make of a file. */
const both = async (folder: string, content: string | Buffer): Promise<Read> => {
  const file = path.join(folder, 'r.jsonl');
  await writeFile(file, content);
  const merge = await observe(['merge', path.join(folder, 'all.jsonl'), file]);
  const report = await observe(['report', file, '--out', path.join(folder, 'page.html')]);
  return { merge, report };
};

/** The words with which both refuse a file: the same ones, and nothing is written. */
const refusal = async (folder: string, content: string | Buffer): Promise<string> => {
  const { merge, report } = await both(folder, content);
  assert.is(merge.stderr, report.stderr);
  assert.equal([merge.exitCode, report.exitCode, merge.stdout, report.stdout], [2, 2, '', '']);
  assert.equal(await readdir(folder), ['r.jsonl']);
  return merge.stderr.replaceAll(`${folder}/`, '');
};

/** The places of a record at which there is a number. */
const placesOf = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] =>
  typeof value === 'number'
    ? [at]
    : typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => placesOf(inner, [...at, key]))
      : [];

const put = (value: unknown, [key, ...rest]: readonly string[], by: string): unknown =>
  key === undefined
    ? by
    : Array.isArray(value)
      ? value.map((inner: unknown, i) => (String(i) === key ? put(inner, rest, by) : inner))
      : Object.fromEntries(
          Object.entries(value ?? {}).map(([name, inner]) => [
            name,
            name === key ? put(inner, rest, by) : inner,
          ]),
        );

/** A line of JSON with other text in place of a number. */
const withNumber = (record: RunRecord, place: readonly string[], by: string): string =>
  JSON.stringify(put(record, place, '@')).replace('"@"', by);

/** Records of a round that asked for a batch and has all that a record may have. */
const full = others.find(({ jointMutualInformation }) => jointMutualInformation !== null) ?? first;

test('a number out of its range is refused by its name, wherever it stands', async ({ folder }) => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...placesOf(full)),
      fc.constantFrom('1e999', '-1e999', '"1"', 'null', 'true'),
      async (place, by) => {
        const told = await refusal(folder, `${asLines([first])}${withNumber(full, place, by)}\n`);
        const names = place.filter((key) => !/^\d+$/.test(key));
        assert.match(told, /^r\.jsonl, line 2: (the line is not a record of a run|[a-zA-Z.]+ is not a )/);
        // A list has no name for its members.
        if (place[0] !== 'picture' || /1e999/.test(by)) assert.ok(told.includes(names[0] ?? '?'), told);
      },
    ),
    runs(40),
  );
  const ranges: readonly (readonly [string, readonly string[]])[] = [
    ['round', ['1e7', '1e15', '0.5', '-1']],
    ['seed', ['0.5', '-1', '1e16']],
    ['labels', ['-1', '1.5']],
    ['batch.0', ['-1', '0.5']],
    ['metrics.rmse', ['0', '-1']],
    ['seconds.fit', ['-1']],
  ];
  for (const [place, numbers] of ranges)
    for (const by of numbers)
      assert.match(
        await refusal(folder, `${withNumber(full, place.split('.'), by)}\n`),
        /^r\.jsonl, line 1: [a-z.]+ is not a (whole|finite) number/,
        `${place} ${by}`,
      );
});

test('the last round that may be claimed is answered at once, by what is there', async ({ folder }) => {
  const claimed = { ...full, round: 1_000_000 };
  const { merge, report } = await both(folder, asLines([...records, claimed]));
  assert.is(merge.exitCode, 0);
  assert.match(merge.remarks[0] ?? '', /^3999991 records are missing: greedy seed 0 round 3; /);
  assert.match(report.stderr, /no seed of imagined has all rounds from 0 to 1000000 of all strategies/);
  const merged = mergeRecords([claimed]);
  assert.ok(merged._tag === 'Right');
  assert.equal([merged.right.missing.length, merged.right.missingCount], [MISSING_NAMED, 1_000_000]);
  assert.equal(runGrids([claimed])[0]?.leftOut, [claimed.seed]);
});

test('lines of one fault are told together, empty ones and a byte order mark are passed over', async ({
  folder,
}) => {
  const [good, bad] = [asLines([first]), '{"round":\n'];
  assert.match(
    await refusal(folder, `\ufeff${good}\n${bad}${bad} \n${bad}{}\n`),
    /^r\.jsonl, line 3: the line is not JSON \(and 2 more like it, lines 4, 6\)\. Give [^\n]*\nr\.jsonl, line 7: [^\n]*\n$/,
  );
  const { merge, report } = await both(folder, `\ufeff${asLines(records)}\n\n`);
  assert.equal([merge.exitCode, report.exitCode, merge.remarks], [0, 0, []]);
});

test('half a last line is left out and told of; a whole one needs no line break', async ({ folder }) => {
  const text = asLines(records);
  const torn = await both(folder, text.slice(0, -9));
  for (const { exitCode, remarks } of [torn.merge]) {
    assert.is(exitCode, 0);
    assert.match(remarks[0] ?? '', /r\.jsonl: the last line is half written and was left out\.$/);
  }
  assert.match(torn.report.remarks[0] ?? '', /the last line is half written and was left out\.$/);
  const whole = await both(folder, text.slice(0, -1));
  assert.equal([whole.merge.exitCode, whole.merge.remarks], [0, []]);
  assert.is((await readFile(path.join(folder, 'all.jsonl'), 'utf8')).split('\n').length, records.length + 1);
});

test('records that stand there twice count once, and are told of', async ({ folder }) => {
  const { report: once } = await both(folder, asLines(records));
  const { merge, report } = await both(folder, asLines([...records, ...records.slice(1, 3)]));
  for (const { stderr, remarks } of [merge, report])
    assert.ok(
      remarks.some((sentence) => /r\.jsonl: 2 records stand there twice, and count once\.$/.test(sentence)),
      stderr,
    );
  assert.is(report.stdout, once.stdout);
  const { report: alone } = await both(folder, asLines([...records, ...records.slice(0, 1)]));
  assert.ok(
    alone.remarks.some((sentence) => sentence.endsWith('1 record stands there twice, and counts once.')),
  );
});

test('a file without records, and one that is no UTF-8, are refused', async ({ folder }) => {
  assert.match(await refusal(folder, '\n\n'), /^r\.jsonl: there are no records\./);
  const bytes = Buffer.from(asLines(records));
  bytes[30] = 0xff;
  assert.match(await refusal(folder, bytes), /^r\.jsonl: the file is not UTF-8 text\./);
});

test('measured numbers that no sum of squares holds, a row twice in a batch and a name twice in a line are refused', async ({
  folder,
}) => {
  const line = (change: object): string => `${JSON.stringify({ ...first, ...change })}\n`;
  assert.match(
    await refusal(folder, line({ metrics: { rmse: 1e308, logScore: 0 } })),
    /metrics\.rmse is not a finite number above 0 of at most 1e\+150/,
  );
  assert.match(
    await refusal(folder, line({ metrics: { rmse: 1, logScore: -1e308 } })),
    /metrics\.logScore is not/,
  );
  assert.match(await refusal(folder, line({ batch: [5, 5] })), /batch has a row twice/);
  assert.match(
    await refusal(folder, line({}).replace('{', '{"seed":5,')),
    /the line has the name "seed" twice/,
  );
  // The largest that are read are told as numbers.
  const large = records.map((record) => ({ ...record, metrics: { rmse: 1e150, logScore: -1e150 } }));
  const { merge, report } = await both(folder, asLines(large));
  for (const { stdout, exitCode } of [merge, report]) {
    assert.is(exitCode, 0);
    assert.not.match(stdout, /NaN|Infinity/);
  }
  assert.not.match(await readFile(path.join(folder, 'page.html'), 'utf8'), /NaN|Infinity/);
});

test('putting records in order loses none beside lines that say nothing, whatever white space they are', async ({
  folder,
}) => {
  const file = path.join(folder, 'r.jsonl');
  const backwards = records.toReversed().map((record) => JSON.stringify(record));
  const units = records.map(({ strategy, seed }) => ({ strategy, seed }) as Unit);
  for (const blank of ['', ' ', '\t', '\u00a0', '\ufeff', '\u2003 ']) {
    await writeFile(
      file,
      `${blank}\n${backwards[0] ?? ''}\n${blank}\n${backwards.slice(1).join('\n')}\n${blank}\n`,
    );
    const { records: ordered } = await succeed(orderedRecords(file, units));
    assert.is(ordered.length, records.length);
    assert.equal((await succeed(readRecords(file))).records, ordered, JSON.stringify(blank));
  }
});

test('one process at a time works on a file of records; the lock of one that is no more is taken away', async ({
  folder,
}) => {
  const file = path.join(folder, 'r.jsonl');
  const words = [
    'run',
    '--preset',
    'toy-regression',
    '--strategies',
    'random',
    '--seeds',
    '1',
    '--rounds',
    '1',
    '-b',
    '2',
    '-o',
    file,
  ];
  const inside = await succeed(
    aloneOnFile(
      file,
      TE.rightTask(() => observe(words)),
    ),
  );
  assert.is(inside.exitCode, 2);
  assert.match(inside.stderr, /r\.jsonl: this process works on the file already\. Wait until it is done/);
  const child = spawnSync(process.execPath, ['-e', 'console.log(process.pid)'], { encoding: 'utf8' });
  await writeFile(
    path.join(folder, `.r.jsonl.lock-${encodeURIComponent(hostname())}-${child.stdout.trim()}-1`),
    '',
  );
  await writeFile(path.join(folder, '.other.lock-elsewhere-1-1'), '');
  await succeed(aloneOnFile(file, TE.right(undefined)));
  assert.equal(await readdir(folder), ['.other.lock-elsewhere-1-1']);
  // Whichever link it is given by, and whether it is there or not.
  await symlink('r.jsonl', path.join(folder, 'l.jsonl'));
  for (const [held, other] of [
    ['r', 'l'],
    ['l', 'r'],
  ] as const) {
    const within = await aloneOnFile(
      path.join(folder, `${held}.jsonl`),
      aloneOnFile(path.join(folder, `${other}.jsonl`), TE.right(undefined)),
    )();
    assert.match(E.isLeft(within) ? showFailure(within.left) : '', /works on the file already/);
  }
  await rm(path.join(folder, 'l.jsonl'));
  await writeFile(path.join(folder, '.r.jsonl.lock-elsewhere-1-1'), '');
  assert.match(
    showFailure(await fail(aloneOnFile(file, TE.right(undefined)))),
    /another process works on the file \(\.r\.jsonl\.lock-elsewhere-1-1\)\. Wait .* remove the file/,
  );
});

test.run();
