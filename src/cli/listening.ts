/** How does a command serve a port? On 127.0.0.1, until its signal is aborted. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as E from '#fp-ts/Either';
import type * as TE from '#fp-ts/TaskEither';
import { type Failure, inputFailure, type InputFailure } from '../failure.js';
import type { Context, Printed } from './command.js';
import { codeOf, troubleOf } from './file-trouble.js';

/** Where servers of commands listen: programs of this machine alone reach it. */
export const address = '127.0.0.1';

/** A port, the option that asks for it, and what to do where another program has it. */
export interface AskedPort {
  readonly port: number;
  readonly option: string;
  readonly remedy: string;
}

/** The port that a server listens on. */
export const portOf = (server: Server): number => (server.address() as AddressInfo).port;

const cannotListen = (cause: unknown, { option, remedy }: AskedPort): InputFailure =>
  inputFailure({
    source: option,
    ...(codeOf(cause) === 'EADDRINUSE'
      ? { problem: 'another program listens on the port', remedy }
      : troubleOf(cause)),
  });

/** Listens until the signal is aborted, which is told as Interrupted, and says when it does; fails where the port cannot be had. */
export const listening =
  (
    server: Server,
    asked: AskedPort,
    during: string,
    { signal }: Pick<Context, 'signal'>,
    begun: (port: number) => void,
  ): TE.TaskEither<Failure, Printed> =>
  () =>
    new Promise((resolve) => {
      server.once('error', (cause) => resolve(E.left(cannotListen(cause, asked))));
      const end = (): void => {
        server.close();
        server.closeAllConnections();
        resolve(E.left({ _tag: 'Interrupted', during }));
      };
      server.listen(asked.port, address, () => {
        begun(portOf(server));
        if (signal.aborted) end();
        else signal.addEventListener('abort', end, { once: true });
      });
    });
