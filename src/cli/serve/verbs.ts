/**
 * Which requests are there? Each does what a command does, by that command's own function, and takes its options; those that are about
 * the printing of a command, and files that it would write, are left out; and what `features` says as well.
 */
import type * as TE from '#fp-ts/TaskEither';
import * as t from '#io-ts';
import type { Failure } from '../../failure.js';
import type { Context, Decoded, Parsers } from '../command.js';
import { ask, askReport } from '../commands/ask.js';
import { init, initReport } from '../commands/init.js';
import { select, selectReport } from '../commands/select.js';
import { status, statusReport } from '../commands/status.js';
import { tell, type TellOptions, tellReport } from '../commands/tell.js';
import { filePath } from '../decoders.js';
import {
  type AnyArgument,
  type Argument,
  type Field,
  fieldOfArgument,
  fieldsOfOptions,
  pathArgument,
} from './fields.js';

/** The version of the protocol. Answers say it; a request may, and is refused where it is another. */
export const protocol = 1;

/** What a request is for. */
export interface Verb {
  readonly fields: readonly Field[];
  /** Of requests, with their envelope. */
  readonly codec: t.Mixed;
  /** Whether it changes nothing, so that it may end when nobody waits for it any more; no if left out. */
  readonly changesNothing?: true;
  /** The work, by options that were decoded. Fails as the command does. */
  readonly run: (
    options: Readonly<Record<string, unknown>>,
    context: Context,
  ) => TE.TaskEither<Failure, object>;
}

type Arguments = Readonly<Record<string, AnyArgument>>;

type ValuesOf<Given extends Arguments> = {
  readonly [Key in keyof Given]: t.TypeOf<Given[Key]['codec']>;
};

const without = <Args extends Parsers, const Name extends keyof Args>(
  args: Args,
  ...names: readonly Name[]
): Omit<Args, Name> =>
  Object.fromEntries(Object.entries(args).filter(([key]) => !names.some((name) => name === key))) as Omit<
    Args,
    Name
  >;

/** What stands in a request beside its options; an option of such a name has another there. */
export const envelope = ['verb', 'id', 'protocol'] as const;

const ownNames: Readonly<Partial<Record<string, string>>> = { id: 'id-column' };

const renamed = (field: Field): Field => {
  const name = ownNames[field.name] ?? field.name;
  if (envelope.some((taken) => taken === name))
    throw new TypeError(`serve: the option ${name} needs another name in requests`);
  return { ...field, name };
};

/** What a request is echoed by. */
export const idCodec = t.union([t.string, t.number, t.null]);

const codecOf = (name: string, fields: readonly Field[]): t.Mixed => {
  const props = (some: readonly Field[]): t.Props =>
    Object.fromEntries(some.map((field) => [field.name, field.codec]));
  return t.intersection(
    [
      t.type({ verb: t.literal(name), ...props(fields.filter(({ missing }) => missing !== undefined)) }),
      t.partial({
        ...{ protocol: t.literal(protocol), id: idCodec },
        ...props(fields.filter(({ missing }) => missing === undefined)),
      }),
    ],
    name,
  );
};

const verb = <Given extends Arguments, Args extends Parsers>(
  name: string,
  given: Given,
  args: Args,
  run: (options: ValuesOf<Given> & Decoded<Args>, context: Context) => TE.TaskEither<Failure, object>,
): Verb => {
  const fields = [
    ...Object.entries(given).map(([key, argument]) => fieldOfArgument(key, argument)),
    ...fieldsOfOptions(args),
  ].map(renamed);
  return {
    fields,
    codec: codecOf(name, fields),
    // What is decoded by the fields of a table is what its parsers give.
    run: (options, context) => run(options as ValuesOf<Given> & Decoded<Args>, context),
  };
};

const session = pathArgument(
  'session',
  'the folder of the session',
  filePath('a folder', 'Give the path of a folder'),
);

const isLabel = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

const isLabels = (value: unknown): value is Readonly<Record<string, string | number>> =>
  t.UnknownRecord.is(value) && Object.values(value).every(isLabel);

/** The words that labels by their rows stand for; undefined where they are none. */
const wordsOfLabels = (value: unknown): TellOptions['labels'] | undefined => {
  if (!t.UnknownRecord.is(value)) return undefined;
  const all = Object.entries(value).map(([row, own]) =>
    isLabel(own)
      ? [`${row}=${String(own)}`]
      : isLabels(own)
        ? Object.entries(own).map(([target, label]) => [`${row}=${String(label)}`, target] as const)
        : undefined,
  );
  return all.every((one) => one !== undefined) ? all.flat() : undefined;
};

const labels: Argument<TellOptions['labels'] | undefined> = {
  ...{ name: 'labels', required: false, isPath: false },
  codec: Object.assign(
    new t.Type<TellOptions['labels'] | undefined, unknown>(
      'labels by their rows',
      (value): value is TellOptions['labels'] => Array.isArray(value),
      (value, context) => {
        const words = wordsOfLabels(value);
        return words === undefined
          ? t.failure(
              value,
              context,
              'Give an object of labels by the lines of their rows, { "17": 0.25 }, of several targets by these too, { "17": { "a": 0.25 } }',
            )
          : t.success(words);
      },
      t.identity,
    ),
    {
      schema: {
        type: 'object',
        additionalProperties: {
          anyOf: [
            { type: ['number', 'string'] },
            { type: 'object', additionalProperties: { type: ['number', 'string'] } },
          ],
        },
        description: 'labels by the lines of their rows, of several targets by their names in these',
      },
    },
  ),
};

const table = pathArgument('file', 'the table', filePath('a file', 'Give the path of a CSV file'));

const printing = ['json', 'quiet', 'config'] as const;

const formOfFile = ['delimiter', 'decimal', 'format'] as const;

/** The verbs by name. */
export const verbs = {
  init: verb(
    'init',
    { folder: session },
    without(init.args, 'folder', 'feature', ...printing),
    (options, context) => initReport({ ...options, feature: undefined }, context),
  ),
  ask: verb(
    'ask',
    { folder: session },
    without(ask.args, 'folder', 'out', 'guardFormulas', 'candidates', 'more', ...printing),
    askReport,
  ),
  tell: verb(
    'tell',
    { folder: session, labels },
    without(tell.args, 'folder', 'labels', 'file', ...formOfFile, ...printing),
    (options, context) =>
      tellReport(
        {
          ...options,
          labels: options.labels ?? [],
          // JSON has decimal points.
          ...{ file: undefined, delimiter: undefined, decimal: '.', format: undefined },
        },
        context,
      ),
  ),
  status: {
    ...verb(
      'status',
      { folder: session },
      without(status.args, 'folder', 'repair', ...printing),
      (options, context) => statusReport({ ...options, repair: false }, context),
    ),
    changesNothing: true,
  },
  select: {
    ...verb(
      'select',
      { file: { ...table, required: false } },
      without(select.args, 'file', 'out', 'guardFormulas', 'feature', ...printing),
      (options, context) => selectReport({ ...options, feature: undefined }, context),
    ),
    changesNothing: true,
  },
} as const satisfies Readonly<Record<string, Verb>>;

/** The name of a verb. */
export type VerbName = keyof typeof verbs;
