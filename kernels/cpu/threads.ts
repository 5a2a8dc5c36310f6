// Steps whose units are shared out to threads that hold the same memory. The thread that runs the program offers a step's
// chunks; it and the others take one at a time until none is left, whoever comes: who is late does less, and who is not there
// is not waited for. Each chunk is of outputs of its own, so that the bits are the same whoever does it. Every other thread takes
// chunks from the end: what a thread has written in one step, it mostly finds in its own cache in the next.
//
// The control block, 64 bytes apart what different threads write:
//
//     0  u64  offers so far << 32 | end << 16 | begin of the chunks that nobody has taken
//    64  i32  chunks done
//   128       the step on offer, and (132) whether its thread sleeps until all is done
//   192  i32  threads asleep     196  threads that serve     200  which call to serve holds     204  whether one failed
//   256       a line for each thread: i32, how many chunks it has done (of the first: none are counted)
import { perform } from './steps';

const DONE: usize = 64;
const STEP: usize = 128;
const WAITS: usize = 132;
const ASLEEP: usize = 192;
const SERVING: usize = 196;
const CALL: usize = 200;
const FAILED: usize = 204;

/** Looks for work, or for the end of a step, before a thread falls asleep: some 100 µs, more than most steps that are not shared. */
const PATIENCE: i32 = 40_000;
/** Nanoseconds after which a thread that has done nothing is given up. */
const LIMIT: i64 = 60_000_000_000;

/** Whether all chunks of an offer are taken. */
@inline
function isTaken(seen: u64): bool {
  return (seen & 0xffff) == ((seen >> 16) & 0xffff);
}

/** Does chunks of what is on offer until none is left, from its begin or its end; how many it did. */
function work(control: usize, room: usize, last: bool): i32 {
  let count = 0;
  let seen = atomic.load<u64>(control);
  for (; !isTaken(seen); seen = atomic.load<u64>(control)) {
    if (atomic.cmpxchg<u64>(control, seen, last ? seen - 0x10000 : seen + 1) != seen) continue;
    // The step stays on offer as long as this chunk is not done.
    const step = load<usize>(control, STEP);
    const units = <i64>load<i32>(step, 4), chunks = load<i32>(step, 8);
    const chunk = last ? <i32>((seen >> 16) & 0xffff) - 1 : <i32>(seen & 0xffff);
    perform(step, <i32>(units * chunk / chunks), <i32>(units * (chunk + 1) / chunks), room);
    count++;
    const done = atomic.add<i32>(control, 1, DONE) + 1;
    if (done == chunks && atomic.load<i32>(control, WAITS) != 0) atomic.notify(control + DONE, 1);
  }
  return count;
}

/** Puts the claims to a new offer, and wakes so many who sleep. */
function offer(control: usize, chunks: i32, wakes: i32): void {
  const offers = (atomic.load<u64>(control) >> 32) + 1;
  atomic.store<u64>(control, (offers << 32) | (<u64>chunks << 16));
  if (atomic.load<i32>(control, ASLEEP) > 0) atomic.notify(control, wakes);
}

/** Does a step, with the others' help where it has chunks and a control block. False where a thread failed. */
export function step(record: usize, control: usize, room: usize): bool {
  const chunks = load<i32>(record, 8);
  if (control == 0 || chunks < 2 || atomic.load<i32>(control, SERVING) == 0) {
    perform(record, 0, load<i32>(record, 4), room);
    return true;
  }
  store<usize>(control, record, STEP);
  atomic.store<i32>(control, 0, DONE);
  offer(control, chunks, chunks - 1);
  work(control, room, false);
  for (let i = 0; i < PATIENCE; i++) if (atomic.load<i32>(control, DONE) == chunks) return true;
  atomic.store<i32>(control, 1, WAITS);
  let late = 0;
  let done = atomic.load<i32>(control, DONE);
  while (done < chunks && late < 2 && atomic.load<i32>(control, FAILED) == 0) {
    const timedOut = atomic.wait<i32>(control + DONE, done, LIMIT) == 2;
    const now = atomic.load<i32>(control, DONE);
    late = timedOut && now == done ? late + 1 : 0;
    done = now;
  }
  atomic.store<i32>(control, 0, WAITS);
  return done == chunks;
}

/** A thread's service: does chunks until its call holds no longer, asleep while nothing is on offer. */
export function serve(control: usize, call: i32, line: usize, room: usize): void {
  atomic.add<i32>(control, 1, SERVING);
  const last = (((line - control) >> 6) & 1) != 0;
  let idle = 0;
  while (atomic.load<i32>(control, CALL) == call) {
    const seen = atomic.load<u64>(control);
    if (!isTaken(seen)) {
      const count = work(control, room, last);
      store<i32>(line, load<i32>(line) + count);
      idle = 0;
    } else if (idle++ > PATIENCE && atomic.load<i32>(control, CALL) == call) {
      atomic.add<i32>(control, 1, ASLEEP);
      atomic.wait<i64>(control, seen, -1);
      atomic.sub<i32>(control, 1, ASLEEP);
      idle = 0;
    }
  }
  atomic.sub<i32>(control, 1, SERVING);
}

/** Ends the service of all threads; what call the next one is. Nothing is on offer. */
export function dismiss(control: usize): i32 {
  const call = atomic.add<i32>(control, 1, CALL) + 1;
  offer(control, 0, -1);
  return call;
}

/** A thread tells that it failed, and wakes who waits for it. */
export function fail(control: usize): void {
  atomic.store<i32>(control, 1, FAILED);
  atomic.notify(control + DONE, 1);
}
