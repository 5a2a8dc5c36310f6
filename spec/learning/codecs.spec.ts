/**
 * The law of every codec of a session, of a model file and of pretraining: decoding never throws, and what decodes is written as
 * what decodes to the same value, −0 and prototypes included. Of valid texts whose numbers, keys and characters are changed.
 */
import { isDeepStrictEqual } from 'node:util';
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseJson } from '../../src/data/json.js';
import { type InputFailure, showFailure } from '../../src/failure.js';
import { decodeModel, encodeModel } from '../../src/gflownet/model-file.js';
import { modelOf } from '../../src/gflownet/model.js';
import { networkSpecs } from '../../src/gflownet/policies/slot-network.js';
import { networkOf, type PretrainedWeights, weightsOf } from '../../src/gflownet/pretrained/pretrained.js';
import { decodePretraining, encodePretraining } from '../../src/learning/pretraining/kept.js';
import {
  decodeEvent,
  decodeSession,
  decodeStart,
  encodeSession,
  type EncodedSession,
} from '../../src/learning/session/encode.js';
import { parameterCount } from '../../src/nn/parameters.js';
import { keyFromSeed, uniforms } from '../../src/random/key.js';
import { right } from '../linear-algebra/arbitrary.js';
import { runs } from '../support/property.js';

const starts = [
  { kind: 'bayesian-linear', featureMap: { kind: 'fourier', count: 8, seed: 1 } },
  { kind: 'gaussian-process', kernel: { kind: 'rbf', lengthScales: 'shared' } },
  {
    kind: 'gaussian-process-classes',
    kernel: { kind: 'rbf', lengthScales: 'shared' },
    draws: 16,
    seed: 2,
    classes: 2,
  },
  {
    ...{ kind: 'network', head: 'ensemble', task: 'regression', hidden: [4, 4] },
    ...{ iterations: 10, draws: 3, seed: 5 },
  },
].map((surrogate) =>
  JSON.stringify({
    ...{ version: 1, featureNames: ['a', 'b'], targetName: 'y', rows: [2, 3, 5] },
    features: [
      [0.5, 1],
      [-0.25, 2],
      [3, 4],
    ],
    labels: [
      [2, 0],
      [5, 1],
    ],
    ...{ surrogate, acquisition: 'gflownet', seed: 7 },
    settings: { temperature: 0.5, iterations: 3, trajectories: 4, candidates: 9 },
    data: { file: '../a.csv', bytes: 60, sha256: '0'.repeat(64) },
    ...(surrogate.kind === 'gaussian-process'
      ? { furtherTargets: [{ targetName: 'z', labels: [[3, 0.25]] }] }
      : {}),
  }),
);

const events = [
  '{"event":"asked","rows":[3],"jointMutualInformation":1.5,"trained":false}',
  '{"event":"told","labels":[[3,0.5]]}',
  '{"event":"skipped","rows":[3]}',
  '{"event":"ahead","rows":[3]}',
];
const ofSeveral = [
  '{"event":"asked","rows":[3],"jointMutualInformation":1.5,"trained":false,"outputs":[{"target":"z","expected":{"error":2,"after":1,"share":0.5,"worthwhile":true}}]}',
  '{"event":"told","labels":[[3,0.5]],"target":"z"}',
];

const numbers = fc.constantFrom(
  ...['0', '-0', '-0.0', '1', '-1', '0.5', '5e-324', '1e308', '1e999', '-1e999', '2147483648', '1e6', '4e9'],
  ...['9007199254740991', '9007199254740992', '1099511627776', 'null', 'true', '"x"', '[]', '{}', '[1e999]'],
);

/** A text with a number of it replaced, keys added, or characters changed. */
const changed = (text: string): fc.Arbitrary<string> => {
  const places = [...text.matchAll(/-?\d+(?:\.\d+)?(?:e[+-]?\d+)?/g)].map(
    ({ index, 0: found }) => [index, index + found.length] as const,
  );
  const openings = [...text.matchAll(/\{/g)].map(({ index }) => index + 1);
  return fc.oneof(
    { weight: 4, arbitrary: numberChanged(text, places) },
    fc
      .tuple(
        fc.constantFrom(...openings),
        fc.constantFrom('x', '__proto__', 'constructor', 'toString'),
        numbers,
      )
      .map(([at, key, value]) => `${text.slice(0, at)}"${key}":${value},${text.slice(at)}`),
    fc
      .tuple(fc.nat(text.length - 1), fc.string({ unit: 'binary-ascii', maxLength: 2 }))
      .map(([at, put]) => text.slice(0, at) + put + text.slice(at + 1)),
    fc.nat(text.length).map((end) => text.slice(0, end)),
  );
};

const numberChanged = (text: string, places: readonly (readonly [number, number])[]): fc.Arbitrary<string> =>
  fc
    .tuple(fc.constantFrom(...places), numbers)
    .map(([[from, to], value]) => text.slice(0, from) + value + text.slice(to));

interface Law<A> {
  readonly decode: (text: string) => E.Either<InputFailure, A>;
  readonly encode: (value: A) => string;
}

/** Whether a text decodes. Throws where the law is broken. */
const lawful = <A>({ decode, encode }: Law<A>, text: string): boolean => {
  const found = decode(text);
  if (E.isLeft(found)) {
    assert.ok(showFailure(found.left).length > 0);
    return false;
  }
  const again = decode(encode(found.right));
  if (E.isLeft(again)) throw new Error(`written again: ${showFailure(again.left)}: ${text}`);
  assert.ok(isDeepStrictEqual(again.right, found.right), text);
  return true;
};

/** The law on changed texts, of which some decode and some do not. */
const hold = <A>(law: Law<A>, texts: readonly string[], times: number): void => {
  for (const text of texts) assert.ok(lawful(law, text), text);
  const seen = { some: 0, none: 0 };
  fc.assert(
    fc.property(fc.oneof(...texts.map(changed)), (text) => {
      seen[lawful(law, text) ? 'some' : 'none']++;
    }),
    runs(times),
  );
  assert.ok(seen.some > 0 && seen.none > 0, JSON.stringify(seen));
};

test('a setting that may not be what it is, is told by what it may be', () => {
  const [start = ''] = starts;
  const refused = decodeStart(start.replace('"temperature":0.5', '"temperature":-1'));
  assert.ok(E.isLeft(refused));
  assert.match(showFailure(refused.left), /settings\.temperature is not a number from 1e-30 up/);
});

test('the start of a session', () => {
  hold({ decode: decodeStart, encode: JSON.stringify }, starts, 2000);
});

test('the most classes of a surrogate are a million and some, and no more', () => {
  for (const start of starts.slice(2))
    for (const [classes, taken] of [
      [2 ** 20, true],
      [2 ** 20 + 1, false],
    ] as const) {
      const { surrogate, ...rest } = JSON.parse(start) as { readonly surrogate: object };
      const text = JSON.stringify({ ...rest, surrogate: { ...surrogate, classes } });
      assert.is(E.isRight(decodeStart(text)), taken, text);
    }
});

test('the events of a session', () => {
  hold({ decode: decodeEvent, encode: JSON.stringify }, [...events, ...ofSeveral], 1000);
});

test('a whole session', () => {
  const encoded = (start: string): string =>
    JSON.stringify({
      start: JSON.parse(start) as unknown,
      events: (start.includes('furtherTargets') ? ofSeveral : events.slice(0, 2)).map(
        (event) => JSON.parse(event) as unknown,
      ),
    });
  const parts = (text: string): E.Either<string, EncodedSession> =>
    E.tryCatch(
      () => {
        // As text: numbers that JSON cannot write again stay as they are written here.
        const [, start = '', happened = ''] = /^\{"start":(.*),"events":\[(.*)\]\}$/s.exec(text) ?? [];
        return { start, events: happened.split(/,(?=\{)/) };
      },
      () => 'no session',
    );
  const law = {
    decode: (text: string) => decodeSession(right(parts(text))),
    encode: (session: Parameters<typeof encodeSession>[0]) => {
      const { start, events: happened } = encodeSession(session);
      return `{"start":${start},"events":[${happened.join(',')}]}`;
    },
  };
  hold(law, starts.slice(0, 2).map(encoded), 600);
});

const options = { seed: 1, iterations: 9, learningRate: 0.25, hidden: 1 };

test('the checkpoint of pretraining', () => {
  const size = parameterCount(networkSpecs(options.hidden));
  const some = (seed: number): Float64Array => Float64Array.from(uniforms(keyFromSeed(seed), size));
  const state = { parameters: some(1), first: some(2), second: some(3), steps: Float64Array.of(4) };
  const text = encodePretraining(options, state);
  const decode = (given: string) => decodePretraining('file', given, options);
  hold({ decode, encode: (found) => encodePretraining(options, found) }, [text], 300);
  for (const [from, to] of [
    ['"second":[', '"second":[-1,'],
    ['"steps":4', '"steps":10'],
    ['"steps":4', '"steps":-1'],
    ['"steps":4', '"steps":0.5'],
    ['"learningRate":0.25', '"learningRate":1e999'],
  ] as const) {
    assert.ok(text.includes(from));
    assert.ok(E.isLeft(decode(text.replace(from, to))), to);
  }
});

test('pretrained weights: of any width and any text', () => {
  const size = parameterCount(networkSpecs(2));
  const weights = weightsOf(Float32Array.from(uniforms(keyFromSeed(1), size)), {
    ...{ hidden: 2, seed: 1, iterations: 1 },
  });
  const holds = (given: PretrainedWeights): boolean =>
    lawful(
      {
        decode: (parameters) => networkOf({ ...given, parameters }),
        encode: (network) => weightsOf(network, given).parameters,
      },
      given.parameters,
    );
  assert.ok(holds(weights));
  for (const hidden of [0, -1, 0.5, 2.5, Number.NaN, Infinity, 1e9, 2 ** 53])
    assert.not.ok(holds({ ...weights, hidden }), String(hidden));
  for (const parameters of [
    '',
    'A',
    'AA',
    'AAA==',
    '=',
    '====',
    'A===',
    'A=AA',
    'AAAA',
    weights.parameters.slice(1),
  ])
    assert.not.ok(holds({ ...weights, parameters }), parameters.slice(0, 9));
  fc.assert(
    fc.property(
      changed(`0${weights.parameters}{`).map((text) => text.slice(1, -1)),
      (parameters) => {
        holds({ ...weights, parameters });
      },
    ),
    runs(300),
  );
});

test('the header of a model file', () => {
  const model = modelOf({ policy: 'gain', hidden: 2, poolSize: 5, features: 1, batchSize: 2, dtype: 'f32' });
  const bytes = encodeModel({ model, parameters: Float32Array.from(uniforms(keyFromSeed(1), model.size)) });
  const length = Number(new DataView(bytes.buffer).getBigUint64(0, true));
  const body = bytes.subarray(8 + length);
  const join = (header: string): Uint8Array => {
    const text = new TextEncoder().encode(header);
    const joined = new Uint8Array(8 + text.length + body.length);
    new DataView(joined.buffer).setBigUint64(0, BigInt(text.length), true);
    joined.set(text, 8);
    joined.set(body, 8 + text.length);
    return joined;
  };
  const header = new TextDecoder().decode(bytes.subarray(8, 8 + length)).trimEnd();
  const decode = (text: string) =>
    pipe(
      decodeModel(join(text)),
      E.map(({ model: { shape }, parameters }) => ({ shape, parameters })),
    );
  const encode = ({
    shape,
    parameters,
  }: {
    shape: Parameters<typeof modelOf>[0];
    parameters: Parameters<typeof encodeModel>[0]['parameters'];
  }): string => {
    const written = encodeModel({ model: modelOf(shape), parameters });
    const size = Number(new DataView(written.buffer).getBigUint64(0, true));
    return new TextDecoder().decode(written.subarray(8, 8 + size));
  };
  hold({ decode, encode }, [header], 1500);
  const later = decode(header.replace('"version":"1"', '"version":"2"'));
  assert.match(
    E.isLeft(later) ? showFailure(later.left) : '',
    /it is of version 2, and this program knows 1/,
  );
});

test('JSON that cannot be written again is told from JSON that can', () => {
  for (const text of ['1e999', '[[-1e999]]', '{"a":{"b":[0,1e400]}}', '{"__proto__":1}'])
    assert.is(right(parseJson(text)).whole, false, text);
  for (const text of ['0', '[1e308]', '{"a":null,"b":[[]]}', '"1e999"']) {
    const { value, whole } = right(parseJson(text));
    assert.ok(whole);
    assert.ok(isDeepStrictEqual(value, JSON.parse(text)));
  }
  assert.ok(isDeepStrictEqual(right(parseJson('{"a":[-0,-0.0],"b":-0}')).value, { a: [0, 0], b: 0 }));
  assert.ok(Object.is(right(parseJson('-0')).value, 0));
  const deep = '['.repeat(200_000) + ']'.repeat(200_000);
  assert.ok(E.isLeft(parseJson(deep)));
  const later = decodeStart((starts[0] ?? '').replace('"version":1', '"version":2'));
  assert.match(E.isLeft(later) ? showFailure(later.left) : '', /version is 2, and this program knows 1/);
});

test.run();
