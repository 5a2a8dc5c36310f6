/**
 * Damage to a session's files: every flipped bit is seen, what is whole can be kept, a policy that is lost blocks nothing, and
 * folders of the first layout are read. BITS=5000 flips so many bits of each file; 150 if it is not given.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { pipe } from 'fp-ts/lib/function.js';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { digestOf, openedLine, openedStart, sealedLine } from '../../src/cli/session-digest.js';
import { changeSession, createSession, lookAtSession } from '../../src/cli/session-folder.js';
import { sealedHead } from '../../src/cli/session-head.js';
import { cpuEngine } from '../../src/engine/cpu/index.js';
import { type Failure, showFailure } from '../../src/failure.js';
import { ask } from '../../src/learning/session/ask.js';
import type { SessionStart } from '../../src/learning/session/events.js';
import { type Session, tell } from '../../src/learning/session/session.js';
import { uniforms, keyFromSeed } from '../../src/random/key.js';
import { fail, succeed } from '../support/device.js';
import { right } from '../linear-algebra/arbitrary.js';
import { observe } from './fake-services.js';

const bits = Number(process.env['BITS'] ?? 150);

const start: SessionStart = {
  version: 1,
  featureNames: ['a'],
  targetName: 'y',
  rows: Array.from({ length: 10 }, (_, i) => i + 2),
  features: Array.from({ length: 10 }, (_, i) => [Math.sin(3 * i)]),
  labels: [
    [2, 0.5],
    [3, -0.25],
  ],
  surrogate: { kind: 'bayesian-linear', featureMap: { kind: 'linear' } },
  acquisition: 'gflownet',
  settings: { iterations: 2, trajectories: 2 },
  seed: 1,
};

const test = suite<{ folder: string; session: string }>('integrity', { folder: '', session: '' });

const silent = (): void => undefined;

const asking = (session: Session): TE.TaskEither<Failure, readonly [Session, readonly number[]]> =>
  pipe(
    session,
    ask(cpuEngine(), { batchSize: 2 }),
    TE.map(({ session: now, rows }) => [now, rows] as const),
  );

const telling =
  (...labels: readonly (readonly [number, number])[]) =>
  (session: Session): TE.TaskEither<Failure, readonly [Session, number]> =>
    pipe(
      TE.fromEither(tell(labels)(session)),
      TE.map((now) => [now, now.labels.size] as const),
    );

/** A session with two batches and a policy. */
test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  context.session = path.join(context.folder, 'session');
  await succeed(createSession(context.session, start));
  const [a = 0, b = 0] = await succeed(changeSession(context.session, silent, asking));
  await succeed(changeSession(context.session, silent, telling([a, 1], [b, 0.5])));
  await succeed(changeSession(context.session, silent, asking));
});

test.after.each(({ folder }) => rm(folder, { recursive: true }));

const policyName = 'policy-2.safetensors';

/** A session as it can be seen: all but its functions. */
const seen = ({ events, labels, batch }: Session): unknown => [events, [...labels], batch];

test('every flipped bit of the start, of the journal and of the policy is seen', async ({ session }) => {
  for (const name of ['session.json', 'journal.jsonl', 'journal.head', policyName]) {
    const file = path.join(session, name);
    const whole = await readFile(file);
    const places = uniforms(keyFromSeed(7), bits);
    // And the bits of the last byte, where a line ends.
    const last = Array.from({ length: 8 }, (_, i) => 8 * (whole.length - 1) + i);
    for (const at of [...Array.from(places, (u) => Math.floor(u * 8 * whole.length)), ...last]) {
      const damaged = Buffer.from(whole);
      damaged[at >> 3] = (damaged[at >> 3] ?? 0) ^ (1 << (at & 7));
      await writeFile(file, damaged);
      if (name === policyName) {
        const said: string[] = [];
        const policy = await succeed(
          changeSession(
            session,
            (sentence) => said.push(sentence),
            (now) => TE.right([now, now.policy] as const),
          ),
        );
        assert.is(policy, undefined, `bit ${at} of ${name}`);
        assert.match(said.join(), /policy-2\.safetensors: it is damaged\. The next batch trains/);
      } else {
        const failure = await fail(lookAtSession(session));
        assert.match(showFailure(failure), new RegExp(name), `bit ${at} of ${name}`);
        await fail(changeSession(session, silent, telling([4, 9])));
        assert.equal(await readFile(file), damaged, 'nothing is cut off before it is looked at');
      }
    }
    await writeFile(file, whole);
    assert.ok(E.isRight(await lookAtSession(session)()));
  }
});

test('of several targets every flipped bit is seen, and what is whole of the labels that were told at once is kept', async ({
  folder,
}) => {
  const session = path.join(folder, 'several');
  await succeed(
    createSession(session, { ...start, furtherTargets: [{ targetName: 'z', labels: [[2, 4]] }] }),
  );
  const [a = 0, b = 0] = await succeed(changeSession(session, silent, asking));
  const pairs = [
    [a, 1],
    [b, 0.5],
  ] as const;
  await succeed(
    changeSession(session, silent, (now) =>
      pipe(
        TE.fromEither(pipe(now, tell(pairs, 'y'), E.chain(tell(pairs, 'z')))),
        TE.map((told) => [told, told.pending] as const),
      ),
    ),
  );
  for (const name of ['session.json', 'journal.jsonl', 'journal.head']) {
    const file = path.join(session, name);
    const whole = await readFile(file);
    for (const u of uniforms(keyFromSeed(8), bits)) {
      const place = Math.floor(u * 8 * whole.length);
      const damaged = Buffer.from(whole);
      damaged[place >> 3] = (damaged[place >> 3] ?? 0) ^ (1 << (place & 7));
      await writeFile(file, damaged);
      assert.match(
        showFailure(await fail(lookAtSession(session))),
        new RegExp(name),
        `bit ${place} of ${name}`,
      );
    }
    await writeFile(file, whole);
  }
  const before = await succeed(lookAtSession(session));
  assert.equal(
    [before.pending, [...before.labels].slice(2), before.furtherLabels.map((own) => [...own].slice(1))],
    [[], [...pairs], [[...pairs]]],
  );
  const journal = path.join(session, 'journal.jsonl');
  await writeFile(journal, (await readFile(journal, 'utf8')).replace(']],"target":"y"', ']],"target":"z"'));
  assert.is((await observe(['status', session, '--repair'])).exitCode, 0);
  const after = await succeed(lookAtSession(session));
  assert.equal(
    after.events,
    before.events.filter((_, i) => i !== 1),
  );
  assert.equal(after.pending, [a, b]);
});

test('a journal that is damaged is kept but for the damaged line, and lies aside as it was', async ({
  session,
}) => {
  await succeed(changeSession(session, silent, telling([4, 2])));
  await succeed(changeSession(session, silent, telling([5, 3])));
  const before = await succeed(lookAtSession(session));
  const journal = path.join(session, 'journal.jsonl');
  const text = await readFile(journal, 'utf8');
  const damaged = text.replace('[[4,2]]', '[[4,7]]');
  await writeFile(journal, damaged);
  const { exitCode, stderr } = await observe(['status', session]);
  assert.is(exitCode, 2);
  assert.match(stderr, /journal\.jsonl, line 4: the line is damaged.*batchgfn status \S+session --repair/s);
  const repaired = await observe(['status', session, '--repair']);
  assert.is(repaired.exitCode, 0, repaired.stderr);
  assert.match(repaired.remarks.join(), /Kept 4 events; damaged: line 4 of the journal/);
  const after = await succeed(lookAtSession(session));
  assert.equal(
    after.events,
    before.events.filter((_, i) => i !== 3),
  );
  assert.is(await readFile(path.join(session, 'damaged-1-journal.jsonl'), 'utf8'), damaged);
  // And the policy is still that of the journal.
  const policy = await succeed(
    changeSession(session, assert.unreachable, (now) => TE.right([now, now.policy] as const)),
  );
  assert.ok(policy !== undefined);
  const again = await observe(['status', session, '--repair']);
  assert.match(again.remarks.join(), /Nothing is damaged/);
});

test('lines that are lost, moved, or of another session are seen', async ({ session, folder }) => {
  const journal = path.join(session, 'journal.jsonl');
  const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n');
  const [first = '', second = '', third = ''] = lines;
  for (const kept of [
    [second, third],
    [first, third],
    [first, third, second],
  ]) {
    await writeFile(journal, `${kept.join('\n')}\n`);
    assert.match(showFailure(await fail(lookAtSession(session))), /journal\.jsonl, line/);
  }
  const other = path.join(folder, 'other');
  await succeed(createSession(other, { ...start, seed: 2 }));
  await writeFile(path.join(other, 'journal.jsonl'), `${lines.join('\n')}\n`);
  assert.match(showFailure(await fail(lookAtSession(other))), /journal\.jsonl, line 1: the line is damaged/);
});

test('lines that are lost at the end are seen, wherever the journal is cut, by every command', async ({
  session,
}) => {
  await succeed(changeSession(session, silent, telling([4, 2])));
  const journal = path.join(session, 'journal.jsonl');
  const whole = await readFile(journal);
  const lines = whole.toString('utf8').split('\n').length - 1;
  for (let length = 0; length < whole.length; length++) {
    const cut = whole.subarray(0, length);
    await writeFile(journal, cut);
    const words = showFailure(await fail(lookAtSession(session)));
    const left = cut.toString('utf8').split('\n').length - 1;
    if (length === whole.length - 1 || cut.at(-1) === 10 || left < lines - 1)
      assert.match(
        words,
        new RegExp(
          `journal\\.jsonl, line ${left + 1}: ${lines - left} lines? lost at the end.*head tells of ${lines}\\); ${left === 0 ? 'no line is there' : `the ${left} lines? that (is|are) there (is|are) whole`}`,
        ),
      );
    assert.match(words, /journal\.jsonl/);
  }
  for (let kept = 0; kept < lines; kept++) {
    const cut = `${whole.toString('utf8').split('\n').slice(0, kept).join('\n')}${kept === 0 ? '' : '\n'}`;
    await writeFile(journal, cut);
    for (const words of [
      ['ask', session, '--batch-size', '2'],
      ['tell', session, '5=1'],
      ['status', session],
    ]) {
      const { exitCode, stderr } = await observe(words);
      assert.is(exitCode, 2, words.join(' '));
      assert.match(stderr, new RegExp(`line ${kept + 1}: ${lines - kept} lines? lost at the end`));
    }
    assert.is(await readFile(journal, 'utf8'), cut);
  }
});

test('a journal that is gone is told with how long it was', async ({ session }) => {
  const journal = path.join(session, 'journal.jsonl');
  await rm(journal);
  const words = showFailure(await fail(lookAtSession(session)));
  assert.match(words, /journal\.jsonl: the file is missing, and its head tells of 3 lines\. /);
});

test('a session whose end is lost goes on from what is whole, and what told of the end lies aside', async ({
  session,
}) => {
  await succeed(changeSession(session, silent, telling([4, 2])));
  const before = await succeed(lookAtSession(session));
  const [journal, head] = [path.join(session, 'journal.jsonl'), path.join(session, 'journal.head')];
  const [whole, told] = [await readFile(journal, 'utf8'), await readFile(head, 'utf8')];
  const lines = whole.trimEnd().split('\n');
  await writeFile(journal, `${lines.slice(0, 2).join('\n')}\n`);
  const repaired = await observe(['status', session, '--repair']);
  assert.is(repaired.exitCode, 0, repaired.stderr);
  assert.match(
    repaired.remarks.join(),
    /Kept 2 events; 2 lines lost at the end of the journal\. .* in damaged-1-journal\.head/,
  );
  assert.equal((await succeed(lookAtSession(session))).events, before.events.slice(0, 2));
  assert.is(await readFile(path.join(session, 'damaged-1-journal.head'), 'utf8'), told);
  assert.match((await observe(['status', session, '--repair'])).remarks.join(), /Nothing is damaged/);
  await succeed(changeSession(session, silent, telling([6, 2])));
  // Of which it cannot be told how many there were.
  await writeFile(head, told.replace('"lines":4', '"lines":5'));
  assert.match(
    showFailure(await fail(lookAtSession(session))),
    /journal\.head: it is damaged, so lines may be lost.*3 lines/,
  );
  const again = await observe(['status', session, '--repair']);
  assert.match(
    again.remarks.join(),
    /Kept 3 events; whether lines are lost .* cannot be told.*damaged-2-journal\.head/,
  );
  // Another line than was written, of the same journal: an older copy that went on by itself.
  await writeFile(head, told);
  await writeFile(journal, whole);
  await succeed(changeSession(session, silent, telling([7, 2])));
  const newer = await readFile(head, 'utf8');
  await writeFile(head, told);
  await writeFile(journal, whole);
  await succeed(changeSession(session, silent, telling([7, 3])));
  await writeFile(head, newer);
  assert.match(
    showFailure(await fail(lookAtSession(session))),
    /journal\.head: the journal has another line than it tells of/,
  );
  // Both at once: a line in the middle damaged, and one lost behind it.
  await writeFile(head, told);
  await writeFile(
    journal,
    `${[lines[0], lines[1], lines[2]?.replace('"rows":[', '"rows":[1')].join('\n')}\n`,
  );
  const both = await observe(['status', session, '--repair']);
  assert.match(
    both.remarks.join(),
    /Kept 2 events; damaged: line 3 of the journal, .*damaged-1-journal\.jsonl; 1 line lost at the end/,
  );
  await rm(journal);
  assert.match(
    showFailure(await fail(changeSession(session, silent, telling([4, 9])))),
    /journal\.jsonl: the file is missing, and its head tells of 2 lines\. .*--repair/,
  );
  assert.match(
    (await observe(['status', session, '--repair'])).remarks.join(),
    /Kept 0 events; 2 lines lost at the end/,
  );
  assert.is((await succeed(lookAtSession(session))).events.length, 0);
});

test('what every command reads is whole to a repair too, and nothing changes', async ({ session }) => {
  const journal = path.join(session, 'journal.jsonl');
  const whole = await readFile(journal, 'utf8');
  for (const edited of [
    whole.replaceAll('\n', '\r\n'),
    whole.replaceAll(/^/gm, ' ').trimEnd() + '\n',
    `\uFEFF${whole}`,
  ]) {
    await writeFile(journal, edited);
    const { events } = await succeed(lookAtSession(session));
    const { remarks, exitCode } = await observe(['status', session, '--repair']);
    assert.equal([exitCode, /Nothing is damaged/.test(remarks.join())], [0, true], remarks.join());
    assert.is(await readFile(journal, 'utf8'), edited);
    assert.is((await succeed(lookAtSession(session))).events.length, events.length);
  }
  await writeFile(journal, whole);
});

/**
 * Makes the folder one of an older layout, whose lines are sealed without the start: in layout 2, from before every journal had a
 * head, its own digest is of the start alone.
 */
const asLayout = async (layout: 2 | 3, session: string): Promise<void> => {
  const file = path.join(session, 'session.json');
  const { start } = right(openedStart(await readFile(file, 'utf8')));
  const digest = layout === 2 ? digestOf(start) : digestOf('3', start);
  await writeFile(file, `{"layout":${layout},"sha256":"${digest}","start":${start}}`);
  const journal = path.join(session, 'journal.jsonl');
  const lines = (await readFile(journal, 'utf8')).trimEnd().split('\n');
  let seal = { start: '', last: digest };
  const sealed = lines.map((line) => {
    const opened = openedLine(seal, line);
    assert.ok(opened !== undefined);
    const next = sealedLine(seal, opened.event, opened.policy);
    seal = { ...seal, last: next.digest };
    return next.line;
  });
  await writeFile(journal, `${sealed.join('\n')}\n`);
  await writeFile(
    path.join(session, 'journal.head'),
    sealedHead(seal, { lines: lines.length, last: seal.last }),
  );
};

test('folders of older layouts are read and go on as they are, and their damage is seen', async ({
  session,
}) => {
  for (const layout of [3, 2] as const) {
    await asLayout(layout, session);
    const before = await succeed(lookAtSession(session));
    await succeed(changeSession(session, silent, telling([4, layout])));
    const after = await succeed(lookAtSession(session));
    assert.equal(
      seen({ ...after, events: after.events.slice(0, -1) }),
      seen({ ...before, labels: after.labels }),
    );
    const journal = path.join(session, 'journal.jsonl');
    const whole = await readFile(journal, 'utf8');
    await writeFile(journal, whole.replace(`[[4,${layout}]]`, '[[4,7]]'));
    assert.match(showFailure(await fail(lookAtSession(session))), /journal\.jsonl, line/);
    await writeFile(journal, whole);
  }
});

test('a repair takes nothing from another session’s journal, nor from its head', async ({
  session,
  folder,
}) => {
  const other = path.join(folder, 'other');
  await succeed(createSession(other, { ...start, seed: 2 }));
  await succeed(changeSession(other, silent, telling([4, 2])));
  const [journal, head] = [path.join(other, 'journal.jsonl'), path.join(other, 'journal.head')];
  const own = await readFile(journal, 'utf8');
  await cp(path.join(session, 'journal.head'), head);
  // Its own journal is whole, but what tells of its end is not its own.
  assert.match(showFailure(await fail(lookAtSession(other))), /journal\.head: it is damaged/);
  await cp(path.join(session, 'journal.jsonl'), journal);
  const text = await readFile(journal, 'utf8');
  const { exitCode, stderr } = await observe(['status', other]);
  assert.is(exitCode, 2);
  assert.match(
    stderr,
    /line 1: the line is damaged, or the one before it is another.*and 2 more like it, lines 2, 3/s,
  );
  const { remarks } = await observe(['status', other, '--repair']);
  assert.match(remarks.join(), /Kept 0 events; damaged: lines 1, 2, 3 of the journal/);
  assert.is(await readFile(path.join(other, 'damaged-1-journal.jsonl'), 'utf8'), text);
  assert.equal((await succeed(lookAtSession(other))).labels.size, start.labels.length);
  await writeFile(journal, own);
  await succeed(lookAtSession(other));
});

test('a head that is gone is damage, said with what is left; a repair goes on from that, with a new one', async ({
  session,
}) => {
  const [journal, head] = [path.join(session, 'journal.jsonl'), path.join(session, 'journal.head')];
  const whole = await readFile(journal, 'utf8');
  await rm(head);
  // Whole, and cut at a line: nobody can tell which of the two it is.
  for (const text of [whole, `${whole.split('\n').slice(0, 2).join('\n')}\n`, '']) {
    await writeFile(journal, text);
    for (const words of [
      ['status', session],
      ['tell', session, '4=1'],
      ['ask', session, '--batch-size', '2'],
    ]) {
      const { exitCode, stderr } = await observe(words);
      assert.is(exitCode, 2, words.join(' '));
      assert.match(stderr, /journal\.head: the file is missing, so lines may be lost at the end.*--repair/s);
    }
    const { remarks } = await observe(['status', session, '--repair']);
    assert.match(
      remarks.join(),
      /whether lines are lost at the end of the journal cannot be told\. What told of its end is gone\./,
    );
    assert.is(await readFile(journal, 'utf8'), text);
    assert.match((await observe(['status', session, '--repair'])).remarks.join(), /Nothing is damaged/);
    await rm(head);
  }
});

test('a stop between the journal and its head is no damage, nor is a folder from before there were heads; then the end is guarded', async ({
  session,
}) => {
  const [journal, head] = [path.join(session, 'journal.jsonl'), path.join(session, 'journal.head')];
  await asLayout(2, session);
  const older = await readFile(head, 'utf8');
  for (const left of [() => writeFile(head, older), () => rm(head)]) {
    await left();
    const before = await readFile(journal, 'utf8');
    await succeed(changeSession(session, silent, telling([4, before.length])));
    const whole = await readFile(journal, 'utf8');
    await left();
    // Looking changes nothing; the next command brings the head up to what it found, though it keeps nothing.
    const { events } = await succeed(lookAtSession(session));
    assert.is((await readdir(session)).includes('journal.head'), left.toString().includes('write'));
    await succeed(changeSession(session, silent, telling()));
    await writeFile(journal, before);
    assert.match(
      showFailure(await fail(lookAtSession(session))),
      new RegExp(`line ${events.length}: 1 line lost`),
    );
    await writeFile(journal, whole);
  }
});

test('a policy that is missing, empty, cut or of another blocks nothing: tell works, ask trains anew, and it is said', async ({
  session,
}) => {
  const file = path.join(session, policyName);
  const journal = path.join(session, 'journal.jsonl');
  const head = path.join(session, 'journal.head');
  const [policy, events, told] = [await readFile(file), await readFile(journal), await readFile(head)];
  const losses: readonly (readonly [RegExp, () => Promise<unknown>])[] = [
    [/there is no such file/, () => rm(file)],
    [/it is damaged/, () => writeFile(file, '')],
    [/it is damaged/, () => writeFile(file, policy.subarray(0, 100))],
    [/it is damaged/, () => writeFile(file, Buffer.concat([policy, Buffer.from([0])]))],
  ];
  for (const [words, lose] of losses) {
    await lose();
    const said: string[] = [];
    const note = (sentence: string): void => void said.push(sentence);
    const { batch } = await succeed(lookAtSession(session));
    await succeed(changeSession(session, note, telling(...batch.map((row) => [row, 0.1] as const))));
    assert.match(said.join(), words);
    assert.is((await succeed(changeSession(session, note, asking))).length, 2);
    assert.ok((await readdir(session)).includes('policy-3.safetensors'));
    await rm(path.join(session, 'policy-3.safetensors'));
    await writeFile(file, policy);
    await writeFile(journal, events);
    await writeFile(head, told);
  }
});

test('a batch that is pending is told again while another process works, and nothing is written', async ({
  session,
}) => {
  const { batch } = await succeed(lookAtSession(session));
  const before = await readdir(session);
  await succeed(
    changeSession(session, silent, (now) =>
      pipe(
        TE.rightTask(() => observe(['ask', session, '--batch-size', '2', '--json'])),
        TE.map(({ exitCode, stdout }) => {
          assert.is(exitCode, 0);
          assert.equal((JSON.parse(stdout) as { readonly rows: unknown }).rows, batch);
          return [now, undefined] as const;
        }),
      ),
    ),
  );
  assert.equal(await readdir(session), before);
});

test('a folder of the first layout, without digests, is read and goes on as it is', async ({ folder }) => {
  const old = path.join(folder, 'old');
  await succeed(createSession(old, start));
  await writeFile(path.join(old, 'session.json'), JSON.stringify(start));
  await writeFile(
    path.join(old, 'journal.jsonl'),
    '{"event":"asked","rows":[7,8],"jointMutualInformation":1.5,"trained":false}\n{"event":"told","labels":[[7,1]]}\n',
  );
  assert.is((await succeed(lookAtSession(old))).labels.size, 3);
  assert.is(await succeed(changeSession(old, silent, telling([8, 2]))), 4);
  assert.match(
    await readFile(path.join(old, 'journal.jsonl'), 'utf8'),
    /\n\{"event":"told","labels":\[\[8,2\]\]\}\n$/,
  );
  assert.equal(seen(await succeed(lookAtSession(old))), seen(await succeed(lookAtSession(old))));
});

test('layouts from the future are refused, and starts whose numbers cannot be', async ({ session }) => {
  const file = path.join(session, 'session.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace('"layout":4', '"layout":5'));
  assert.match(
    showFailure(await fail(lookAtSession(session))),
    /it is of layout 5, and this program knows 1 to 4/,
  );
  // The digest is of the layout too.
  await writeFile(file, text.replace('"layout":4', '"layout":2'));
  assert.match(showFailure(await fail(lookAtSession(session))), /session\.json: it is damaged/);
  const plain = JSON.stringify(start);
  for (const [from, to, words] of [
    ['"seed":1', '"seed":0.5', /seed is not a whole number from 0/],
    ['"seed":1', '"seed":-1', /seed is not a whole number/],
    ['"seed":1', '"seed":1e999', /seed is not a whole number/],
    ['"iterations":2', '"iterations":2.5', /settings\.iterations is not a whole number/],
    ['"trajectories":2', '"trajectories":0', /settings\.trajectories is not a whole number/],
    ['[2,0.5]', '[2,1e999]', /labels is not a finite number/],
    ['"version":1', '"version":7', /version is 7, and this program knows 1: it takes a newer batchgfn/],
    // What its numbers say together is of this file, too.
    ['"rows":[2,3', '"rows":[2,2', /session\.json: row 2: the row is given twice/],
    ['[2,0.5]', '[99,0.5]', /session\.json: row 99/],
    ['{"kind":"linear"}', '{"kind":"polynomial","degree":1e9}', /degree is not a whole number from 1 to 64/],
  ] as const) {
    assert.ok(plain.includes(from), from);
    await writeFile(file, plain.replace(from, to));
    assert.match(showFailure(await fail(lookAtSession(session))), words);
  }
});

test('a label whose square 64-bit numbers do not hold is refused when it is told, and the session goes on', async ({
  session,
}) => {
  const { batch } = await succeed(lookAtSession(session));
  const [row = 0] = batch;
  for (const label of ['1e200', '-1e300']) {
    const { exitCode, stderr } = await observe(['tell', session, `${row}=${label}`]);
    assert.is(exitCode, 2);
    assert.match(
      stderr,
      new RegExp(
        `row ${row}: its label is -?1e\\+\\d00, and y may be 1e\\+140 at most\\. Give y in another unit`,
      ),
    );
  }
  await succeed(changeSession(session, silent, telling(...batch.map((n) => [n, 1] as const))));
  assert.is((await succeed(changeSession(session, silent, asking))).length, 2);
});

test('a digest is SHA-256', () => {
  // FIPS 180-4, the example of one block.
  assert.is(digestOf('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  assert.is(digestOf('a', 'bc'), digestOf('abc'));
});

test.run();
