// C[t, i, j] = Σ_p A[t, i, p] B[t, p, j], operands read through views; a thread makes a block of 4×4 outputs.
//
// Formula    src/tensor/primitives/matmul.ts, which also says when another kernel is the one
// Bindings   0 sizes and numbers of the epilogue, 1 left, 2 right; what follows is the epilogue's
// Epilogue   the engine puts behind this text: how many numbers it has (`extra`), and `store`, which is given each element of C
//            once, by its place in row-major order (src/engine/webgpu/chain-code.ts)
// Invariants The sum over p runs in order. Rows and columns past the edge are read clamped and not written.
//            THIN: m = 1, a block is one row of four.

struct Sizes {
  batch: u32,
  m: u32,
  k: u32,
  n: u32,
  left: vec4<u32>, // strides of t, i, p; offset
  right: vec4<u32>, // strides of t, j, p; offset
  output: vec4<u32>, // strides of t, i, j
  more: array<vec4<u32>, extra>,
}

override THIN: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> left: array<f32>;
@group(0) @binding(2) var<storage, read> right: array<f32>;

// The k-th four of the epilogue's numbers.
fn number(k: u32) -> vec4<u32> {
  return sizes.more[k];
}

fn write(t: u32, i: u32, j: u32, values: vec4<f32>) {
  let at = t * sizes.output.x + i * sizes.output.y + j * sizes.output.z;
  for (var c = 0u; c < 4u; c++) {
    if (i < sizes.m && j + c < sizes.n) {
      store(at + c * sizes.output.z, values[c]);
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let thread = id.x + id.y * groups.x * 64u;
  let across = (sizes.n + 3u) / 4u;
  let down = (sizes.m + 3u) / 4u;
  let t = thread / (across * down);
  if (t >= sizes.batch) {
    return;
  }
  let i = (thread / across) % down * 4u;
  let j = thread % across * 4u;
  let rows = min(vec4<u32>(i, i + 1u, i + 2u, i + 3u), vec4<u32>(sizes.m - 1u));
  let columns = min(vec4<u32>(j, j + 1u, j + 2u, j + 3u), vec4<u32>(sizes.n - 1u));
  var a = vec4<u32>(sizes.left.w + t * sizes.left.x) + rows * sizes.left.y;
  var b = vec4<u32>(sizes.right.w + t * sizes.right.x) + columns * sizes.right.y;
  var row0 = vec4<f32>();
  var row1 = vec4<f32>();
  var row2 = vec4<f32>();
  var row3 = vec4<f32>();
  for (var p = 0u; p < sizes.k; p++) {
    let y = vec4<f32>(right[b.x], right[b.y], right[b.z], right[b.w]);
    row0 += left[a.x] * y;
    if (!THIN) {
      row1 += left[a.y] * y;
      row2 += left[a.z] * y;
      row3 += left[a.w] * y;
    }
    a += vec4<u32>(sizes.left.z);
    b += vec4<u32>(sizes.right.z);
  }
  write(t, i, j, row0);
  if (!THIN) {
    write(t, i + 1u, j, row1);
    write(t, i + 2u, j, row2);
    write(t, i + 3u, j, row3);
  }
}
