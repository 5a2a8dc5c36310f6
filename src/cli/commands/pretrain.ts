/** `batchgfn pretrain`: train `messagePassing` on generated posteriors, hold it against unseen ones, and write its weights. */
import { readFile } from 'node:fs/promises';
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import type { Engine } from '../../engine/index.js';
import { inputFailure, type Failure, type InputFailure } from '../../failure.js';
import { policies } from '../../gflownet/policies/index.js';
import { compared, type Comparison } from '../../learning/pretraining/evaluation.js';
import {
  decodePretraining,
  encodePretraining,
  isWeightsModule,
  weightsModule,
} from '../../learning/pretraining/kept.js';
import {
  firstPretrainingState,
  pretrain as pretrainFrom,
  type PretrainingOptions,
  type PretrainingState,
} from '../../learning/pretraining/pretrain.js';
import { command, printed, type Context, type Work } from '../command.js';
import { engine, json, threads } from '../common-options.js';
import { filePath, positiveInteger, seed } from '../decoders.js';
import { checkNewFile } from '../new-file.js';
import { flag, required, withDefault } from '../options.js';
import { compilingShown } from '../progress.js';
import { renderJson } from '../render.js';
import { textIn, written } from '../whole-file.js';
import { textTable } from '../text-table.js';
import type { EngineChoice } from '../../engine/index.js';
import { present } from '../../present.js';

/** Decoded options of pretrain. */
export interface PretrainOptions {
  readonly out: string;
  readonly iterations: number;
  readonly heldOut: number;
  readonly seed: number;
  readonly engine: EngineChoice;
  readonly threads?: number | undefined;
  readonly resume: boolean;
  readonly json: boolean;
}

/** Adam's first rate. */
const learningRate = 0.003;
/** Multiples of the default temperature at which the policy is held against unseen problems. */
const multiples = [4, 1] as const;

const checkpointOf = (out: string): string => `${out}.checkpoint`;

/** The state to begin with: the first one, or that of the checkpoint. */
const begun = (
  { out, resume }: PretrainOptions,
  options: PretrainingOptions,
): TE.TaskEither<InputFailure, PretrainingState> =>
  resume
    ? pipe(
        TE.tryCatch(
          () => readFile(checkpointOf(out), 'utf8'),
          () =>
            inputFailure({
              source: '--resume',
              problem: `there is no ${checkpointOf(out)} to go on from`,
              remedy: 'Leave out --resume to begin anew, or give the --out that it was begun with',
            }),
        ),
        TE.chainEitherK((contents) => decodePretraining(checkpointOf(out), contents, options)),
      )
    : TE.right(firstPretrainingState(options));

/** Fails where the module has no place: what another program wrote is never written over. */
const checkModule = (file: string): TE.TaskEither<InputFailure, void> =>
  pipe(
    checkNewFile('--out', file),
    TE.chain(() => textIn(file)),
    TE.chain((text) =>
      text === undefined || text === '' || isWeightsModule(text)
        ? TE.right(undefined)
        : TE.left(
            inputFailure({
              source: '--out',
              problem: `${file} is there already, and is no module of weights`,
              remedy: 'Give another name, or move the file away',
            }),
          ),
    ),
  );

/** Pretrains, with a checkpoint now and then and when it is stopped. */
const trained =
  (
    machine: Engine,
    { out }: PretrainOptions,
    options: PretrainingOptions,
    start: PretrainingState,
    { signal, progress }: Context,
  ): TE.TaskEither<Failure, PretrainingState> =>
  async () => {
    let kept: Promise<E.Either<Failure, void>> = Promise.resolve(E.right(undefined));
    const result = await pretrainFrom(machine, options, start, {
      signal,
      onCheckpoint: (state) => {
        kept = kept.then(() => written(checkpointOf(out), encodePretraining(options, state))());
      },
      onProgress: ({ done, total, loss }) =>
        progress({ stage: 'pretraining', done, total, note: `${loss.toFixed(2)} nats` }),
    })();
    const last = await kept;
    return E.isLeft(result)
      ? result
      : pipe(
          last,
          E.chain(() => result),
        );
  };

const rowsOf = (comparisons: readonly Comparison[]): string =>
  textTable(
    [
      ['labels', 'temperature', 'policy', 'effective sample size', 'log Z − ELBO'],
      ...comparisons.flatMap(({ labels, multiple, trained: after, untrained }) =>
        (
          [
            ['pretrained', after],
            ['untrained', untrained],
          ] as const
        ).map(([name, { effectiveSampleSize, gap }]) => [
          labels,
          `${multiple} × default`,
          name,
          effectiveSampleSize.toFixed(3),
          gap.toFixed(2),
        ]),
      ),
    ],
    (column) => (column < 3 ? 'left' : 'right'),
  );

/** The work of pretrain. */
export const pretrainWork =
  (options: PretrainOptions): Work =>
  (context) => {
    const training: PretrainingOptions = {
      ...{ seed: options.seed, iterations: options.iterations, learningRate },
      hidden: policies.messagePassing.defaults.hidden,
    };
    return pipe(
      checkModule(options.out),
      TE.chain(() => begun(options, training)),
      TE.mapLeft((failure): Failure => failure),
      TE.chain((start) =>
        context.services.withEngine(
          options.engine,
          (machine) =>
            pipe(
              trained(machine, options, training, start, context),
              TE.chainFirstW((state) => written(options.out, weightsModule(training, state))),
              TE.chain(({ parameters }) =>
                compared(
                  machine,
                  parameters,
                  { seed: options.seed, count: options.heldOut, multiples },
                  context,
                ),
              ),
            ),
          compilingShown(context.progress),
          present({ threads: options.threads }),
        ),
      ),
      TE.map((comparisons) =>
        printed(
          options.json
            ? renderJson({ out: options.out, iterations: options.iterations, heldOut: comparisons })
            : `The weights are in ${options.out}. Means over ${options.heldOut} pools of each kind that training has not seen:\n\n${rowsOf(comparisons)}\n`,
        ),
      ),
    );
  };

/** The command, with its options and help. */
export const pretrain = command({
  name: 'pretrain',
  description:
    'Train the policy messagePassing on generated posteriors, for all pools, and write its weights as a module.',
  examples: [
    { description: 'train for an hour, and write the weights', command: 'batchgfn pretrain -o weights.ts' },
  ],
  args: {
    out: required(
      { long: 'out', placeholder: 'FILE', description: 'the module of weights to write' },
      filePath('a file name', 'Give the name of a file, weights.ts for instance'),
    ),
    iterations: withDefault(
      { long: 'iterations', placeholder: 'N', description: 'steps of training' },
      positiveInteger(1000),
      9000,
    ),
    heldOut: withDefault(
      {
        long: 'held-out',
        placeholder: 'N',
        description: 'unseen pools of each kind to hold the policy against',
      },
      positiveInteger(10),
      30,
    ),
    seed: withDefault(
      { long: 'seed', placeholder: 'N', description: 'every random choice hangs on it' },
      seed,
      0,
    ),
    engine,
    threads,
    resume: flag({
      long: 'resume',
      description: 'go on from FILE.checkpoint, to the same weights as without a stop',
    }),
    json,
  },
  handler: pretrainWork,
});
