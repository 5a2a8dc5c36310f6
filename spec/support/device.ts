/**
 * The device of a spec file: a real one, through Dawn. Where there is none the spec fails; it is never skipped.
 * Open it inside tests or at the top level of the file: uvu passes silently over a `before` hook that throws.
 */
import { isLeft, type Either } from '#fp-ts/Either';
import type { TaskEither } from '#fp-ts/TaskEither';
import type { Engine } from '../../src/engine/engine.js';
import { openGraphics, type Graphics } from '../../src/engine/webgpu/adapter.js';
import { engineOn } from '../../src/engine/webgpu/index.js';
import { showFailure, type Failure } from '../../src/failure.js';
import { slowDawnsTurns } from './dawn-turns.js';
import { provideDriver } from './swiftshader.js';

/** The value of an effect; rejects with the failure's text. */
export const succeed = async <A>(effect: TaskEither<Failure, A>): Promise<A> => {
  const result: Either<Failure, A> = await effect();
  if (isLeft(result)) throw new Error(showFailure(result.left));
  return result.right;
};

/** The failure of an effect; rejects where it succeeds. */
export const fail = async (effect: TaskEither<Failure, unknown>): Promise<Failure> => {
  const result = await effect();
  if (isLeft(result)) return result.left;
  throw new Error('the effect succeeded and should have failed');
};

/** A device of its own, for specs that break it. Whoever opens it closes it. */
export const openDevice = async (): Promise<Graphics> => {
  await provideDriver();
  return succeed(openGraphics());
};

let opened: Promise<Engine> | undefined;

/** The WebGPU engine that the tests of one file share, opened at its first use. Dawn is held back from then on (dawn-turns.ts). */
export const deviceEngine = (): Promise<Engine> =>
  (opened ??= openDevice().then((graphics) => {
    slowDawnsTurns();
    return engineOn(graphics);
  }));

/** Closes the shared engine, if it was opened: the last thing a spec file does. */
export const closeDeviceEngine = async (): Promise<void> => {
  const engine = await opened;
  opened = undefined;
  await engine?.close();
};
