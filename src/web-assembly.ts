/**
 * WebAssembly as it is used here: modules that are embedded as text (kernels/embed.mjs), and memories that they work in.
 */

/** What is used of a WebAssembly.Memory, whose type needs a library of types for browsers. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  /** Adds pages of 65536 bytes and detaches the buffer seen so far. */
  readonly grow: (pages: number) => number;
}

/** What is used of the global WebAssembly. */
export interface WebAssemblyGlobal {
  readonly Memory: new (size: { readonly initial: number; readonly maximum?: number }) => WasmMemory;
  readonly compile: (bytes: Uint8Array) => Promise<object>;
  readonly instantiate: (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => Promise<{ readonly exports: unknown }>;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: WasmMemory } },
  ) => { readonly exports: unknown };
}

/** The global, where there is one. */
export const webAssembly = (): WebAssemblyGlobal | undefined =>
  (globalThis as { readonly WebAssembly?: WebAssemblyGlobal }).WebAssembly;

/** A memory of so many pages of 65536 bytes, zeroed; undefined where there is no WebAssembly. Throws a RangeError where it cannot be had. */
export const createMemory = (pages: number, maximum?: number): WasmMemory | undefined => {
  const found = webAssembly();
  return found && new found.Memory(maximum === undefined ? { initial: pages } : { initial: pages, maximum });
};

/**
 * The bytes of a module, from what kernels/embed.mjs wrote: byte 91 h + l − 6, modulo 256, as character 35 + l,
 * behind nothing, '!' or ' '.
 */
export const moduleBytes = (characters: string): Uint8Array => {
  const bytes: number[] = [];
  let above = 0;
  for (const character of characters) {
    const digit = character.charCodeAt(0) - 35;
    if (digit >= 0) bytes.push(above + digit - 6);
    above = digit < 0 ? -91 * (digit + 1) : 0;
  }
  return Uint8Array.from(bytes);
};

/**
 * What a module exports, over a memory that stays the caller's and may grow. It is compiled at the first call, without waiting,
 * and once. Undefined where WebAssembly or its 128-bit SIMD is missing, or compiling at once is forbidden, as in some browsers'
 * windows.
 */
export const atOnceFrom = (characters: string): ((memory: WasmMemory) => unknown) => {
  let compiled: object | null | undefined;
  return (memory) => {
    const found = webAssembly();
    if (found === undefined || compiled === null) return undefined;
    try {
      compiled ??= new found.Module(moduleBytes(characters));
      return new found.Instance(compiled, { env: { memory } }).exports;
    } catch {
      compiled = null;
      return undefined;
    }
  };
};
