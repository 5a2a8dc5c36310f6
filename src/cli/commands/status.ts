/** `batchgfn status FOLDER`: how far a session has come. */
import { command, positional } from 'cmd-ts';
import { pipe } from '#fp-ts/function';
import * as TE from '#fp-ts/TaskEither';
import type { Failure } from '../../failure.js';
import { printed, type Work } from '../command.js';
import { json } from '../common-options.js';
import { renderJson } from '../render.js';
import { lookAtSession } from '../session-folder.js';
import { renderStatus, statusOf } from '../session-text.js';

/** Decoded options of status. */
export interface StatusOptions {
  readonly folder: string;
  readonly json: boolean;
}

/** The work of status. It changes nothing, and may be asked while another command is at work. */
export const statusWork =
  ({ folder, json: asJson }: StatusOptions): Work =>
  () =>
    pipe(
      lookAtSession(folder),
      TE.mapLeft((failure): Failure => failure),
      TE.map(statusOf),
      TE.map((status) => (asJson ? renderJson(status) : renderStatus(folder, status))),
      TE.map(printed),
    );

/** The command, with its options and help. */
export const status = command({
  name: 'status',
  description: 'Show how far a session has come: what is labelled, what is awaited.',
  args: { folder: positional({ displayName: 'FOLDER', description: 'the session' }), json },
  handler: statusWork,
});
