/**
 * Where a loaded program's values lie on the CPU: one linear memory for all slots, so that the WebAssembly kernels reach
 * them by address and plain TypeScript by typed arrays over the same bytes. Without WebAssembly, or beyond the 4 GiB that
 * its addresses reach, the memory is an ArrayBuffer and all is plain TypeScript.
 *
 *   slots | control block | records of the steps | a room for each thread
 *
 * The memory is shared, and has a control block, where a step is worth sharing by threads.
 */
import { at } from '../../at.js';
import { bytesOf, type DType, type TypedArray } from '../../tensor/expression.js';
import { partners, type Plan } from '../plan.js';
import type { Step } from '../step.js';
import { hostAction, tasksOf, type Action, type SlotOf, type Task } from './actions.js';
import { addressesOf, type Grouped } from './addresses.js';
import type { Room } from './located.js';
import { productScratch } from './products.js';
import { bytesOfRecord, chunksOf, oneThread, writeRecord, type Sharing, type StepRecord } from './records.js';
import { groupsOf, tileSlots, type Group } from './runs.js';
import { bytesOfControl, threadFault, type SharedProgram } from './threads/shared-program.js';
import { instantiateKernels, instantiateKernelsAtOnce, type WasmKernels } from './wasm/exports.js';
import { createMemory, createSharedMemory, maxPages, type WasmMemory } from '../../web-assembly.js';

/** What is done in a prologue, and in steps whose carry lies as planned or has traded places. */
interface Parts<A> {
  readonly prologue: A;
  readonly even: A;
  readonly odd: A;
}

/** A program in memory. */
export interface Memory {
  /** By slot, those that are used and are more than room for a tile. */
  readonly arrays: readonly TypedArray[];
  readonly actions: Parts<readonly Action[]>;
  /** Bytes of it. */
  readonly bytes: number;
  /** What other threads need to take part; undefined where none is to. */
  readonly shared: SharedProgram | undefined;
}

const page = 65536;

/** A cache line. */
const line = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / line) * line;

const arrayAt = (buffer: ArrayBufferLike, dtype: DType, address: number, size: number): TypedArray => {
  switch (dtype) {
    case 'f32':
      return new Float32Array(buffer, address, size);
    case 'f64':
      return new Float64Array(buffer, address, size);
    case 'u32':
      return new Uint32Array(buffer, address, size);
    case 'i32':
      return new Int32Array(buffer, address, size);
  }
};

const alone = (steps: readonly Step[]): readonly Group[] => steps.map((step) => ({ kind: 'step', step }));

/** The slots as arrays over their bytes. */
const arraysOver = (
  planned: Plan,
  buffer: ArrayBufferLike,
  own: readonly number[],
  addresses: readonly number[],
): readonly TypedArray[] => {
  const arrays: TypedArray[] = [];
  for (const slot of own) {
    const { dtype, size } = planned.slots[slot] ?? { dtype: 'f32' as const, size: 0 };
    arrays[slot] = arrayAt(buffer, dtype, at(addresses, slot), size);
  }
  return arrays;
};

/** The slots of steps whose carry lies as planned, and where it has traded places. */
const slotsOf = (planned: Plan): { readonly even: SlotOf; readonly odd: SlotOf } => {
  const partner = partners(planned);
  return { even: (slot) => slot, odd: (slot) => partner[slot] ?? slot };
};

/** Memory for the used slots of a plan, zeroed, without kernels. */
export const layOutPlain = (planned: Plan, used: readonly number[]): Memory => {
  const groups = { prologue: alone(planned.prologue), body: alone(planned.body) };
  const { addresses, end } = addressesOf(planned, used, groups);
  const arrays = arraysOver(planned, new ArrayBuffer(end), used, addresses);
  const { even, odd } = slotsOf(planned);
  const actions = (steps: readonly Step[], slotAt: SlotOf) =>
    steps.map((step) => hostAction(step, arrays, slotAt));
  return {
    arrays,
    actions: {
      prologue: actions(planned.prologue, even),
      even: actions(planned.body, even),
      odd: actions(planned.body, odd),
    },
    bytes: end,
    shared: undefined,
  };
};

/** What is to be written into memory, and how large that has to be. */
interface Layout {
  readonly planned: Plan;
  /** Slots that have memory of their own, and where all slots lie. */
  readonly own: readonly number[];
  readonly addresses: readonly number[];
  readonly tasks: Parts<readonly Task[]>;
  readonly sharing: Sharing;
  /** Where the control block begins; 0 where there is none. */
  readonly control: number;
  readonly records: number;
  readonly rooms: number;
  readonly roomBytes: number;
  readonly pages: number;
  readonly bytes: number;
}

const recordsIn = (tasks: readonly Task[]): readonly StepRecord[] =>
  tasks.flatMap((task) => (task.kind === 'records' ? task.records : []));

/** Most bytes of scratch that a product of the plan wants. */
const scratchBytes = ({ prologue, body }: Plan): number =>
  [...prologue, ...body].reduce((most, { primitive, operands: [a], output: { shape, dtype } }) => {
    const [, m = 0, n = 0] = shape;
    return primitive === 'matmul'
      ? Math.max(most, productScratch(m, a?.shape[2] ?? 0, n, bytesOf(dtype)))
      : most;
  }, 0);

/** The layout of a plan, undefined where the kernels cannot reach it. */
const layoutOf = (planned: Plan, used: readonly number[], wanted: Sharing): Layout | undefined => {
  const { prologue, body } = planned;
  const groups: Grouped = { prologue: groupsOf(prologue), body: groupsOf(body) };
  const tiles = tileSlots(planned, [...groups.prologue, ...groups.body]);
  const own = used.filter((slot) => !tiles.offsets.has(slot));
  const { addresses, end } = addressesOf(planned, own, groups);
  const roomOf = (slot: number): Room => {
    const offset = tiles.offsets.get(slot);
    return offset === undefined
      ? { address: at(addresses, slot), tile: false }
      : { address: offset, tile: true };
  };
  const { even, odd } = slotsOf(planned);
  const tasksFor = (sharing: Sharing): Parts<readonly Task[]> => {
    const first = tasksOf(groups.body, roomOf, even, sharing);
    return {
      prologue: tasksOf(groups.prologue, roomOf, even, sharing),
      even: first,
      odd: tasksOf(groups.body, roomOf, odd, sharing, first),
    };
  };
  const tasks = tasksFor(wanted);
  const isShared = recordsIn([...tasks.prologue, ...tasks.even]).some((own) => chunksOf(own, wanted) > 1);
  // Where no step is worth sharing, products were not cut either.
  const sharing = isShared ? wanted : oneThread;
  const control = aligned(end);
  const records = control + (isShared ? bytesOfControl(sharing.threads) : 0);
  const all = [...new Set([...tasks.prologue, ...tasks.even, ...tasks.odd])];
  const rooms = aligned(recordsIn(all).reduce((sum, record) => sum + bytesOfRecord(record), records));
  const roomBytes = aligned(Math.max(tiles.bytes, scratchBytes(planned)));
  const bytes = rooms + sharing.threads * roomBytes;
  const pages = Math.max(1, Math.ceil(bytes / page));
  if (pages >= maxPages) return undefined;
  return {
    ...{ planned, own, addresses, tasks, sharing, control: isShared ? control : 0 },
    ...{ records, rooms, roomBytes, pages, bytes },
  };
};

/** Writes the records of tasks behind each other from an address, and gives the tasks as actions. */
const actionsFrom = (
  { control, rooms, sharing, records }: Layout,
  memory: WasmMemory,
  arrays: readonly TypedArray[],
  { step }: WasmKernels,
): ((tasks: readonly Task[], slotAt: SlotOf) => readonly Action[]) => {
  const words = new Int32Array(memory.buffer);
  const made = new Map<Task, Action>();
  let end = records;
  const actionOf = (task: Task, slotAt: SlotOf): Action => {
    if (task.kind === 'host') return hostAction(task.step, arrays, slotAt);
    const own = task.records.map((record) => {
      const address = end;
      writeRecord(words, address, record, sharing);
      end += bytesOfRecord(record);
      return address;
    });
    const [first = 0, ...rest] = own;
    const one = (address: number): void => {
      if (step(address, control, rooms) === 0) throw threadFault;
    };
    return rest.length === 0 ? () => one(first) : () => own.forEach(one);
  };
  return (tasks, slotAt) =>
    tasks.map((task) => {
      const action = made.get(task) ?? actionOf(task, slotAt);
      made.set(task, action);
      return action;
    });
};

/** Nanoseconds of the tasks that threads share. */
const sharedCost = (tasks: readonly Task[], sharing: Sharing): number =>
  recordsIn(tasks).reduce((sum, record) => sum + (chunksOf(record, sharing) > 1 ? record.cost : 0), 0);

/** The program of a layout in a memory. */
const filled = (layout: Layout, memory: WasmMemory, kernels: WasmKernels, module?: object): Memory => {
  const { planned, own, addresses, tasks, sharing, control, rooms, roomBytes, bytes } = layout;
  const arrays = arraysOver(planned, memory.buffer, own, addresses);
  const { even, odd } = slotsOf(planned);
  const actions = actionsFrom(layout, memory, arrays, kernels);
  return {
    arrays,
    actions: {
      even: actions(tasks.even, even),
      odd: actions(tasks.odd, odd),
      prologue: actions(tasks.prologue, even),
    },
    bytes,
    shared:
      control === 0 || module === undefined
        ? undefined
        : {
            ...{ module, memory, kernels, control, rooms, roomBytes },
            cost: { prologue: sharedCost(tasks.prologue, sharing), step: sharedCost(tasks.even, sharing) },
          },
  };
};

/** The same with the kernels, where they are to be had, for so many threads. */
export const layOut = async (planned: Plan, used: readonly number[], sharing: Sharing): Promise<Memory> => {
  const layout = layoutOf(planned, used, sharing);
  if (layout === undefined) return layOutPlain(planned, used);
  const shared = layout.control > 0;
  const memory = shared ? createSharedMemory(layout.pages) : createMemory(layout.pages);
  const found = memory && (await instantiateKernels(memory, shared));
  return found === undefined || memory === undefined
    ? layOutPlain(planned, used)
    : filled(layout, memory, found.kernels, found.module);
};

/** The same without waiting, on one thread. */
export const layOutAtOnce = (planned: Plan, used: readonly number[]): Memory => {
  const layout = layoutOf(planned, used, oneThread);
  const memory = layout && createMemory(layout.pages);
  const kernels = memory && instantiateKernelsAtOnce(memory);
  return layout === undefined || memory === undefined || kernels === undefined
    ? layOutPlain(planned, used)
    : filled(layout, memory, kernels);
};
