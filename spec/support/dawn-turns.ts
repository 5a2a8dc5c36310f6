/**
 * Dawn in Node asks its device for news by the global `setImmediate`, in every turn of the event loop for as long as anything
 * is awaited: a whole core, and the device's lock, taken from a driver in software that could compute with them. Here one
 * turn in four waits for a millisecond, which leaves what is computed as it was and halves what specs on SwiftShader take.
 */

/** How many turns are asked for without a wait, and one with it. */
const period = 4;

/** Dawn's callbacks are native and have no name. */
const isDawns = (callback: unknown): boolean =>
  typeof callback === 'function' &&
  callback.name === '' &&
  Function.prototype.toString.call(callback).includes('[native code]');

let slowed = false;

/** From now on Dawn's questions come at most as often; those of all others as before. */
export const slowDawnsTurns = (): void => {
  if (slowed) return;
  slowed = true;
  let turn = 0;
  globalThis.setImmediate = new Proxy(globalThis.setImmediate, {
    apply: (immediate, self, args: readonly unknown[]) =>
      isDawns(args[0]) && ++turn % period === 0
        ? setTimeout(args[0] as () => void, 1)
        : (Reflect.apply(immediate, self, args) as unknown),
  });
};
