/**
 * `batchgfn serve` under random requests, sound and broken, several at once, with `kill -9` in between: each is answered once, what was
 * acknowledged is in the sessions' journals, and memory stays flat. SERVE requests are made (an environment variable; 150 if it is not
 * set); what came back is printed.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Answer, answerCodec, errorCodec, isError } from '../../src/cli/serve/answer.js';
import { lookAtSession } from '../../src/cli/session-folder.js';
import { keyFromSeed, split, uniforms } from '../../src/random/key.js';
import { seed } from '../support/property.js';

const PROGRAM = fileURLToPath(new URL('../../../dist/node/main.js', import.meta.url));
const REQUESTS = Number(process.env['SERVE'] ?? 150);
/** Processes are killed in the first half of the requests, and memory is looked at in the second. */
const KILLS = Math.max(3, Math.round(REQUESTS / 250));
/** Requests after which sessions are begun anew: their journals would grow for ever. */
const AN_EPOCH = 300;
const ROWS = 40;

const test = suite<{ folder: string }>('a server under random requests', { folder: '' });

test.before((context) => {
  context.folder = mkdtempSync(path.join(tmpdir(), 'batchgfn-spec-'));
  const cells = Array.from(
    { length: ROWS },
    (_, i) => `${i},${Math.sin(i)},${i % 5 === 0 ? Math.cos(i) : ''}`,
  );
  writeFileSync(path.join(context.folder, 'data.csv'), `a,b,y\n${cells.join('\n')}\n`);
});

test.after(({ folder }) => {
  rmSync(folder, { recursive: true });
});

/** Numbers in [0, 1) without end. */
function* chances(): Generator<number, never> {
  for (let block = 0; ; block++) yield* uniforms(split(keyFromSeed(seed), block), 1024);
}

const drawn = chances();
const chance = (): number => drawn.next().value;
const below = (count: number): number => Math.floor(chance() * count);
const pick = <A>(...values: readonly [A, ...A[]]): A => values[below(values.length)] ?? values[0];

/** A request: its bytes, whether its answer has its id, and the labels that it tells. */
interface Sent {
  readonly bytes: Buffer;
  readonly id: number | null;
  readonly kind: string;
  readonly told?: { readonly session: string; readonly labels: ReadonlyMap<number, number> };
}

const anyAnswer = t.union([answerCodec, errorCodec]);

/** What is sent as the n-th request. */
const requestOf = (n: number): Sent => {
  const session = `s${Math.floor(n / AN_EPOCH)}-${below(3)}`;
  const sound = (kind: string, request: object, told?: Sent['told']): Sent => ({
    ...{ id: n, kind, bytes: Buffer.from(`${JSON.stringify({ id: n, ...request })}\n`) },
    ...(told === undefined ? {} : { told }),
  });
  const broken = (kind: string, bytes: Uint8Array): Sent => ({
    ...{ id: null, kind },
    bytes: Buffer.concat([bytes, Buffer.from('\n')]),
  });
  const init = {
    verb: 'init',
    session,
    data: 'data.csv',
    target: 'y',
    acquisition: 'greedy',
    'feature-map': 'linear',
  };
  if (n % AN_EPOCH < 3)
    return sound('init', { ...init, session: `s${Math.floor(n / AN_EPOCH)}-${n % AN_EPOCH}` });
  const dice = below(100);
  if (dice < 22) return sound('status', { verb: 'status', session });
  if (dice < 38)
    return sound('ask', { verb: 'ask', session, ...(dice < 30 ? { 'batch-size': 1 + below(4) } : {}) });
  if (dice < 68) {
    const labels = new Map(
      Array.from({ length: 1 + below(4) }, () => [2 + below(ROWS), Number((chance() * 9 - 4).toFixed(6))]),
    );
    return sound('tell', { verb: 'tell', session, labels: Object.fromEntries(labels) }, { session, labels });
  }
  if (dice < 72) return sound('tell --skip', { verb: 'tell', session, skip: [2 + below(ROWS)] });
  if (dice < 74) return sound('init again', init);
  if (dice < 75)
    return sound('select', {
      verb: 'select',
      file: 'data.csv',
      target: 'y',
      acquisition: 'greedy',
      'batch-size': 2,
      'feature-map': 'linear',
    });
  if (dice < 79)
    return sound('unknown session', {
      verb: pick('status', 'ask', 'tell'),
      session: pick('none', '', 'data.csv', '\0'),
      labels: { 2: 1 },
    });
  if (dice < 82)
    return sound('unknown verb', { verb: pick<unknown>('stauts', 'toString', '', 3, null, [1]), session });
  if (dice < 88)
    return sound('wrong type', {
      ...{ verb: pick('ask', 'tell', 'init', 'select'), session },
      ...pick<object>(
        { 'batch-size': 'x' },
        { skip: {} },
        { labels: [1] },
        { seed: 0.5 },
        { session: 3 },
        { engine: [] },
        { batchSize: 3 },
      ),
    });
  if (dice < 91)
    return sound('wrong row', {
      verb: 'tell',
      session,
      labels: pick<object>({ 9999: 1 }, { x: 1 }, { 2: 'oak' }, { 3: 1e300 }),
    });
  if (dice < 93)
    return sound('wrong version', { verb: 'status', session, protocol: pick<unknown>(0, 2, '1') });
  if (dice < 96) {
    const whole = JSON.stringify({ verb: 'status', session });
    return broken('broken line', Buffer.from(whole.slice(0, 1 + below(whole.length - 1))));
  }
  if (dice < 97) return broken('nested', Buffer.from(`${'['.repeat(50_000)}${']'.repeat(50_000)}`));
  if (dice < 99) return broken('not UTF-8', Buffer.from([0x7b, 0x80 + below(64), 0xff, 0x7d]));
  return broken('too long', Buffer.alloc(2 ** 20 + 1 + below(1000), 0x61));
};

/** A server, its answers as they come, and what is awaited of it. */
interface Served {
  readonly child: ChildProcessWithoutNullStreams;
  readonly awaited: Set<Sent>;
  /** Resolves when an answer comes, or the process is gone. */
  readonly heard: () => Promise<void>;
  /** Resolves with its exit code when it is gone; null where it was killed. */
  readonly gone: Promise<number | null>;
}

const megabytesOf = (pid: number | undefined, field: 'VmHWM' | 'VmRSS'): number => {
  try {
    const text = readFileSync(`/proc/${pid ?? 0}/status`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? NaN) / 1024;
  } catch {
    return NaN;
  }
};

const launch = (folder: string, heardOf: (answer: Answer, served: Served) => void): Served => {
  const child = spawn(process.execPath, [PROGRAM, 'serve', '--quiet'], { cwd: folder });
  const waiting: (() => void)[] = [];
  const wake = (): void => waiting.splice(0).forEach((resolve) => resolve());
  const served: Served = {
    child,
    awaited: new Set(),
    heard: () => new Promise((resolve) => waiting.push(resolve)),
    gone: new Promise((resolve) => child.once('close', resolve)),
  };
  let text = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (piece: string) => {
    const lines = `${text}${piece}`.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      const answer = anyAnswer.decode(JSON.parse(line));
      assert.ok(E.isRight(answer), line);
      heardOf(answer.right, served);
    }
    wake();
  });
  child.once('close', wake);
  // A process that was killed reads no more.
  child.stdin.on('error', () => undefined);
  return served;
};

test(`${REQUESTS} requests, ${KILLS} kills: each is answered, nothing acknowledged is lost, memory is flat`, async ({
  folder,
}) => {
  const [answers, errors] = [new Map<string, number>(), new Map<string, number>()];
  const count = (of: Map<string, number>, name: string): void => void of.set(name, (of.get(name) ?? 0) + 1);
  /** Of each row of each session the labels that it may have: the last acknowledged, and those told since. */
  const possible = new Map<string, Map<number, Set<number>>>();
  const rowsOf = (session: string): Map<number, Set<number>> => {
    const own = possible.get(session) ?? new Map<number, Set<number>>();
    possible.set(session, own);
    return own;
  };
  const batches = new Map<string, string[]>();
  let [answered, lost, kills] = [0, 0, 0];
  const heardOf = (answer: Answer, { awaited }: Served): void => {
    // Broken lines have no id, and are answered at once, in their order.
    const sent = [...awaited].find(({ id }) => id === answer.id);
    assert.ok(sent !== undefined, `an answer to nothing that was asked: ${JSON.stringify(answer)}`);
    awaited.delete(sent);
    answered++;
    count(isError(answer) ? errors : answers, sent.kind);
    if (isError(answer)) {
      assert.is.not(answer.error.kind, 'Defect', answer.error.text);
      return;
    }
    const { told } = sent;
    if (told !== undefined)
      for (const [row, label] of told.labels) {
        // Those of its session that are awaited still came after it.
        const later = [...awaited].flatMap(({ told: other }) =>
          other?.session === told.session ? [other.labels.get(row)] : [],
        );
        rowsOf(told.session).set(row, new Set([label, ...later.filter((one) => one !== undefined)]));
      }
    if (sent.kind === 'ask' && answer.answer['again'] === false) {
      const { session } = JSON.parse(sent.bytes.toString()) as { session: string };
      batches.set(session, [...(batches.get(session) ?? []), JSON.stringify(answer.answer['rows'])]);
    }
  };
  let served = launch(folder, heardOf);
  const half = Math.floor(REQUESTS / 2);
  const killAt = new Set(Array.from({ length: KILLS }, (_, i) => Math.floor(((i + 1) * half) / (KILLS + 1))));
  const [early, late] = [half + Math.floor((REQUESTS - half) / 4), REQUESTS - 1];
  let peaks: readonly number[] = [];
  for (let n = 0; n < REQUESTS; n++) {
    const sent = requestOf(n);
    // One after another where a later answer tells which label was last, and where sessions begin.
    const most = n % AN_EPOCH < 4 ? 0 : below(8);
    while (served.awaited.size > most) await served.heard();
    served.awaited.add(sent);
    const { told } = sent;
    if (told !== undefined)
      for (const [row, label] of told.labels) {
        const own = rowsOf(told.session).get(row) ?? new Set([NaN]);
        rowsOf(told.session).set(row, new Set([...own, label]));
      }
    if (!served.child.stdin.write(sent.bytes))
      await Promise.race([once(served.child.stdin, 'drain'), served.gone]);
    if (killAt.has(n)) {
      await new Promise((resolve) => setTimeout(resolve, chance() * 30));
      served.child.kill('SIGKILL');
      await served.gone;
      kills++;
      lost += served.awaited.size;
      served = launch(folder, heardOf);
    }
    if (n === early || n === late)
      peaks = [...peaks, megabytesOf(served.child.pid, 'VmHWM'), megabytesOf(served.child.pid, 'VmRSS')];
  }
  served.child.stdin.end();
  assert.is(await served.gone, 0);
  assert.equal([...served.awaited], [], 'requests without an answer');
  assert.is(answered + lost, REQUESTS);
  assert.is(kills, KILLS);

  let [labels, asked] = [0, 0];
  for (const [session, rows] of possible) {
    const kept = await lookAtSession(path.join(folder, session))();
    assert.ok(E.isRight(kept), `${session} cannot be read`);
    const wanted = [...rows].filter(([, values]) => !values.has(NaN));
    for (const [row, values] of wanted) {
      const label = kept.right.labels.get(row) ?? NaN;
      assert.ok(
        values.has(label),
        `${session}, row ${row}: ${label} and not one of ${[...values].join(', ')}`,
      );
      labels++;
    }
    const journal = kept.right.events.flatMap((event) =>
      event.event === 'asked' ? [JSON.stringify(event.rows)] : [],
    );
    for (const rows of batches.get(session) ?? [])
      assert.ok(journal.includes(rows), `${session}: the batch ${rows}`);
    asked += batches.get(session)?.length ?? 0;
  }
  const told = (of: ReadonlyMap<string, number>): string =>
    [...of]
      .map(([kind, n]) => `${kind} ${n}`)
      .sort()
      .join(', ');
  const [peakEarly = NaN, early_ = NaN, peakLate = NaN, late_ = NaN] = peaks;
  console.log(
    `# ${answered} answers, ${lost} requests unanswered at ${kills} kills; ${labels} labels and ${asked} batches held against the journals`,
  );
  console.log(`# done: ${told(answers)}`);
  console.log(`# refused: ${told(errors)}`);
  console.log(
    `# peak of memory ${peakEarly.toFixed(0)} MB after a quarter of the last process, ${peakLate.toFixed(0)} MB at its end (then ${early_.toFixed(0)} and ${late_.toFixed(0)} MB resident)`,
  );
  if (!Number.isNaN(peakLate))
    assert.ok(peakLate < 1.25 * peakEarly + 40, `${peakEarly} MB, then ${peakLate} MB`);
});

test.run();
