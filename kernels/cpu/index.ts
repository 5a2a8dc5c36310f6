// What the CPU engine calls; src/engine/cpu/wasm/exports.ts says what each does. All kernels are reached through the steps of
// programs: a name for each of them (every.ts) would be a kilobyte of every bundle.
export * from './threads';
