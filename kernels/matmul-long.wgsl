// C[t, i, j] = Σ_p A[t, i, p] B[t, p, j] where the sum is long and the outputs are few: a workgroup makes a block of 4×4
// outputs, its threads share the sum.
//
// Formula    src/tensor/primitives/matmul.ts, which also says when this kernel is the one
// Bindings   0 sizes and numbers of the epilogue, 1 left, 2 right; what follows is the epilogue's
// Epilogue   the engine puts behind this text: how many numbers it has (`extra`), and `store`, which is given each element of C
//            once, by its place in row-major order (src/engine/webgpu/chain-code.ts)
// Invariants Thread l adds p = l, l + 64, … in order; then four threads an output add sixteen of those each, and one
//            the four. One order for one size: results repeat bit for bit. Rows and columns past the edge are read
//            clamped and not written.

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

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> left: array<f32>;
@group(0) @binding(2) var<storage, read> right: array<f32>;

// The k-th four of the epilogue's numbers.
fn number(k: u32) -> vec4<u32> {
  return sizes.more[k];
}

// Of thread l and row r of the block at 4 l + r.
var<workgroup> parts: array<vec4<f32>, 256>;
// Of output e and quarter q of the threads at 16 q + e.
var<workgroup> quarters: array<f32, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let block = group.x + group.y * groups.x;
  let across = (sizes.n + 3u) / 4u;
  let down = (sizes.m + 3u) / 4u;
  // A group past the end works on the last matrix, unwritten.
  let t = min(block / (across * down), sizes.batch - 1u);
  let inside = block < across * down * sizes.batch;
  let i = (block / across) % down * 4u;
  let j = block % across * 4u;
  let four = vec4<u32>(0u, 1u, 2u, 3u);
  let rows = min(i + four, vec4<u32>(sizes.m - 1u));
  let columns = min(j + four, vec4<u32>(sizes.n - 1u));
  var a = sizes.left.w + t * sizes.left.x + rows * sizes.left.y + lane * sizes.left.z;
  var b = sizes.right.w + t * sizes.right.x + columns * sizes.right.y + lane * sizes.right.z;
  var row0 = vec4<f32>();
  var row1 = vec4<f32>();
  var row2 = vec4<f32>();
  var row3 = vec4<f32>();
  for (var p = lane; p < sizes.k; p += 64u) {
    let y = vec4<f32>(right[b.x], right[b.y], right[b.z], right[b.w]);
    row0 += left[a.x] * y;
    row1 += left[a.y] * y;
    row2 += left[a.z] * y;
    row3 += left[a.w] * y;
    a += 64u * sizes.left.z;
    b += 64u * sizes.right.z;
  }
  parts[4u * lane] = row0;
  parts[4u * lane + 1u] = row1;
  parts[4u * lane + 2u] = row2;
  parts[4u * lane + 3u] = row3;
  workgroupBarrier();
  let e = lane % 16u;
  let first = lane / 16u * 64u + e / 4u;
  var total = 0.0;
  for (var l = 0u; l < 64u; l += 4u) {
    total += parts[first + l][e % 4u];
  }
  quarters[lane] = total;
  workgroupBarrier();
  let row = i + e / 4u;
  let column = j + e % 4u;
  if (lane < 16u && inside && row < sizes.m && column < sizes.n) {
    store(
      t * sizes.output.x + row * sizes.output.y + column * sizes.output.z,
      quarters[e] + quarters[16u + e] + quarters[32u + e] + quarters[48u + e],
    );
  }
}
