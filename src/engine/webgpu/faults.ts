/**
 * What goes wrong on a device, as failures of the effect that was running: never log lines, never unhandled.
 *
 * Validation errors, exhausted memory and internal errors are caught by error scopes around the work that causes them;
 * Dawn's messages quote the labels of the objects involved, and every label of this engine says `kernel NAME`.
 */
import * as E from '#fp-ts/Either';
import type { TaskEither } from '#fp-ts/TaskEither';
import { engineFailure, type EngineFailure } from '../../failure.js';
import type { Device } from './gpu-types.js';

/** The words by which labels name a kernel. */
export const kernelLabel = (kernel: string): string => `kernel ${kernel}`;

const kernelIn = (message: string): string | undefined => /\bkernel ([a-z][\w-]*)/.exec(message)?.[1];

const onOneLine = (message: string): string =>
  message
    .split('\n')
    .map((line) => line.trim().replace(/^- /, '').replace(/\.$/, ''))
    .filter((line) => line !== '')
    .join('; ');

const scopes = ['validation', 'out-of-memory', 'internal'] as const;

const remedies: Readonly<Record<(typeof scopes)[number], string>> = {
  validation: 'This is a mistake of the engine: report the message, and use the cpu engine meanwhile',
  'out-of-memory': 'Use a smaller pool, smaller batches or fewer trajectories at a time, or the cpu engine',
  internal: "Update the adapter's driver, or use the cpu engine",
};

/** The failure of a device that is gone. */
const lossOf = ({ reason, message }: GPUDeviceLostInfo): EngineFailure =>
  engineFailure(
    'webgpu',
    `the device was lost (${reason}): ${onOneLine(message)}`,
    'Open a new engine and load the program again; the values on the device are gone',
    kernelIn(message),
  );

/** The failure that an error of the device stands for, `stage` being what the engine was doing. */
export const failureOf = (stage: string, kind: (typeof scopes)[number], message: string): EngineFailure =>
  engineFailure('webgpu', `${stage}: ${onOneLine(message)}`, remedies[kind], kernelIn(`${stage} ${message}`));

/** Why a pipeline was refused: Dawn says so in the error itself, not in a scope. */
const reasonOf = (error: unknown): 'validation' | 'internal' | undefined =>
  (error as { readonly reason?: 'validation' | 'internal' }).reason;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Watches a device for as long as it lives. */
export interface Watch {
  /**
   * Does work on the device: `begin` makes its calls before it first waits, and what they cause is this effect's
   * failure. What `begin` throws at once is a programmer's mistake and goes on being thrown.
   */
  readonly guard: <A>(stage: string, begin: () => Promise<A>) => TaskEither<EngineFailure, A>;
}

/** Begins work with every kind of error caught, and the failure that they stand for, if any, when they are told. */
const scoped = <A>(
  device: GPUDevice,
  stage: string,
  begin: () => Promise<A>,
): readonly [work: Promise<A>, caught: Promise<EngineFailure | undefined>] => {
  for (const scope of scopes) device.pushErrorScope(scope);
  let work: Promise<A>;
  let caught: Promise<readonly (EngineFailure | undefined)[]>;
  try {
    work = begin();
  } finally {
    caught = Promise.all(
      [...scopes].reverse().map((kind) =>
        device.popErrorScope().then(
          (error) => (error === null ? undefined : failureOf(stage, kind, error.message)),
          () => undefined, // the device is gone, which is told otherwise
        ),
      ),
    );
  }
  return [work, caught.then((failures) => failures.find((one) => one !== undefined))];
};

/** Starts watching a device. */
export const watchDevice = (device: Device): Watch => {
  let lost: EngineFailure | undefined;
  // An error that no scope caught, told by the effect that is running or comes next.
  let stray: EngineFailure | undefined;
  // Waiting effects are told of a loss by hand: racing them against one long-lived promise would keep their results.
  const waiting = new Set<(failure: EngineFailure) => void>();
  const loss = device.lost.then((info) => {
    lost = lossOf(info);
    for (const tell of waiting) tell(lost);
  });
  device.addEventListener('uncapturederror', (event) => {
    event.preventDefault();
    stray ??= failureOf('outside of any effect', 'internal', event.error.message);
  });

  const within = <A>(stage: string, begin: () => Promise<A>): Promise<E.Either<EngineFailure, A>> => {
    const [work, caught] = scoped(device, stage, begin);
    const told = async (): Promise<EngineFailure | undefined> => {
      const failure = (await caught) ?? stray;
      stray = undefined;
      return failure;
    };
    return work.then(
      async (value) => {
        const failure = await told();
        return failure === undefined ? E.right(value) : E.left(failure);
      },
      async (error: unknown) => {
        // A rejection is often the consequence of an error in a scope, or of a loss that is about to be told.
        const cause = await told();
        const reason = reasonOf(error);
        if (cause === undefined && reason === undefined)
          await Promise.race([loss, new Promise((resolve) => setTimeout(resolve, 100))]);
        return E.left(lost ?? cause ?? failureOf(stage, reason ?? 'internal', messageOf(error)));
      },
    );
  };

  return {
    guard: (stage, begin) => async () => {
      if (lost !== undefined) return E.left(lost);
      let tell: (failure: EngineFailure) => void = () => undefined;
      const gone = new Promise<E.Either<EngineFailure, never>>((resolve) => {
        tell = (failure) => resolve(E.left(failure));
        waiting.add(tell);
      });
      try {
        return await Promise.race([within(stage, begin), gone]);
      } finally {
        waiting.delete(tell);
      }
    },
  };
};
