/**
 * A program on a device, run by run: inputs are written, the prologue and the steps go into one compute pass and one
 * submit, and the values asked for come back with it in one staging buffer.
 *
 * A request of very many steps is cut into submits of about {@link dispatchesPerSubmit} dispatches, of which two are in
 * flight at a time, so that neither the queue nor the host's memory grows with the number of steps; there is never more
 * than one submit a step.
 */
import * as E from '#fp-ts/Either';
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { closedInUse, type EngineFailure } from '../../failure.js';
import { bytesOf, sizeOf, type DType, type TypedArray } from '../../tensor/expression.js';
import type { Program } from '../../tensor/program.js';
import { bindInputs, namesToRead, requireInputs, stepsOf, type Bound } from '../bind.js';
import type { LoadedProgram, RunRequest } from '../engine.js';
import { keepsWithin } from '../expanded.js';
import { plan as planOf, type Plan } from '../plan.js';
import type { OpenDevice } from './open-device.js';
import { usage } from './memory.js';
import { record, type Parity, type Recorded, type Recording } from './recording.js';

/** About a quarter of a second on a software adapter, tens of milliseconds on a GPU. */
export const dispatchesPerSubmit = 4096;

/** A loaded program that says when its last run is over and its memory freed. */
export interface Loaded extends LoadedProgram {
  readonly settled: () => Promise<void>;
}

type Values = Readonly<Record<string, TypedArray>>;

/** A value to copy back: its place on the device and in the staging buffer. */
interface Copy {
  readonly name: string;
  readonly dtype: DType;
  readonly from: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
  readonly to: number;
}

const hostMemory = (dtype: DType, bytes: ArrayBuffer): TypedArray =>
  dtype === 'f32'
    ? new Float32Array(bytes)
    : dtype === 'i32'
      ? new Int32Array(bytes)
      : new Uint32Array(bytes);

/**
 * Where the named values lie after a step of parity `last`: outputs where that step wrote them, carried inputs where the
 * next one reads them.
 */
const copiesOf = (
  plan: Plan,
  { bufferOf }: Recording,
  names: readonly string[],
  last: Parity,
): readonly Copy[] => {
  let to = 0;
  return [...new Set(names)].flatMap((name) => {
    const output = plan.outputs[name];
    const place = output ?? plan.inputs[name];
    if (place === undefined) return [];
    const bytes = sizeOf(place.shape) * bytesOf(place.dtype);
    const copy = {
      name,
      dtype: place.dtype,
      from: bufferOf(place.slot, output === undefined ? other(last) : last),
      offset: (output?.view.offset ?? 0) * bytesOf(place.dtype),
      bytes,
      to,
    };
    to += bytes;
    return [copy];
  });
};

const other = (parity: Parity): Parity => (parity === 0 ? 1 : 0);

const encode = (
  pass: GPUComputePassEncoder,
  dispatches: readonly Recorded[],
  current?: GPUComputePipeline,
) => {
  let set = current;
  for (const { pipeline, group, offset, workgroups } of dispatches) {
    if (pipeline !== set) pass.setPipeline(pipeline);
    set = pipeline;
    pass.setBindGroup(0, group, offset);
    pass.dispatchWorkgroups(workgroups[0], workgroups[1]);
  }
  return set;
};

/** What goes into one submit. */
interface Submit {
  readonly inputs: readonly (Bound & { readonly parity: Parity })[];
  readonly prologue: readonly Recorded[];
  readonly steps: number;
  readonly parity: Parity;
  readonly copies: readonly Copy[];
}

/** Submits at once; the promise is of the values read, and settles when the device is done. */
const submit = async (
  { device, memory, tally }: OpenDevice,
  { bodies, bufferOf }: Recording,
  { inputs, prologue, steps, parity, copies }: Submit,
): Promise<Values> => {
  for (const { slot, parity: own, values } of inputs)
    device.queue.writeBuffer(bufferOf(slot, own), 0, values as GPUAllowSharedBufferSource);
  const encoder = device.createCommandEncoder({ label: 'steps' });
  const pass = encoder.beginComputePass({ label: 'steps' });
  let pipeline = encode(pass, prologue);
  for (let step = 0; step < steps; step++)
    pipeline = encode(pass, bodies[((parity + step) % 2) as Parity], pipeline);
  pass.end();
  const bytes = copies.reduce((total, copy) => total + copy.bytes, 0);
  const staging = bytes === 0 ? undefined : memory.make(bytes, usage.mapRead | usage.copyTarget, 'staging');
  if (staging !== undefined)
    for (const { from, offset, to, bytes: size } of copies)
      encoder.copyBufferToBuffer(from, offset, staging, to, size);
  device.queue.submit([encoder.finish()]);
  tally.submits += 1;
  tally.dispatches += prologue.length + steps * bodies[0].length;
  if (staging === undefined) {
    await device.queue.onSubmittedWorkDone();
    return {};
  }
  try {
    await staging.mapAsync(0x1); // GPUMapMode.READ, whose global exists in browsers only
    const mapped = staging.getMappedRange();
    tally.readbacks += copies.length;
    return Object.fromEntries(
      copies.map(({ name, dtype, to, bytes: size }) => [
        name,
        hostMemory(dtype, mapped.slice(to, to + size)),
      ]),
    );
  } finally {
    memory.free(staging);
  }
};

/** Runs requests one after another, each a sequence of submits that share the carry. */
const runner = (machine: OpenDevice, plan: Plan, recording: Recording) => {
  const { bodies, prologue } = recording;
  const stepsPerSubmit = Math.max(1, Math.floor(dispatchesPerSubmit / Math.max(1, bodies[0].length)));
  const set = new Set<string>();
  let parity: Parity = 0;
  let prepared = false;
  // A run that failed leaves values that nobody should go on from.
  let failed: EngineFailure | undefined;

  return async (request: RunRequest): Promise<E.Either<EngineFailure, Values>> => {
    const steps = stepsOf(request);
    const names = namesToRead(plan, request);
    const inputs = bindInputs(plan, request).map((bound) => ({ ...bound, parity }));
    const changed = inputs.map(({ name }) => name);
    requireInputs(plan, new Set([...set, ...changed]));
    if (failed !== undefined) return E.left(failed);

    // All of it or nothing: its steps hand memory on to one another and to the body.
    const stale = !prepared || changed.some((name) => prologue.inputs.has(name));
    const due = stale ? prologue.dispatches : [];
    let done = 0;
    let earlier: E.Either<EngineFailure, Values>;
    let pending: Promise<E.Either<EngineFailure, Values>> = Promise.resolve(E.right({}));
    // Once at least: a request of no steps sets inputs and reads the carry.
    do {
      const count = Math.min(stepsPerSubmit, steps - done);
      const last = done + count === steps;
      const now: Submit = {
        inputs: done === 0 ? inputs : [],
        prologue: done === 0 ? due : [],
        steps: count,
        parity,
        copies: last ? copiesOf(plan, recording, names, ((parity + count + 1) % 2) as Parity) : [],
      };
      const submitted = machine.watch.guard('running a program', () => submit(machine, recording, now))();
      parity = ((parity + count) % 2) as Parity;
      done += count;
      earlier = await pending;
      pending = submitted;
    } while (done < steps && E.isRight(earlier));
    // Also after a failure the last submit is waited for: its buffers are in use until then.
    const latest = await pending;
    const result = E.isLeft(earlier) ? earlier : latest;
    if (E.isLeft(result)) failed = result.left;
    prepared = true;
    for (const name of changed) set.add(name);
    return result;
  };
};

const start = (machine: OpenDevice, plan: Plan, recording: Recording): Loaded => {
  const run = runner(machine, plan, recording);
  let closed = false;
  // Runs take turns.
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    run: (request) => () => {
      if (machine.isClosed()) return Promise.resolve(E.left(closedInUse('webgpu')));
      if (closed) return Promise.reject(new TypeError('run: the program was closed; load it again'));
      waiting += 1;
      const mine = turn
        .then(() => run(request))
        .finally(() => {
          waiting -= 1;
        });
      turn = mine.catch(() => undefined);
      return mine;
    },
    close: () => {
      if (closed) return;
      closed = true;
      if (waiting === 0) recording.release();
      else turn = turn.then(recording.release);
    },
    settled: async () => {
      await turn;
    },
  };
};

/**
 * Plans a program and puts it on the device. Fails where a tensor is too large, a kernel does not compile or memory runs
 * out.
 */
export const loadProgram = (machine: OpenDevice, program: Program): TE.TaskEither<EngineFailure, Loaded> => {
  const plan = planOf(program, keepsWithin(Math.floor(machine.largestBinding / 4)), true);
  return pipe(
    record(machine, plan),
    TE.map((recording) => start(machine, plan, recording)),
  );
};
