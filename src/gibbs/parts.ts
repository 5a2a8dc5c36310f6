/**
 * Work that falls into tasks which do not depend on each other (chains.ts): a generator that yields tasks and is given their
 * answers. It is run in one thread, or on the threads of an engine; both end in the same bits.
 */
import type { TaskEither } from '#fp-ts/TaskEither';
import * as E from '#fp-ts/Either';
import type { Engine } from '../engine/engine.js';
import type { HostTasks } from '../engine/host-threads.js';
import type { Failure } from '../failure.js';
import type { Matrix } from '../linear-algebra/matrix.js';
import { present } from '../present.js';
import { inTurns, type Work, type WorkControl } from '../work.js';
import type { ChainAnswers, Chains, ChainTask } from './chains.js';
import { type BatchTarget, isLarge } from './target.js';

/** Tasks of one kind, and how far the work had come before them. */
export interface Parts<Kind extends ChainTask['kind'] = ChainTask['kind']> {
  readonly stage: string;
  readonly done: number;
  readonly total: number;
  readonly tasks: readonly Extract<ChainTask, { readonly kind: Kind }>[];
  /** Whether the answers to the first tasks are enough; all are wanted if left out. */
  readonly enough?: (answers: readonly ChainAnswers[Kind][]) => boolean;
}

/** Work that ends in an A, by tasks and their answers. */
export type Parted<A> = Generator<Parts, A, readonly ChainAnswers[ChainTask['kind']][]>;

/** The answers to tasks of one kind. */
export function* answersTo<Kind extends ChainTask['kind']>(
  parts: Parts<Kind>,
): Parted<readonly ChainAnswers[Kind][]> {
  return (yield parts as unknown as Parts) as readonly ChainAnswers[Kind][];
}

/** The answers to tasks, one after the other. */
function* answersOf(
  chains: Chains,
  { stage, done: before, total, tasks, enough = () => false }: Parts,
): Work<readonly ChainAnswers[ChainTask['kind']][]> {
  const answers: ChainAnswers[ChainTask['kind']][] = [];
  let done = before;
  for (const task of tasks) {
    if (enough(answers)) break;
    const doing = chains.doing(task);
    let next = doing.next();
    for (; next.done !== true; next = doing.next()) yield { stage, done: done + next.value, total };
    answers.push(next.value);
    done += task.units;
  }
  return answers;
}

/** The work in one thread. */
export function* inOneThread<A>(chains: Chains, parted: Parted<A>): Work<A> {
  let next = parted.next([]);
  while (next.done !== true) next = parted.next(yield* answersOf(chains, next.value));
  return next.value;
}

/** A target as other threads are told of it. */
export type SentTarget = Omit<BatchTarget, 'utility' | 'features'> & { readonly features: Matrix };

/** Larger tables of features are not held once more in every thread: 64 MiB. */
const mostNumbers = 2 ** 23;

/** The target for other threads; undefined where they could not make it anew, or were there too late for so little. */
const sentOf = (target: BatchTarget): SentTarget | undefined => {
  const { features, batchSize, smallestBatch, pointCost } = target;
  if (features === undefined || !isLarge(target) || features.data.length > mostNumbers) return undefined;
  const data = new Float64Array(new SharedArrayBuffer(8 * features.data.length));
  data.set(features.data);
  return { batchSize, ...present({ smallestBatch, pointCost }), features: { ...features, data } };
};

/** What has threads for the work, or has not. */
export type EngineThreads = Pick<Engine, 'hostThreads'> | undefined;

/**
 * The work on the threads of an engine, where there is one, it has such and the target is large and known by features; else in turns on this one.
 * Watched and stopped by `control`. Fails as the work does, with Interrupted, and where a thread is lost.
 */
export const onThreads =
  <A>(
    engine: EngineThreads,
    target: BatchTarget,
    chains: Chains,
    parted: () => Parted<A>,
    control: WorkControl,
  ): TaskEither<Failure, A> =>
  async () => {
    const hostThreads = engine?.hostThreads;
    const setup = hostThreads && sentOf(target);
    if (setup === undefined) return inTurns(() => inOneThread(chains, parted()), control)();
    const running = parted();
    const { signal, onProgress } = control;
    for (let next = running.next([]); ;) {
      if (next.done === true) return E.right(next.value);
      const { stage, done, total, tasks, enough } = next.value;
      const asked: HostTasks = {
        ...{ module: new URL('./chain-worker.js', import.meta.url), setup, tasks, stage, signal },
        ...present({ enough: enough as HostTasks['enough'] }),
        onDone: (places) => {
          const units = tasks.reduce((sum, { units }, i) => sum + (places.has(i) ? units : 0), 0);
          onProgress?.({ stage, done: done + units, total });
        },
      };
      const shared = await hostThreads?.answers(asked)();
      if (shared !== undefined && E.isLeft(shared)) return shared;
      const parts = next.value;
      const found =
        shared?.right === undefined
          ? await inTurns(() => answersOf(chains, parts), control, stage)()
          : (shared as E.Right<readonly ChainAnswers[ChainTask['kind']][]>);
      if (E.isLeft(found)) return found;
      next = running.next(found.right);
    }
  };
