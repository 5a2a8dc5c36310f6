/**
 * What are the types of WebGPU in declarations that others compile against? Those of the DOM library, or of `@webgpu/types`, where the
 * program that is compiled has one of them, and unknown where it has neither, as one for Node alone.
 */
type Known<Name extends string> =
  typeof globalThis extends Readonly<Record<Name, { readonly prototype: infer Type }>> ? Type : unknown;

/** `navigator.gpu`, or what Dawn makes. */
export type Gpu = Known<'GPU'>;

/** A GPUAdapter. */
export type Adapter = Known<'GPUAdapter'>;

/** A GPUDevice. */
export type Device = Known<'GPUDevice'>;

/** A GPUBindGroupLayout. */
export type BindGroupLayout = Known<'GPUBindGroupLayout'>;

/** A GPUComputePipeline. */
export type ComputePipeline = Known<'GPUComputePipeline'>;
