// y_i = the coordinate of element i along one axis. TYPE: 0 f32, 1 u32, 2 i32.
//
// Formula    y_i = floor(i / stride) mod extent, of the axis
// Bindings   0 sizes, 1 output (row-major)
// Invariants Exact in f32 up to an extent of 2^24.

struct Sizes {
  size: u32,
  stride: u32,
  extent: u32,
  unused: u32,
}

override TYPE: u32;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= sizes.size) {
    return;
  }
  let coordinate = (i / sizes.stride) % sizes.extent;
  output[i] = select(coordinate, bitcast<u32>(f32(coordinate)), TYPE == 0u);
}
