/** The rooms as they are: the one place where the command line is wired to the engines and the sampler. */
import * as TE from '#fp-ts/TaskEither';
import { pipe } from '#fp-ts/function';
import { proposeBatch } from '../acquisition/index.js';
import { listAdapters, withEngine } from '../engine/index.js';
import { showFailure, type Failure } from '../failure.js';
import { loadDrawing } from '../report/svg.js';
import { batchSvg } from '../report/batch-plot.js';
import { verificationSvg } from '../report/verification-plot.js';
import { answerFor } from '../verify/training.js';
import { verifyProblem } from '../verify/verification.js';
import type { Device, Devices, Services } from './contract.js';
import { unitWorkers } from './unit-workers.js';

const cpu: Device = { engine: 'cpu', description: 'cpu', software: false };

// A machine without an adapter is no failure: the CPU engine is there. It is told why the GPU is not.
const listDevices: TE.TaskEither<Failure, Devices> = pipe(
  listAdapters(),
  TE.match(
    (failure) => ({ devices: [cpu], remarks: [showFailure(failure)] }),
    (adapters) => ({
      devices: [
        cpu,
        ...adapters.map(({ name, software }): Device => ({ engine: 'webgpu', description: name, software })),
      ],
      remarks: [],
    }),
  ),
  TE.fromTask,
);

/** What the program runs with. */
export const services: Services = {
  withEngine,
  unitWorkers,
  listDevices,
  proposeBatch,
  answerFor,
  verifyProblem,
  drawing: { ready: loadDrawing(), svg: verificationSvg, batch: batchSvg },
};
