/** `batchgfn status FOLDER`: how far a session has come. */
import { command, flag, positional } from 'cmd-ts';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../../failure.js';
import type { Session } from '../../learning/session/session.js';
import { type Context, printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { renderJson } from '../render.js';
import { lookAtSession } from '../session-folder.js';
import { repairSession } from '../session-repair.js';
import { renderStatus, statusOf } from '../session-text.js';

/** Decoded options of status. */
export interface StatusOptions {
  readonly folder: string;
  readonly repair: boolean;
  readonly json: boolean;
}

const repaired = (folder: string, { remark }: Context): TE.TaskEither<Failure, Session> =>
  pipe(
    repairSession(folder),
    TE.map(({ session, lost, aside }) => {
      remark(
        aside === undefined
          ? 'Nothing is damaged; nothing was changed.'
          : `Kept ${session.events.length} events; damaged: line ${lost.join(', ')} of the journal, which lies as it was in ${aside}.`,
      );
      return session;
    }),
  );

/** The work of status. It changes nothing unless it repairs, and may be asked while another command is at work. */
export const statusWork =
  ({ folder, repair, json: asJson }: StatusOptions): Work =>
  (context) =>
    pipe(
      repair
        ? repaired(folder, context)
        : pipe(
            lookAtSession(folder),
            TE.mapLeft((failure): Failure => failure),
          ),
      TE.map(statusOf),
      TE.map((status) => (asJson ? renderJson(status) : renderStatus(folder, status))),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const status = command({
  name: 'status',
  description: 'Show how far a session has come: what is labelled, what is awaited.',
  examples: [{ description: 'how far a session has come', command: 'batchgfn status sine' }],
  args: {
    folder: positional({ displayName: 'FOLDER', description: 'the session' }),
    repair: flag({
      long: 'repair',
      description: 'keep what is whole of a damaged journal, and put the journal aside as it was',
    }),
    json,
  },
  handler: statusWork,
});
