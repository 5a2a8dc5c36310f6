/**
 * A process of its own for spec/engine/webgpu-faults.spec.ts: drops everything but a loaded program, forces garbage collection
 * over and over, and goes on running the program; then closes engines at work and drops them too. Run with --expose-gc; prints
 * `alive`.
 */
import process from 'node:process';
import { engineOn } from '../../src/engine/webgpu/index.js';
import { add, input } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { openDevice, succeed } from './device.js';

const collect = async (): Promise<void> => {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc');
  globalThis.gc();
  // Finalisers run in a turn of their own.
  await new Promise((resolve) => setTimeout(resolve, 1));
};

const x = input('x', 'f32', [4]);
const counting = program({}, { x: add(x, 1) });

for (let device = 0; device < 4; device++) {
  const { run } = await openDevice().then((graphics) => succeed(engineOn(graphics).load(counting)));
  await succeed(run({ inputs: { x: new Float32Array(4) }, read: [] }));
  for (let step = 2; step <= 25; step++) {
    await collect();
    const { x: last } = await succeed(run({ read: ['x'] }));
    if (last?.[3] !== step) throw new Error(`after ${step} steps x is ${last?.[3] ?? 'nothing'}`);
  }
}
// Closed at work and dropped at once: Dawn's turn of events is still in the queue when the collector comes.
const closedAtWork = async (): Promise<void> => {
  const graphics = await openDevice();
  const engine = engineOn(graphics);
  await succeed(engine.load(counting));
  void graphics.device.queue.onSubmittedWorkDone().catch(() => undefined);
  await engine.close();
};
for (let device = 0; device < 8; device++) {
  await closedAtWork();
  for (let turn = 0; turn < 4; turn++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
}
for (let i = 0; i < 10; i++) await collect();
process.stdout.write('alive\n');
