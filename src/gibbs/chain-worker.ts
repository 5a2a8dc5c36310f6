/**
 * A thread of Gibbs draws (parts.ts, engine/host-threads.ts): given a target by its features, it does the tasks that it is told one
 * after the other. Its file is found by its address, beside who starts it.
 */
import { parentPort } from 'node:worker_threads';
import * as E from '#fp-ts/Either';
import type { HostAnswer, HostOrder } from '../engine/host-threads.js';
import type { Failure } from '../failure.js';
import { gaussianInformation } from '../reward/gaussian-information.js';
import { endingInFailure } from '../work.js';
import { type Chains, chainsOf, type ChainTask } from './chains.js';
import type { SentTarget } from './parts.js';

let chains: Chains | undefined;

const tell = (told: HostAnswer): void => parentPort?.postMessage(told);

const heard = async (order: HostOrder): Promise<void> => {
  if ('setup' in order) {
    const { features, ...target } = order.setup as SentTarget;
    chains = chainsOf({ ...target, utility: gaussianInformation(features) });
    return;
  }
  const { place, task } = order;
  const own = chains;
  if (own === undefined) throw new TypeError('chain-worker: a task before its target');
  const done = endingInFailure<unknown>(() => {
    const doing = own.doing(task as ChainTask);
    let next = doing.next();
    while (next.done !== true) next = doing.next();
    return Promise.resolve(E.right<Failure, unknown>(next.value));
  });
  tell({ place, answer: await done() });
};

parentPort?.on('message', (order: HostOrder) => void heard(order));
tell({ ready: true });
