/** `batchgfn ahead FOLDER`: while labels are pending, the policy learns what may come. Ctrl-C ends it, and keeps what was done. */
import { positional } from 'cmd-ts';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { EngineChoice } from '../../engine/index.js';
import type { BatchSource } from '../../learning/lookahead/train-ahead.js';
import { trainAheadOfLabels } from '../../learning/session/ahead.js';
import { present } from '../../present.js';
import { command, printed, type Work } from '../command.js';
import { engine, json, threads } from '../common-options.js';
import { keyOf, positiveInteger } from '../decoders.js';
import { withDefault } from '../options.js';
import { compilingShown } from '../progress.js';
import { renderJson } from '../render.js';
import { changeSession } from '../session-folder.js';
import { renderStatus, statusOf } from '../session-status.js';

/** Decoded options of ahead. */
export interface AheadOptions {
  readonly folder: string;
  readonly rounds: number;
  readonly source: BatchSource;
  readonly engine: EngineChoice;
  readonly threads?: number | undefined;
  readonly json: boolean;
}

const sources: Readonly<Record<BatchSource, null>> = { policy: null, random: null, mixture: null };

const DEFAULT_ROUNDS = 4;

/** The work of ahead. Every round is kept before the next. */
export const aheadWork =
  ({ folder, rounds, source, engine: choice, threads: count, json: asJson }: AheadOptions): Work =>
  ({ services, progress, signal, remark }) =>
    pipe(
      changeSession(folder, remark, (session, keep) =>
        services.withEngine(
          choice,
          (by) =>
            pipe(
              session,
              trainAheadOfLabels(by, { rounds, source, keep, onProgress: progress, signal }),
              TE.map((now) => [now, statusOf(now)] as const),
            ),
          compilingShown(progress),
          present({ threads: count }),
        ),
      ),
      TE.map((status) => (asJson ? renderJson(status) : renderStatus(folder, status))),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const ahead = command({
  name: 'ahead',
  description: 'While labels are pending, train the policy for what they may make of the posterior.',
  examples: [{ description: 'train while labels are pending', command: 'batchgfn ahead sine' }],
  args: {
    folder: positional({ displayName: 'FOLDER', description: 'the session' }),
    rounds: withDefault(
      {
        long: 'rounds',
        placeholder: 'N',
        description: 'posteriors to have trained on since the batch was asked for; those that were count',
      },
      positiveInteger(DEFAULT_ROUNDS),
      DEFAULT_ROUNDS,
    ),
    source: withDefault(
      {
        long: 'source',
        placeholder: 'SOURCE',
        description: `where the further batches come from: ${Object.keys(sources).join(', ')}`,
      },
      keyOf(sources),
      'mixture',
    ),
    engine,
    threads,
    json,
  },
  handler: aheadWork,
});
