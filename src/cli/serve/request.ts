/** What does a request ask for? Its text as JSON, its verb, and options decoded; or what is wrong with it, in the words of a command. */
import * as E from '#fp-ts/Either';
import * as O from '#fp-ts/Option';
import { pipe } from '#fp-ts/function';
import type * as t from '#io-ts';
import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { nearestName } from '../../data/nearest-name.js';
import { quoted, shortened } from '../../data/read-number.js';
import { STANDARD_INPUT } from '../../data/read-table.js';
import { parseUniqueJson } from '../../data/unique-json.js';
import { type Fault, inputFailure, type InputFailure } from '../../failure.js';
import { isRecord } from '../../misuse.js';
import type { Field } from './fields.js';
import { envelope, idCodec, protocol, type Verb, type VerbName, verbs } from './verbs.js';

/** What a request is echoed by. */
export type RequestId = t.TypeOf<typeof idCodec>;

/** A request that was understood. */
export interface Request {
  readonly id: RequestId;
  readonly verb: Verb;
  readonly options: Readonly<Record<string, unknown>>;
  /** What is done one after another: the session's folder, or what has none. */
  readonly queue: string;
}

/** One that was not. */
export interface Refused {
  readonly id: RequestId;
  readonly failure: InputFailure;
}

/** Where a request comes from. */
export interface Origin {
  /** Said beside the request, by the path of HTTP. */
  readonly verb?: string;
  /** Whether paths may lead out of the folder in which the program runs. */
  readonly anywhere: boolean;
  /** Aborted when nobody waits for the answer any more; never if left out. */
  readonly gone?: AbortSignal;
}

/** Where a path leads through links, as far as it is there: requests of one folder wait for each other whatever they call it. */
const realPlace = (place: string): string => {
  try {
    return realpathSync(place);
  } catch {
    const parent = path.dirname(path.resolve(place));
    return parent === path.resolve(place) ? parent : path.join(realPlace(parent), path.basename(place));
  }
};

const fault = (source: string, problem: string, remedy: string): Fault => ({ source, problem, remedy });

const strangers = (given: Readonly<Record<string, unknown>>, fields: readonly Field[]): readonly Fault[] => {
  const names = fields.map(({ name }) => name);
  return Object.keys(given)
    .filter((name) => ![...envelope, ...names].includes(name))
    .map((name) =>
      fault(
        name,
        'there is no such option',
        pipe(
          nearestName(name, names),
          O.match(
            () => `Remove it; the options are ${names.join(', ')}`,
            (nearest) => `Perhaps ${nearest} is meant`,
          ),
        ),
      ),
    );
};

const wrong = ({ source, codec, missing }: Field, value: unknown, message: string | undefined): Fault =>
  value === undefined
    ? fault(
        source,
        source.startsWith('--') ? 'the option is missing' : 'the argument is missing',
        missing ?? '',
      )
    : fault(
        source,
        `${quoted(typeof value === 'string' ? value : JSON.stringify(value))} is not ${codec.name}`,
        message ?? `Give ${codec.name}`,
      );

/** Whether something is there that is neither a file nor a folder: a pipe may keep its reader waiting for ever. */
const isOffDisk = (place: string): boolean => {
  try {
    const found = statSync(place);
    return !found.isFile() && !found.isDirectory();
  } catch {
    // What is wrong with it is told where it is read.
    return false;
  }
};

/** Faults of a path: none is standard input, where requests come from, nor a pipe, and unless `anywhere` it stays in the folder. */
const outside = (field: Field, value: unknown, anywhere: boolean): readonly Fault[] => {
  if (!field.isPath || typeof value !== 'string') return [];
  if (value === STANDARD_INPUT)
    return [
      fault(field.source, 'a request cannot have its table from standard input', 'Give the path of a file'),
    ];
  const from = path.relative('.', value);
  if (!anywhere && (path.isAbsolute(value) || path.isAbsolute(from) || from.split(path.sep)[0] === '..'))
    return [fault(field.source, 'the path leads out of the folder that is served', 'Give a path in it')];
  return isOffDisk(value)
    ? [fault(field.source, 'it is a pipe or a device, and no file on a disk', 'Give the path of a file')]
    : [];
};

/** The options of a request. */
const optionsOf = (
  { fields, codec }: Verb,
  name: VerbName,
  given: Readonly<Record<string, unknown>>,
  { anywhere }: Origin,
): E.Either<InputFailure, Readonly<Record<string, unknown>>> => {
  const decoded = codec.decode({ ...given, verb: name }) as t.Validation<Readonly<Record<string, unknown>>>;
  const faults = [
    ...strangers(given, fields),
    ...(E.isRight(decoded)
      ? []
      : decoded.left.flatMap(({ context, value, message }): readonly Fault[] => {
          const field = context.flatMap(({ key }) => fields.find((one) => one.name === key) ?? [])[0];
          return field === undefined ? [] : [wrong(field, value, message)];
        })),
    ...fields.flatMap((field) => outside(field, given[field.name], anywhere)),
  ];
  const [first, ...rest] = faults;
  if (first !== undefined) return E.left(inputFailure(first, ...rest));
  return pipe(
    decoded,
    E.bimap(
      () => inputFailure(fault('request', 'it cannot be read', 'Give what batchgfn serve --schema says')),
      (values) =>
        Object.fromEntries(fields.map(({ name: own, key, otherwise }) => [key, values[own] ?? otherwise])),
    ),
  );
};

const verbOf = (name: unknown): E.Either<InputFailure, VerbName> => {
  const names = Object.keys(verbs);
  const isVerb = (one: unknown): one is VerbName => names.some((known) => known === one);
  if (isVerb(name)) return E.right(name);
  const list = `there is no such verb; the verbs are ${names.join(', ')}`;
  if (name === undefined)
    return E.left(inputFailure(fault('verb', 'no verb is given', `Give one of ${names.join(', ')}`)));
  const told = typeof name === 'string' ? name : JSON.stringify(name);
  return E.left(
    inputFailure(
      fault(
        quoted(told),
        list,
        pipe(
          nearestName(told, names),
          O.match(
            () => 'Give one of them',
            (nearest) => `Perhaps ${nearest} is meant`,
          ),
        ),
      ),
    ),
  );
};

const objectOf = (text: string): E.Either<InputFailure, Readonly<Record<string, unknown>>> =>
  pipe(
    parseUniqueJson(text),
    E.mapLeft((problem) => inputFailure(fault('request', problem, 'Give an object of JSON on one line'))),
    E.chain(({ value, whole }) =>
      isRecord(value) && !Array.isArray(value) && whole
        ? E.right(value)
        : E.left(
            inputFailure(
              whole
                ? fault('request', 'it is no object', 'Give an object of JSON on one line')
                : fault('request', 'it holds a number that is too large, or a key __proto__', 'Leave it out'),
            ),
          ),
    ),
  );

const protocolOf = (given: Readonly<Record<string, unknown>>): E.Either<InputFailure, void> => {
  const { protocol: version = protocol } = given;
  return version === protocol
    ? E.right(undefined)
    : E.left(
        inputFailure(
          fault(
            'protocol',
            `it is ${shortened(JSON.stringify(version))}, and this program knows ${protocol}`,
            `Give ${protocol}, or leave it out`,
          ),
        ),
      );
};

/** A verb may be said beside a request and in it, if they are the same. */
const agreeing = (beside: string | undefined, given: unknown): E.Either<InputFailure, void> =>
  beside === undefined || given === undefined || given === beside
    ? E.right(undefined)
    : E.left(
        inputFailure(
          fault(
            'verb',
            `the body says ${quoted(typeof given === 'string' ? given : JSON.stringify(given))}, and the path ${quoted(beside)}`,
            'Leave it out of the body',
          ),
        ),
      );

/** The request that a text is. */
export const requestOf =
  (origin: Origin) =>
  (text: string): E.Either<Refused, Request> => {
    const read = objectOf(text);
    if (E.isLeft(read)) return E.left({ id: null, failure: read.left });
    const given = read.right;
    const { id: named = null } = given;
    if (!idCodec.is(named) || (typeof named === 'number' && Math.abs(named) > Number.MAX_SAFE_INTEGER))
      return E.left({
        id: null,
        failure: inputFailure(
          typeof named === 'number'
            ? fault('id', 'it is beyond 2^53, and would come back as another', 'Put it in quotes')
            : fault('id', 'it is neither a text nor a number', 'Give one of them, or leave it out'),
        ),
      });
    return pipe(
      protocolOf(given),
      E.chain(() => agreeing(origin.verb, given['verb'])),
      E.chain(() => verbOf(origin.verb ?? given['verb'])),
      E.chain((name) =>
        pipe(
          optionsOf(verbs[name], name, given, origin),
          E.map((options): Request => ({
            ...{ id: named, verb: verbs[name], options },
            queue: typeof options['folder'] === 'string' ? realPlace(options['folder']) : name,
          })),
        ),
      ),
      E.mapLeft((failure) => ({ id: named, failure })),
    );
  };
