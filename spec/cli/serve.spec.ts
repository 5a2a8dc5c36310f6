/** `batchgfn serve` on an imagined engine: what is answered, in whose words, and that the schema says what is decoded. */
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as E from '#fp-ts/Either';
import * as t from '#io-ts';
import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { Context } from '../../src/cli/command.js';
import { type Answer, answerCodec, answering, errorCodec, isError } from '../../src/cli/serve/answer.js';
import { jsonSchemaOf } from '../../src/cli/serve/json-schema.js';
import { linesOf } from '../../src/cli/serve/lines.js';
import { requestOf } from '../../src/cli/serve/request.js';
import { protocolSchema } from '../../src/cli/serve/schema.js';
import { verbs } from '../../src/cli/serve/verbs.js';
import { schemaFault } from '../support/json-schema.js';
import { runs } from '../support/property.js';
import { observe } from './fake-services.js';

const test = suite<{ folder: string }>('serve', { folder: '' });
const home = process.cwd();

test.before.each(async (context) => {
  context.folder = await mkdtemp(path.join(tmpdir(), 'batchgfn-spec-'));
  process.chdir(context.folder);
  const cells = Array.from({ length: 12 }, (_, i) => `${i},${i * i},${i < 3 ? i / 2 : ''}`);
  await writeFile('data.csv', `a,b,y\n${cells.join('\n')}\n`);
});

test.after.each(async ({ folder }) => {
  process.chdir(home);
  await rm(folder, { recursive: true });
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const anyAnswer = t.union([answerCodec, errorCodec]);

/** The answers to lines, in the order in which they came. */
const answersTo = async (...input: readonly (string | Uint8Array)[]): Promise<readonly Answer[]> => {
  const { printed, exitCode, stdout, stderr } = await observe(['serve'], {
    input: input.map((piece) => (typeof piece === 'string' ? bytes(piece) : piece)),
  });
  assert.equal([exitCode, stdout, stderr], [0, '', '']);
  return printed
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const answer = anyAnswer.decode(JSON.parse(line));
      assert.ok(E.isRight(answer), line);
      assert.is(schemaFault(protocolSchema(), '#/$defs/answer', answer.right), undefined);
      return answer.right;
    });
};

const line = (request: unknown): string => `${JSON.stringify(request)}\n`;

const textOf = (answer: Answer | undefined): string =>
  answer === undefined ? 'no answer' : isError(answer) ? answer.error.text : JSON.stringify(answer.answer);

const begin = { verb: 'init', session: 's', data: 'data.csv', target: 'y', 'feature-map': 'linear' };

test('labels of several targets in one request, by the names of these, are kept together', async () => {
  const cells = Array.from(
    { length: 12 },
    (_, i) => `${i},${i * i},${i < 3 ? i / 2 : ''},${i < 4 ? -i : ''}`,
  );
  await writeFile('two.csv', `a,b,y,z\n${cells.join('\n')}\n`);
  const tell = { verb: 'tell', session: 'two' };
  const answers = await answersTo(
    line({ ...begin, session: 'two', data: 'two.csv', target: 'y,z', acquisition: 'greedy', id: 0 }),
    line({ verb: 'ask', session: 'two', 'batch-size': 2, id: 1 }),
    line({ ...tell, labels: { 9: 1 }, id: 2 }),
    line({ ...tell, labels: { 9: { y: 1, zz: 2 } }, id: 3 }),
    line({ ...tell, labels: { 9: { y: { z: 1 } } }, id: 4 }),
    line({ ...tell, labels: { 9: { y: 1, z: 2 }, 10: { z: 3 }, 11: 0.5 }, target: 'y', id: 5 }),
    line({ verb: 'status', session: 'two', id: 6 }),
  );
  // What is no request is answered before the work of others is done.
  const [, asked, unnamed, unknown, nested, told, status] = answers.toSorted(
    (a, b) => Number(a.id) - Number(b.id),
  );
  assert.ok(asked !== undefined && !isError(asked));
  assert.equal(asked.answer['lacking'], [['y'], ['y', 'z']]);
  assert.match(textOf(unnamed), /^--target: the session has several targets/);
  assert.match(textOf(unknown), /^--target: the session has no target zz/);
  assert.match(textOf(nested), /^labels: .* Give an object of labels by the lines/);
  assert.ok(told !== undefined && !isError(told), textOf(told));
  assert.ok(status !== undefined && !isError(status));
  assert.equal(told.answer, status.answer);
  assert.equal(
    (status.answer['targets'] as readonly { readonly labelled: number }[]).map(({ labelled }) => labelled),
    [5, 6],
  );
  const journal = (await readFile(path.join('two', 'journal.jsonl'), 'utf8')).trimEnd().split('\n');
  assert.equal(
    journal
      .map((text) => /"event":(\{"event":"told".*\})\}$/.exec(text)?.[1])
      .filter((text) => text !== undefined),
    [
      '{"event":"told","labels":[[9,1],[11,0.5]],"target":"y"}',
      '{"event":"told","labels":[[9,2],[10,3]],"target":"z"}',
    ],
  );
});

test('a session over lines: each answer is what the command prints as JSON, under the id of its request', async () => {
  const answers = await answersTo(
    line({ ...begin, id: 1 }),
    line({ verb: 'ask', session: 's', 'batch-size': 2, id: 'two', protocol: 1 }),
    line({ verb: 'tell', session: 's', labels: { 5: 0.25, 2: 7 }, id: 3 }),
    // Cut in the middle of a character, and without a line break at the end.
    bytes('{"verb":"status","session":"s","id":"é"}').subarray(0, 39),
    bytes('{"verb":"status","session":"s","id":"é"}').subarray(39),
  );
  assert.equal(
    answers.map(({ id, protocol }) => [id, protocol]),
    [
      [1, 1],
      ['two', 1],
      [3, 1],
      ['é', 1],
    ],
  );
  assert.equal(answers[2]?.remarks, ['line 2: the label was 0 and is 7 now.']);
  const asked = answers[1];
  assert.ok(asked !== undefined && !isError(asked));
  assert.equal([asked.answer['rows'], asked.answer['again']], [[5, 6], false]);
  const status = JSON.parse((await observe(['status', 's', '--json'])).stdout) as unknown;
  const last = answers[3];
  assert.ok(last !== undefined && !isError(last));
  assert.equal(last.answer, status);
  const again = await observe(['ask', 's', '--json']);
  assert.equal((JSON.parse(again.stdout) as { rows: unknown }).rows, [6]);
});

test('select is a verb, and what a session remarks is in its answer', async () => {
  const { stdout } = await observe(['select', 'data.csv', '-t', 'y', '-b', '2', '-a', 'kdpp', '--json']);
  const [answer] = await answersTo(
    line({ verb: 'select', file: 'data.csv', target: 'y', 'batch-size': 2, acquisition: 'kdpp' }),
  );
  assert.ok(answer !== undefined && !isError(answer));
  const told = JSON.parse(stdout) as Record<string, unknown>;
  assert.equal({ ...answer.answer, seconds: 0 }, { ...told, seconds: 0 });
  await answersTo(line(begin));
  await writeFile('data.csv', `${await readFile('data.csv', 'utf8')}7,7,\n`);
  const [status] = await answersTo(line({ verb: 'status', session: 's' }));
  assert.match(status?.remarks?.[0] ?? '', /data\.csv has become longer/);
});

test('lists are lists, of names with commas too; rows are skipped by number or name', async () => {
  await writeFile(
    'data.csv',
    `"a, b",id,y\n${Array.from({ length: 9 }, (_, i) => `${i},P-${i},${i < 3 ? i : ''}`).join('\n')}\n`,
  );
  const [begun, skipped] = await answersTo(
    line({ ...begin, features: ['a, b'], 'id-column': 'id', id: 'id' }),
    line({ verb: 'tell', session: 's', skip: [6, 'P-5'] }),
  );
  assert.match(textOf(begun), /"features":\["a, b"\]/);
  assert.match(textOf(skipped), /"skipped":\[6,7\]/);
});

test('a request is refused in the words of the command line', async () => {
  await answersTo(line(begin));
  const same = async (request: Record<string, unknown>, ...words: readonly string[]) => {
    const [answer] = await answersTo(line(request));
    const { stderr, exitCode } = await observe(words);
    assert.ok(answer !== undefined && isError(answer), textOf(answer));
    assert.is(`${answer.error.text}\n`, stderr);
    assert.is(answer.error.exitCode, exitCode);
  };
  const ask = { verb: 'ask', session: 's' };
  await same({ ...ask, 'batch-size': 0 }, 'ask', 's', '-b', '0');
  await same({ ...ask, 'batch-size': 99 }, 'ask', 's', '-b', '99');
  await same({ ...ask, engine: 'cpo' }, 'ask', 's', '--engine', 'cpo');
  await same({ ...ask, session: 'none' }, 'ask', 'none');
  await same({ verb: 'tell', session: 's', labels: { 17: 'oak' } }, 'tell', 's', '17=oak');
  await same({ verb: 'tell', session: 's', labels: { 99: 1 } }, 'tell', 's', '99=1');
  await same({ verb: 'tell', session: 's', skip: [2] }, 'tell', 's', '--skip', '2');
  await same({ verb: 'tell', session: 's' }, 'tell', 's');
  await same({ ...begin, session: 'u', seed: -1 }, 'init', 'u', '-d', 'data.csv', '-t', 'y', '-s=-1');
  await same({ verb: 'init', session: 'u', target: 'y' }, 'init', 'u', '-t', 'y');
  await same(
    { verb: 'init', session: 'u', data: 'none.csv', target: 'y' },
    'init',
    'u',
    '-d',
    'none.csv',
    '-t',
    'y',
  );
  await same({ verb: 'select', file: 'data.csv', target: 'z' }, 'select', 'data.csv', '-t', 'z');
  await same(
    { verb: 'select', file: 'data.csv', target: 'y', acquisition: 'greedy', temperature: 1 },
    ...['select', 'data.csv', '-t', 'y', '-a', 'greedy', '-T', '1'],
  );
});

test('what is no request is answered, and the next is too', async () => {
  await answersTo(line(begin));
  const status = line({ verb: 'status', session: 's', id: 'last' });
  for (const [request, words] of [
    ['{', /it is not JSON/],
    ['{"verb":"status","session":"a\\u0000b"}', /a path holds the character NUL/],
    ['{"verb":"status","verb":"ask"}', /it has the name .*verb.* twice/],
    ['[1]', /it is no object/],
    ['{"verb":"status","session":"s","x":1e999}', /too large/],
    [`${'['.repeat(20_000)}${']'.repeat(20_000)}`, /nested too deeply|it is no object/],
    ['{"id":[]}', /^id: it is neither/],
    ['{"id":1}', /^verb: no verb is given/],
    ['{"id":1,"verb":"statsu"}', /the verbs are .* Perhaps status is meant/],
    ['{"id":1,"verb":"constructor"}', /there is no such verb/],
    ['{"id":1,"verb":"status","session":"s","protocol":2}', /^protocol: it is 2, and this program knows 1/],
    ['{"id":1,"verb":"status","session":3}', /^session: "3" is not a folder\. Give a text of JSON/],
    ['{"id":1,"verb":"status","session":"s","json":true}', /^json: there is no such option/],
    ['{"id":1,"verb":"ask","session":"s","out":"x.csv"}', /^out: there is no such option/],
    ['{"id":1,"verb":"ask","session":"s","batch-size":"3"}', /Give a number of JSON/],
    ['{"id":1,"verb":"select","file":"-","target":"y"}', /^file: .* from standard input/],
    ['{"id":1,"verb":"select","file":"/dev/stdin","target":"y"}', /^file: it is a pipe or a device/],
    ['{"id":1,"verb":"select","file":"/dev/zero","target":"y"}', /^file: it is a pipe or a device/],
    ['{"id":12345678901234567890,"verb":"status","session":"s"}', /^id: it is beyond 2\^53/],
    ['{"id":1,"verb":"tell","session":"s","labels":[1]}', /Give an object of labels/],
    ['{"id":1,"verb":"tell","session":"s","skip":"2"}', /^--skip: .* is not a list of rows/],
    [Uint8Array.of(0x7b, 0xff, 0x7d), /it is not UTF-8/],
    [' '.repeat(2 ** 20 + 1), /it is longer than 1048576 bytes/],
  ] as const) {
    const answers = await answersTo(request, '\n\n \r\n', status);
    assert.is(answers.length, 2);
    const [refused, next] = answers;
    assert.ok(refused !== undefined && isError(refused) && refused.error.exitCode === 2, textOf(refused));
    assert.match(refused.error.text, words);
    assert.is(
      refused.id,
      refused.error.text.startsWith('id') || !String(request).startsWith('{"id":1') ? null : 1,
    );
    assert.ok(next?.id === 'last' && !isError(next));
  }
});

test('what fails, and a mistake of the program, ends one request alone', async () => {
  await answersTo(line(begin));
  const failure = { _tag: 'NumericalFailure', during: 'training', problem: 'NaN', remedy: 'Wait' } as const;
  const ask = { verb: 'ask', session: 's', 'batch-size': 2, id: 1 };
  const status = { verb: 'status', session: 's', id: 2 };
  const { printed } = await observe(['serve'], { failure, input: [ask, status].map(line).map(bytes) });
  assert.match(printed, /"kind":"NumericalFailure","exitCode":1,"text":"training: NaN\. Wait\."/);
  assert.match(printed, /\n\{"protocol":1,"id":2,"answer"/);
  const slipping = {
    services: {
      withEngine: () => {
        throw new TypeError('a slip');
      },
    },
    remark: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  } as unknown as Context;
  const answer = answering(slipping);
  const answers = await Promise.all(
    [ask, status].map((request) => answer(E.right(JSON.stringify(request)), { anywhere: true })),
  );
  assert.match(textOf(answers[0]), /^a mistake of batchgfn: a slip\. Report it/);
  assert.match(textOf(answers[1]), /"labelled":3/);
});

test('Ctrl-C ends it', async () => {
  const interruption = new AbortController();
  const endless = {
    *[Symbol.iterator](): Generator<Uint8Array> {
      yield bytes(line({ verb: 'status', session: 's' }));
      interruption.abort();
      yield bytes('\n');
    },
  };
  const { exitCode, stderr } = await observe(['serve'], { input: endless, signal: interruption.signal });
  assert.equal([exitCode, stderr], [130, 'serve: interrupted.\n']);
});

test('lines are those of the text in whatever pieces it comes, but for what is too long', async () => {
  const piece = fc.oneof(
    fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\r\n', ' '), maxLength: 12 }),
    fc.constantFrom('x'.repeat(30), '\n'),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 9 }),
      async (parts, cuts) => {
        const whole = bytes(parts.join(''));
        const pieces: Uint8Array[] = [];
        for (let at = 0; at < whole.length;) {
          const length = cuts[pieces.length % cuts.length] ?? 1;
          pieces.push(whole.subarray(at, at + length));
          at += length;
        }
        const found: string[] = [];
        const input = (async function* () {
          yield* await Promise.resolve(pieces);
        })();
        for await (const one of linesOf(input, 20)) found.push(E.isRight(one) ? one.right : 'too long');
        assert.equal(
          found,
          parts
            .join('')
            .split('\n')
            .flatMap((text) => (bytes(text).length > 20 ? ['too long'] : text.trim() === '' ? [] : [text])),
        );
      },
    ),
    runs(300),
  );
});

const scalar = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, 1, -1, 3, 0.5, 1e9, '', 'y', 'cpu', 'a,b', 'greedy', 'sine'),
  fc.string({ maxLength: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const anyValue = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 3 }),
  fc.dictionary(fc.constantFrom('1', '2', 'x'), scalar, { maxKeys: 2 }),
);

test('what is decoded is what the schema allows, for every verb', () => {
  const schema = protocolSchema();
  let [decoded, refused] = [0, 0];
  for (const [name, { fields }] of Object.entries(verbs)) {
    const known = fields.map((field) => field.name);
    const required = fields.filter(({ missing }) => missing !== undefined).map((field) => field.name);
    const request = fc
      .tuple(
        fc.record(Object.fromEntries(required.map((field) => [field, fc.constantFrom('y', 'a')])), {
          requiredKeys: [],
        }),
        fc.dictionary(fc.constantFrom(...known, 'id', 'stranger'), anyValue, { maxKeys: 2 }),
      )
      .map(([own, more]) => ({ ...own, ...more, verb: name }));
    fc.assert(
      fc.property(request, (given) => {
        const text = JSON.stringify(given);
        const fault = schemaFault(schema, `#/$defs/${name}`, JSON.parse(text));
        const read = requestOf({ anywhere: true })(text);
        if (E.isRight(read)) {
          decoded++;
          assert.is(fault, undefined, `${text} is decoded, and the schema says ${fault ?? ''}`);
        } else refused++;
      }),
      runs(300),
    );
    // And each field alone: the schema refuses no more than the codec, but for what it cannot say.
    for (const { name: field, codec } of fields)
      fc.assert(
        fc.property(anyValue, (value) => {
          const read = codec.decode(JSON.parse(JSON.stringify(value)));
          const fault = schemaFault(jsonSchemaOf(codec), '#', JSON.parse(JSON.stringify(value)));
          if (fault !== undefined)
            assert.ok(E.isLeft(read), `${name} ${field}: ${JSON.stringify(value)}: ${fault}`);
        }),
        runs(60),
      );
  }
  assert.ok(decoded > 100 && refused > 500, `${decoded} decoded, ${refused} refused`);
});

test('a codec without a schema is a mistake that is told', () => {
  assert.throws(() => jsonSchemaOf(t.void), /jsonSchemaOf: no schema is known of the codec void/);
  assert.equal(jsonSchemaOf(t.type({ a: t.string, b: t.readonlyArray(t.number) })), {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'array', items: { type: 'number' } } },
    required: ['a', 'b'],
    additionalProperties: false,
  });
});

test('a session under two names is one: its requests wait for each other', async () => {
  await answersTo(line(begin));
  await mkdir('real');
  await rename('s', path.join('real', 's'));
  await symlink(path.join('real', 's'), 'link');
  await symlink('real', 'way');
  const names = ['link', path.join('way', 's'), path.join('real', 's'), path.join('way', '..', 'link')];
  const answers = await answersTo(
    ...Array.from({ length: 12 }, (_, i) =>
      line({ verb: 'tell', session: names[i % names.length], labels: { [5 + (i % 2)]: i } }),
    ),
  );
  for (const answer of answers) assert.ok(!isError(answer), textOf(answer));
});

test.run();
