/**
 * WebAssembly as it is used here: modules that are embedded as text (kernels/embed.mjs), and memories that they work in.
 */

/** What is used of a WebAssembly.Memory, whose type needs a library of types for browsers. */
export interface WasmMemory {
  /** A SharedArrayBuffer where the memory is shared. */
  readonly buffer: ArrayBufferLike;
  /** Adds pages of 65536 bytes and detaches the buffer seen so far. */
  readonly grow: (pages: number) => number;
}

/** What is used of the global WebAssembly. */
export interface WebAssemblyGlobal {
  readonly Memory: new (size: {
    readonly initial: number;
    readonly maximum?: number;
    readonly shared?: boolean;
  }) => WasmMemory;
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

/** Pages of 65536 bytes that addresses of 32 bits reach. */
export const maxPages = 65536;

/**
 * A memory of so many pages of 65536 bytes, zeroed; undefined where there is no WebAssembly. Throws a RangeError where it
 * cannot be had.
 */
export const createMemory = (pages: number, maximum?: number): WasmMemory | undefined => {
  const found = webAssembly();
  return found && new found.Memory(maximum === undefined ? { initial: pages } : { initial: pages, maximum });
};

/** The same, for threads that share it: for what {@link sharing} made of a module. */
export const createSharedMemory = (pages: number): WasmMemory | undefined => {
  const found = webAssembly();
  return found && new found.Memory({ initial: pages, maximum: maxPages, shared: true });
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

/** What the import of a memory is in a module: its name's last letters, kind 2, limits of 0 pages and no end. */
const memoryImport = [...Array.from('emory', (letter) => letter.charCodeAt(0)), 2, 0, 0];

/** A module's bytes, where it imports `env.memory` alone and no shared one, with that memory shared, of maxPages at most. */
export const sharing = (bytes: Uint8Array): Uint8Array => {
  const at = bytes.findIndex((_, i) => memoryImport.every((byte, k) => bytes[i + k] === byte));
  const end = at + memoryImport.length;
  // Limits are 3 bytes longer with their maximum, 65536 in seven bits a byte; so is the section, whose length stands before it.
  const head = bytes.slice(0, end - 2);
  head[at - 8] = (bytes[at - 8] ?? NaN) + 3;
  return Uint8Array.from([...head, 3, 0, 0x80, 0x80, 4, ...bytes.subarray(end)]);
};
