/** Sessions on the command line: what stands in the folder, what is told, and what others left there. */
import { spawn } from 'node:child_process';
import {
  appendFile,
  type FileHandle,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { sealedLine } from '../../src/cli/session-digest.js';
import { changeSession, lookAtSession } from '../../src/cli/session-folder.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { type Failure, showFailure } from '../../src/failure.js';
import { ask } from '../../src/learning/session/ask.js';
import type { Session } from '../../src/learning/session/session.js';
import { classPredictions } from '../../src/surrogate/class-posterior.js';
import { succeed } from '../support/device.js';
import { observe } from './fake-services.js';

const test = suite<{ folder: string; file: string; session: string }>('sessions', {
  ...{ folder: '', file: '', session: '' },
});

/** Lines 2 to 13; those of 2, 3 and 4 are labelled. */
const table = ['a,b,y', ...Array.from({ length: 12 }, (_, i) => `${i},${i * i},${i < 3 ? i / 2 : ''}`)];

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.file = path.join(context.folder, 'data.csv');
  context.session = path.join(context.folder, 'session');
  await writeFile(context.file, `${table.join('\n')}\n`);
});

test.after.each(async ({ folder }) => {
  await rm(folder, { recursive: true });
});

const words = (file: string, session: string, ...more: readonly string[]): readonly string[] => [
  ...['init', session, '--data', file, '--target', 'y', '--feature-map', 'linear'],
  ...more,
];

const said = async (...command: readonly string[]): Promise<Record<string, unknown>> => {
  const { exitCode, stdout, stderr } = await observe([...command, '--json']);
  assert.is(exitCode, 0, stderr);
  return JSON.parse(stdout) as Record<string, unknown>;
};

const refused = async (...command: readonly string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await observe(command);
  assert.equal([exitCode, stdout], [2, ''], command.join(' '));
  return stderr;
};

test('a session is begun, asked, told, corrected and looked at, by lines of the file', async ({
  file,
  session,
}) => {
  assert.match(JSON.stringify(await said(...words(file, session))), /"labelled":3,"pool":9/);
  // The imagined sampler takes the first points of the pool.
  const { rows, again, round, values } = await said('ask', session, '--batch-size', '2');
  assert.equal([rows, again, round], [[5, 6], false, 1]);
  assert.equal(values, [
    { a: 3, b: 9 },
    { a: 4, b: 16 },
  ]);
  const repeated = await observe(['ask', session, '--batch-size', '2', '--json']);
  assert.equal((JSON.parse(repeated.stdout) as { again: boolean }).again, true);
  assert.equal(repeated.asked, []);
  // What is pending needs no device.
  assert.equal((await observe(['ask', session, '-b', '2', '--engine', 'webgpu'])).choices, ['cpu']);
  assert.match(
    JSON.stringify(await said('tell', session, '5=0.25', '9=-1e2')),
    /"labelled":5.*"pending":\[6\]/,
  );
  await said('tell', session, '--skip', '6,7');
  await said('tell', session, '5=0.5', '5=0.5'.replace('5=', '4='));
  const status = await said('status', session);
  assert.equal(
    [status['labelled'], status['pool'], status['skipped'], status['pending']],
    [5, 5, [6, 7], []],
  );
  const { asked, stdout } = await observe(['ask', session, '--batch-size', '2']);
  assert.equal(asked[0]?.posterior.whitened.rows, 5);
  // There was no policy to go on from.
  assert.match(stdout, /nats of joint mutual information; 300 iterations of training\n/);
  const events = (await readFile(path.join(session, 'journal.jsonl'), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { readonly event: { readonly expected?: object } }).event);
  assert.equal(
    events.map(({ expected }) => expected && Object.keys(expected).join()),
    events.map((event) => ('trained' in event ? 'error,after,share,worthwhile' : undefined)),
  );
  assert.equal(
    events.map((event) => Object.fromEntries(Object.entries(event).filter(([name]) => name !== 'expected'))),
    [
      { event: 'asked', rows: [5, 6], jointMutualInformation: 4.25, trained: false },
      {
        event: 'told',
        labels: [
          [5, 0.25],
          [9, -100],
        ],
      },
      { event: 'skipped', rows: [6, 7] },
      {
        event: 'told',
        labels: [
          [5, 0.5],
          [4, 0.5],
        ],
      },
      { event: 'asked', rows: [7 + 1, 10], jointMutualInformation: 4.25, trained: false },
    ],
  );
  assert.equal((await readdir(session)).sort(), ['journal.head', 'journal.jsonl', 'session.json']);
});

test('labels come from a file too, empty ones passed over; a faulty line is named and nothing is kept', async ({
  file,
  session,
  folder,
}) => {
  await said(...words(file, session));
  const labels = path.join(folder, 'labels.csv');
  await writeFile(labels, 'row,note,y\n7,x,1.5\n8,x,\n9,x,2.5\n');
  assert.is((await said('tell', session, '--labels', labels))['labelled'], 5);
  await writeFile(labels, 'row,y\n10,1\n11,one\n');
  assert.match(
    await refused('tell', session, '--labels', labels),
    /labels\.csv, line 3, column y: "one" is not a number\. Put a finite number there, or empty the cell/,
  );
  // The lines of the rows as `ask` prints them, and as a spreadsheet writes whole numbers.
  await writeFile(labels, 'line;y\n10.0;1\n11;2\n');
  assert.is((await said('tell', session, '--labels', labels))['labelled'], 7);
  await writeFile(labels, 'line|y\n10|1.5\n10.5|2\n-1|2\n');
  assert.match(
    await refused('tell', session, '--labels', labels, '--delimiter', 'pipe'),
    /labels\.csv, line 3, column line: "10\.5" is not the number of a row \(and 1 more like it, line 4\)\. Give the line/,
  );
  assert.match(await refused('tell', session, '10=1', '99=1'), /row 99: the session has no such row/);
  // As it was written, however long it is.
  for (const row of ['9007199254740993', '99999999999999999999'])
    assert.match(
      await refused('tell', session, `${row}=1`),
      new RegExp(`^row ${row}: the session has no such row\\. Give`),
    );
  assert.match(await refused('tell', session), /nothing is told/);
  assert.match(await refused('tell', session, '--skip', '1;2'), /--skip: .* is not a list of rows/);
  assert.is((await said('status', session))['labelled'], 7);
});

test('labels of classes are told by name, of a list that is closed when the session begins', async ({
  file,
  session,
  folder,
}) => {
  // Lines 2 to 4 are labelled, and nothing is an elm yet.
  const trees = table.map((line, i) =>
    i > 0 && i < 4 ? line.replace(/[^,]*$/, i === 2 ? ' oak ' : 'ash') : line,
  );
  await writeFile(file, `${trees.join('\n')}\n`);
  const begin = (...more: readonly string[]) =>
    ['init', session, '--data', file, '--target', 'y', ...more] as const;
  const classes = ['--task', 'classes', '--classes', 'ash,oak,elm'] as const;
  assert.match(await refused(...begin('--classes', 'ash,oak')), /--classes: .* add --task classes/);
  assert.match(
    await refused(...begin('--task', 'classes', '--classes', 'ash,elm')),
    /data\.csv, line 3, column y: "oak" is none of the classes ash, elm/,
  );
  for (const list of ['ash', 'ash,', 'oak,ash,oak'])
    assert.match(
      await refused(...begin('--task', 'classes', '--classes', list)),
      /--classes: .* is not a list of different classes/,
    );
  const { classCounts, surrogate } = await said(...begin(...classes, '--posterior-draws', '4'));
  assert.equal([classCounts, surrogate], [{ ash: 2, oak: 1, elm: 0 }, 'gaussian-process-classes']);
  const first = await observe(['ask', session, '--batch-size', '2', '--json']);
  const report = JSON.parse(first.stdout) as Record<string, unknown>;
  assert.equal(
    [report['rows'], report['classes']],
    [
      [5, 6],
      ['ash', 'oak', 'elm'],
    ],
  );
  const posterior = first.asked[0]?.posterior;
  assert.ok(posterior?.classes !== undefined);
  const { probabilities } = classPredictions(posterior.classes);
  const expected = [0, 1].map((n) => Array.from(probabilities.subarray(3 * n, 3 * n + 3)));
  assert.equal(
    report['classProbabilities'],
    expected.map(([ash, oak, elm]) => ({ ash, oak, elm })),
  );
  assert.equal(
    report['predictedClass'],
    expected.map((p) => ['ash', 'oak', 'elm'][p.indexOf(Math.max(...p))]),
  );
  const again = await observe(['ask', session, '--batch-size', '2']);
  assert.match(again.stdout, /The classes are ash, oak, elm\. When a label is known: batchgfn tell/);
  assert.match(
    await refused('tell', session, '5=elm', '6=Elms'),
    /^6=Elms: "Elms" is none of the classes ash, oak, elm\. .*"elm" perhaps/,
  );
  assert.match(await refused('tell', session, '5=2'), /"2" is none of the classes/);
  assert.match(await refused('tell', session, '5'), /^5: it is not a row and its label.*17=ash/);
  await said('tell', session, '5=elm', '6=oak');
  const labels = path.join(folder, 'labels.csv');
  await writeFile(labels, 'row,y\n7, elm \n8,\n9,fir\n');
  assert.match(
    await refused('tell', session, '--labels', labels),
    /labels\.csv, line 4, column y: "fir" is none of/,
  );
  await writeFile(labels, 'row,y\n7, elm \n8,\n6,elm\n');
  await said('tell', session, '--labels', labels, '--skip', '8');
  await said('tell', session, '5=elm');
  assert.match((await observe(['status', session])).stdout, /classes +ash \(2\), oak \(1\), elm \(3\)/);
  assert.equal(
    (await readFile(path.join(session, 'journal.jsonl'), 'utf8'))
      .split('\n')
      .flatMap((line) => /"labels":(\[\[.*\]\])/.exec(line)?.[1] ?? []),
    ['[[5,2],[6,1]]', '[[7,2],[6,2]]'],
  );
  // C does not hang on the labels that were told.
  const next = await observe(['ask', session, '--batch-size', '2']);
  assert.is(next.asked[0]?.posterior.classes?.classes, 3);
  const lines = next.stdout.split('\n');
  assert.match(lines[2] ?? '', /^ {2}line +a +b +y expected +probability$/);
  assert.match(lines[3] ?? '', /^ {5}9 +7 +49 +(ash|oak|elm) +0\.\d{3}$/);
});

test('the same init again is no harm, another is refused, and so is a folder without a session', async ({
  file,
  session,
  folder,
}) => {
  await said(...words(file, session));
  await said(...words(file, session));
  assert.match(
    await refused(...words(file, session, '--seed', '2')),
    /there is a session in the folder already/,
  );
  assert.match(await refused('ask', folder), /there is no session in the folder.*batchgfn init/);
  assert.match(await refused('status', path.join(folder, 'none')), /there is no such file or folder/);
  assert.match(await refused('ask', session, '--batch-size', '10'), /a batch of 10 from a pool of 9 rows/);
  assert.equal((await readdir(folder)).sort(), ['data.csv', 'session']);
});

test('half a line at the end of the journal is cut off, a broken one before it is named', async ({
  file,
  session,
}) => {
  await said(...words(file, session));
  const [journal, head] = [path.join(session, 'journal.jsonl'), path.join(session, 'journal.head')];
  const before = await readFile(head, 'utf8');
  await said('tell', session, '5=1');
  const whole = await readFile(journal, 'utf8');
  await appendFile(journal, '{"event":"told","labels":[[6,');
  assert.is((await said('status', session))['labelled'], 4);
  await said('tell', session, '7=1');
  const sha256 = (text: string): string => (JSON.parse(text) as { readonly sha256: string }).sha256;
  const seal = {
    start: sha256(await readFile(path.join(session, 'session.json'), 'utf8')),
    last: sha256(whole),
  };
  const lineOf = (event: string): string => `${sealedLine(seal, event, undefined).line}\n`;
  assert.is(await readFile(journal, 'utf8'), `${whole}${lineOf('{"event":"told","labels":[[7,1]]}')}`);
  await writeFile(journal, `{"event":"told"}\n${whole}`);
  assert.match(await refused('ask', session), /journal\.jsonl, line 1: the line is damaged/);
  await writeFile(journal, `${whole}${lineOf('{"event":"told"}')}`);
  assert.match(await refused('ask', session), /journal\.jsonl, line 2: the line is no event of a session/);
  // As a stop before the head was written leaves it: else the head tells that this is not the line that was kept.
  await writeFile(head, before);
  await writeFile(journal, `${whole}${lineOf('{"event":"told","labels":[[77,1]]}')}`);
  assert.match(await refused('ask', session), /journal\.jsonl: row 77: the session has no such row/);
});

test('what a killed process left is taken away; a living one is waited for', async ({ file, session }) => {
  await said(...words(file, session));
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
  try {
    const stat =
      (await readFile(`/proc/${other.pid ?? 0}/stat`, 'utf8')).split(') ')[1]?.split(' ')[19] ?? '';
    const lock = path.join(session, `lock-${encodeURIComponent(hostname())}-${other.pid ?? 0}-${stat}`);
    await writeFile(lock, '');
    assert.match(await refused('tell', session, '5=1'), /another process works on the session/);
    assert.is((await said('status', session))['labelled'], 3);
    // The same number, given to another process since.
    await rename(lock, `${lock}0`);
    await said('tell', session, '5=1');
    await writeFile(lock, '');
    const gone = new Promise((resolve) => other.once('exit', resolve));
    other.kill('SIGKILL');
    await gone;
    await writeFile(path.join(session, 'policy-1.safetensors.tmp'), 'half');
    await writeFile(path.join(session, 'policy-3.safetensors'), 'of a round that was not kept');
    await said('tell', session, '6=1');
    assert.equal((await readdir(session)).sort(), ['journal.head', 'journal.jsonl', 'session.json']);
  } finally {
    other.kill('SIGKILL');
  }
});

test('a sampler that fails leaves the session as it was', async ({ file, session }) => {
  await said(...words(file, session));
  const failure = { _tag: 'Interrupted', during: 'training' } as const;
  const { exitCode } = await observe(['ask', session, '--batch-size', '2'], { failure });
  assert.is(exitCode, 130);
  assert.is((await said('status', session))['rounds'], 0);
  assert.equal((await readdir(session)).sort(), ['journal.head', 'journal.jsonl', 'session.json']);
});

/** The rounds of a session that keeps a policy, trained in two steps. */
const asked = (session: Session): TE.TaskEither<Failure, readonly [Session, readonly number[]]> =>
  pipe(
    session,
    ask(cpuEngine(), { batchSize: 2 }),
    TE.map((answer) => [answer.session, answer.rows] as const),
  );

const trained = ['--iterations', '2', '--trajectories', '2', '--temperature', '0.5'] as const;

/** The names of what is synced while work is done, and what stands in the folder each time. */
const syncs = async (folder: string, work: () => Promise<unknown>): Promise<readonly Synced[]> => {
  const probe = await open(folder);
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const own = Object.getOwnPropertyDescriptor(handles, 'sync');
  const sync = own?.value as (this: FileHandle) => Promise<void>;
  const seen: Synced[] = [];
  handles.sync = async function (this: FileHandle) {
    const name = path.basename(await readlink(`/proc/self/fd/${this.fd}`));
    const journal = await readFile(path.join(folder, 'journal.jsonl'), 'utf8');
    seen.push({ name, files: await readdir(folder), events: journal.split('\n').length - 1 });
    return sync.call(this);
  };
  try {
    await work();
  } finally {
    handles.sync = sync;
  }
  return seen;
};

interface Synced {
  readonly name: string;
  readonly files: readonly string[];
  readonly events: number;
}

test('a policy is on the disk, whole and by its name, before the journal speaks of it; then that is', async ({
  file,
  session,
}) => {
  await said(...words(file, session, ...trained));
  const lock = (names: readonly string[]) => names.filter((name) => name.startsWith('lock-')).length;
  for (const round of [1, 2]) {
    const seen = await syncs(session, async () => {
      const rows = await succeed(changeSession(session, () => undefined, asked));
      assert.is(rows.length, 2);
    });
    const policy = `policy-${round}.safetensors`;
    assert.equal(
      seen.map(({ name }) => name),
      [`${policy}.tmp`, 'session', 'journal.jsonl', 'journal.head.tmp', 'session'],
    );
    const [written, named, told] = seen;
    const of = (seen?: Synced) => seen?.files.filter((name) => name.startsWith(policy));
    assert.equal([of(written), of(named)], [[`${policy}.tmp`], [policy]]);
    assert.equal(
      [written?.events, named?.events, told?.events],
      [2 * round - 2, 2 * round - 2, 2 * round - 1],
    );
    assert.equal(
      seen.map(({ files }) => lock(files)),
      [1, 1, 1, 1, 1],
    );
    // Of the policies only the last is left.
    assert.equal((await readdir(session)).sort(), ['journal.head', 'journal.jsonl', policy, 'session.json']);
    const { pending } = await succeed(lookAtSession(session));
    const [telling] = await syncs(session, () => said('tell', session, ...pending.map((row) => `${row}=1`)));
    assert.equal([telling?.name, telling?.events], ['journal.jsonl', 2 * round]);
  }
  // Where the policy cannot be written the journal says nothing.
  const journal = await readFile(path.join(session, 'journal.jsonl'), 'utf8');
  const inTheWay = path.join(session, 'policy-3.safetensors');
  const failure = await changeSession(
    session,
    () => undefined,
    (now) =>
      pipe(
        TE.rightTask(() => mkdir(path.join(inTheWay, 'x'), { recursive: true })),
        TE.chain(() => asked(now)),
      ),
  )();
  assert.match(
    E.isLeft(failure) ? showFailure(failure.left) : '',
    /policy-3\.safetensors: the file cannot be written/,
  );
  assert.is(await readFile(path.join(session, 'journal.jsonl'), 'utf8'), journal);
});

test('while one command works on a session another is turned away, and the lock goes where the work fails', async ({
  file,
  session,
}) => {
  await said(...words(file, session));
  const failure = await changeSession(
    session,
    () => undefined,
    () => async () => {
      assert.match(await refused('tell', session, '5=1'), /this process works on the session already/);
      return E.left<Failure>({ _tag: 'Interrupted', during: 'a test' });
    },
  )();
  assert.ok(E.isLeft(failure) && failure.left._tag === 'Interrupted');
  assert.equal((await readdir(session)).sort(), ['journal.head', 'journal.jsonl', 'session.json']);
  await said('tell', session, '5=1');
});

test('training ahead keeps every round, and goes on where it was stopped', async ({ file, session }) => {
  await said(...words(file, session, ...trained));
  assert.match(await refused('ahead', session), /no policy was trained yet/);
  await succeed(changeSession(session, () => undefined, asked));
  const ahead = (rounds: number, signal = new AbortController().signal) =>
    observe(['ahead', session, '--rounds', String(rounds)], { engine: cpuEngine(), signal });
  assert.is((await ahead(1)).exitCode, 0);
  assert.equal((await readdir(session)).sort(), [
    'journal.head',
    'journal.jsonl',
    'policy-2.safetensors',
    'session.json',
  ]);
  const stopped = await ahead(3, AbortSignal.abort());
  assert.is(stopped.exitCode, 130);
  assert.is((await said('status', session))['ahead'], 1);
  assert.match((await ahead(3)).stdout, /trained ahead +3 rounds/);
  const policy = await readFile(path.join(session, 'policy-4.safetensors'));
  assert.is((await ahead(3)).exitCode, 0);
  assert.equal(await readFile(path.join(session, 'policy-4.safetensors')), policy);
  assert.match(await refused('ahead', session, '--rounds', '0'), /--rounds/);
});

test.run();
