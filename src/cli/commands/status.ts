/** `batchgfn status FOLDER`: how far a session has come. */
import { positional } from 'cmd-ts';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import { linesText } from '../../data/fault-list.js';
import type { Failure } from '../../failure.js';
import type { Session } from '../../learning/session/session.js';
import { command, type Context, printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { flag } from '../options.js';
import { renderJson } from '../render.js';
import { tellOfChanges } from '../session-data.js';
import { lookAtSession } from '../session-folder.js';
import { type Repaired, repairSession } from '../session-repair.js';
import { renderStatus, type StatusReport, statusOf } from '../session-status.js';

/** Decoded options of status. */
export interface StatusOptions {
  readonly folder: string;
  readonly repair: boolean;
}

/** What a repair did, in words. */
const repairInWords = ({ session, lost, missing, damaged, aside }: Repaired): string => {
  if (!damaged) return 'Nothing is damaged; nothing was changed.';
  const count = session.events.length;
  const atEnd = Number.isNaN(missing)
    ? 'whether lines are lost at the end of the journal cannot be told'
    : `${missing} line${missing === 1 ? '' : 's'} lost at the end of the journal`;
  const what =
    lost.length === 0
      ? `${atEnd}. ${aside === undefined ? 'What told of its end is gone' : `What told of its end lies as it was in ${aside}`}.`
      : `damaged: ${linesText({ first: lost.slice(0, 20), count: lost.length })} of the journal, which lies as it was in ${aside ?? ''}${missing === 0 ? '' : `; ${atEnd}`}.`;
  return `Kept ${count} event${count === 1 ? '' : 's'}; ${what}`;
};

const repaired = (folder: string, { remark }: Context): TE.TaskEither<Failure, Session> =>
  pipe(
    repairSession(folder),
    TE.map((done) => {
      remark(repairInWords(done));
      return done.session;
    }),
  );

/** How far the session has come. It changes nothing unless it repairs, and may be asked while another command is at work. */
export const statusReport = (
  { folder, repair }: StatusOptions,
  context: Context,
): TE.TaskEither<Failure, StatusReport> =>
  pipe(
    repair
      ? repaired(folder, context)
      : pipe(
          lookAtSession(folder),
          TE.mapLeft((failure): Failure => failure),
        ),
    TE.chainFirstTaskK(({ start }) => tellOfChanges(folder, context)(start.data)),
    TE.map(statusOf),
  );

/** The work of status. */
export const statusWork =
  (options: StatusOptions & { readonly json: boolean }): Work =>
  (context) =>
    pipe(
      statusReport(options, context),
      TE.map((status) => (options.json ? renderJson(status) : renderStatus(options.folder, status))),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const status = command({
  name: 'status',
  description: 'Show how far a session has come: what is labelled, what is pending.',
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
