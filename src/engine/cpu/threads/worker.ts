/**
 * A worker: a thread of its own that serves programs. Its code is a text, so that it is there in a bundle and in the package
 * alike; all that it does is in the kernels' module, which it is sent.
 *
 * A message with a memory asks for service there, which ends when the call is over: a worker that serves hears no messages. A
 * message without one says that a program is closed. A failed service is told in the program's memory, where the engine waits.
 */

/** What a worker is told. */
export type Order =
  | {
      readonly program: number;
      readonly module: object;
      readonly memory: object;
      readonly control: number;
      readonly call: number;
      readonly line: number;
      readonly room: number;
    }
  | { readonly program: number };

/** A worker as it is used here. */
export interface Thread {
  readonly send: (order: Order) => void;
  /** Ends it, also at work. */
  readonly end: () => Promise<unknown>;
}

const heard = `const own = new Map();
const heard = ({ program, module, memory, control, call, line, room }) => {
  if (memory === undefined) return void own.delete(program);
  let kernels = own.get(program);
  if (kernels === undefined) own.set(program, (kernels = new WebAssembly.Instance(module, { env: { memory } }).exports));
  try {
    kernels.serve(control, call, line, room);
  } catch {
    kernels.fail(control);
  }
};
`;

/** What is used of Node. */
interface NodeWorker {
  readonly postMessage: (order: Order) => void;
  readonly terminate: () => Promise<number>;
  readonly ref: () => void;
  readonly unref: () => void;
  readonly on: (event: 'error', listener: () => void) => void;
}
interface NodeThreads {
  readonly Worker: new (file: string | URL, options: object) => NodeWorker;
}
interface NodeSystem {
  readonly availableParallelism: () => number;
}
interface NodeProcess {
  readonly getBuiltinModule?: (
    name: 'node:worker_threads' | 'node:os',
  ) => (NodeThreads & NodeSystem) | undefined;
}

/** What is used of a browser. */
interface WebWorker {
  readonly postMessage: (order: Order) => void;
  readonly terminate: () => void;
}
interface Web {
  readonly Worker?: new (url: string) => WebWorker;
  readonly URL?: {
    readonly createObjectURL: (blob: unknown) => string;
    readonly revokeObjectURL: (url: string) => void;
  };
  readonly Blob?: new (parts: string[], options: object) => unknown;
  readonly navigator?: { readonly hardwareConcurrency?: number };
  readonly process?: NodeProcess;
}

const world = (): Web => globalThis as Web;

/** A module of Node; undefined elsewhere. */
export const builtin = (name: 'node:worker_threads' | 'node:os') => world().process?.getBuiltinModule?.(name);

/** Whether this thread may wait for others: not in a browser's window, nor where memory cannot be shared. */
export const mayShare = (): boolean => {
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0);
    return true;
  } catch {
    return false;
  }
};

/** Most threads where nobody says how many. */
const most = 8;

/** How many threads there are to be where nobody says: the machine's cores, at most 8; 1 where there can be no others. */
export const defaultThreads = (): number => {
  if (!mayShare()) return 1;
  const cores = builtin('node:os')?.availableParallelism() ?? world().navigator?.hardwareConcurrency ?? 1;
  return Math.min(most, cores);
};

const startInNode = ({ Worker }: NodeThreads): Thread => {
  const worker = new Worker(`${heard}require('node:worker_threads').parentPort.on('message', heard);`, {
    eval: true,
    // Nothing of the process is its own: no loaders, no variables.
    execArgv: [],
    env: {},
  });
  // A worker that dies before it serves is one that does not help.
  worker.on('error', () => undefined);
  worker.unref();
  return {
    send: (order) => worker.postMessage(order),
    end: () => {
      // Who waits for its end must not end before.
      worker.ref();
      return worker.terminate();
    },
  };
};

const startInBrowser = ({ Worker, URL, Blob }: Required<Pick<Web, 'Worker' | 'URL' | 'Blob'>>): Thread => {
  const url = URL.createObjectURL(
    new Blob([`${heard}onmessage = ({ data }) => heard(data);`], { type: 'text/javascript' }),
  );
  const worker = new Worker(url);
  return {
    send: (order) => worker.postMessage(order),
    end: () => {
      worker.terminate();
      URL.revokeObjectURL(url);
      return Promise.resolve();
    },
  };
};

/** Starts a worker; undefined where none can be had. It does not keep the process alive. */
export const startWorker = (): Thread | undefined => {
  try {
    const node = builtin('node:worker_threads');
    const { Worker, URL, Blob } = world();
    if (node !== undefined) return startInNode(node);
    return Worker && URL && Blob ? startInBrowser({ Worker, URL, Blob }) : undefined;
  } catch {
    // Forbidden by the page's policy, or no thread is left.
    return undefined;
  }
};
