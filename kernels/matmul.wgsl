// C[t, i, j] = Σ_p A[t, i, p] B[t, p, j], operands read through views; a thread makes a block of 4×4 outputs.
//
// Formula    src/tensor/primitives/matmul.ts
// Bindings   0 sizes, 1 left, 2 right, 3 output (row-major [batch, m, n])
// Invariants The sum over p runs in order, so both ways give the same bits. Rows and columns past the edge are read
//            clamped and not written. TILED: a workgroup makes 32×32 outputs and shares what it reads, 16 of p at a
//            time, for large matrices; else every thread reads for itself.

struct Sizes {
  batch: u32,
  m: u32,
  k: u32,
  n: u32,
  left: vec4<u32>, // strides of t, i, p; offset
  right: vec4<u32>, // strides of t, p, j; offset
}

override TILED: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> left: array<f32>;
@group(0) @binding(2) var<storage, read> right: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

// A tile of A: 32 rows of 16 p in vectors of four p, and one vector unused, which spreads the rows over the banks.
const leftRow = 5u;
var<workgroup> leftTile: array<vec4<f32>, 160>;
// A tile of B: 16 rows p of 32 columns in vectors of four columns.
const rightRow = 8u;
var<workgroup> rightTile: array<vec4<f32>, 128>;

const upTo4 = vec4<u32>(0u, 1u, 2u, 3u);

// Where row i and column p of A lie, and row p and column j of B.
fn leftPlace(t: u32, i: vec4<u32>, p: vec4<u32>) -> vec4<u32> {
  return vec4<u32>(sizes.left.w + t * sizes.left.x) + min(i, vec4<u32>(sizes.m - 1u)) * sizes.left.y +
    min(p, vec4<u32>(sizes.k - 1u)) * sizes.left.z;
}

fn rightPlace(t: u32, p: vec4<u32>, j: vec4<u32>) -> vec4<u32> {
  return vec4<u32>(sizes.right.w + t * sizes.right.x) + min(p, vec4<u32>(sizes.k - 1u)) * sizes.right.y +
    min(j, vec4<u32>(sizes.n - 1u)) * sizes.right.z;
}

// Writes the outputs of a block that lie inside C.
fn finish(t: u32, i: u32, j: u32, block: mat4x4<f32>) {
  for (var r = 0u; r < 4u; r++) {
    if (i + r < sizes.m) {
      let base = (t * sizes.m + i + r) * sizes.n + j;
      for (var c = 0u; c < 4u; c++) {
        if (j + c < sizes.n) {
          output[base + c] = block[r][c];
        }
      }
    }
  }
}

fn alone(thread: u32) {
  let across = (sizes.n + 3u) / 4u;
  let down = (sizes.m + 3u) / 4u;
  let t = thread / (across * down);
  if (t >= sizes.batch) {
    return;
  }
  let i = (thread / across) % down * 4u;
  let j = thread % across * 4u;
  var a = leftPlace(t, i + upTo4, vec4<u32>());
  var b = rightPlace(t, vec4<u32>(), j + upTo4);
  var row0 = vec4<f32>();
  var row1 = vec4<f32>();
  var row2 = vec4<f32>();
  var row3 = vec4<f32>();
  for (var p = 0u; p < sizes.k; p++) {
    let y = vec4<f32>(right[b.x], right[b.y], right[b.z], right[b.w]);
    row0 += left[a.x] * y;
    row1 += left[a.y] * y;
    row2 += left[a.z] * y;
    row3 += left[a.w] * y;
    a += vec4<u32>(sizes.left.z);
    b += vec4<u32>(sizes.right.y);
  }
  finish(t, i, j, mat4x4<f32>(row0, row1, row2, row3));
}

fn together(lane: u32, tile: u32) {
  let across = (sizes.n + 31u) / 32u;
  let down = (sizes.m + 31u) / 32u;
  // A group past the end works on the last matrix, unwritten: barriers stay uniform.
  let t = min(tile / (across * down), sizes.batch - 1u);
  let top = (tile / across) % down * 32u;
  let start = tile % across * 32u;
  let r = lane / 8u;
  let c = lane % 8u;
  // Neighbouring threads read neighbouring elements, whichever way an operand lies.
  let leftAlong = sizes.left.z == 1u;
  let rightAlong = sizes.right.z == 1u;
  var row0 = vec4<f32>();
  var row1 = vec4<f32>();
  var row2 = vec4<f32>();
  var row3 = vec4<f32>();
  for (var first = 0u; first < sizes.k; first += 16u) {
    workgroupBarrier();
    for (var half = 0u; half < 2u; half++) {
      let q = lane + 64u * half;
      let i = select(q % 32u, q / 4u, leftAlong);
      let four = select(q / 32u, q % 4u, leftAlong);
      let depths = vec4<u32>(first + 4u * four) + upTo4;
      let a = leftPlace(t, vec4<u32>(top + i), depths);
      let x = vec4<f32>(left[a.x], left[a.y], left[a.z], left[a.w]);
      leftTile[i * leftRow + four] = select(vec4<f32>(), x, depths < vec4<u32>(sizes.k));
      let depth = select(q % 16u, q / 8u, rightAlong);
      let columns = select(q / 16u, q % 8u, rightAlong);
      let b = rightPlace(t, vec4<u32>(first + depth), vec4<u32>(start + 4u * columns) + upTo4);
      let y = vec4<f32>(right[b.x], right[b.y], right[b.z], right[b.w]);
      rightTile[depth * rightRow + columns] = select(vec4<f32>(), y, first + depth < sizes.k);
    }
    workgroupBarrier();
    for (var four = 0u; four < 4u; four++) {
      let a0 = leftTile[(4u * r) * leftRow + four];
      let a1 = leftTile[(4u * r + 1u) * leftRow + four];
      let a2 = leftTile[(4u * r + 2u) * leftRow + four];
      let a3 = leftTile[(4u * r + 3u) * leftRow + four];
      let b = 4u * four * rightRow + c;
      let y0 = rightTile[b];
      let y1 = rightTile[b + rightRow];
      let y2 = rightTile[b + 2u * rightRow];
      let y3 = rightTile[b + 3u * rightRow];
      row0 = row0 + a0.x * y0 + a0.y * y1 + a0.z * y2 + a0.w * y3;
      row1 = row1 + a1.x * y0 + a1.y * y1 + a1.z * y2 + a1.w * y3;
      row2 = row2 + a2.x * y0 + a2.y * y1 + a2.z * y2 + a2.w * y3;
      row3 = row3 + a3.x * y0 + a3.y * y1 + a3.z * y2 + a3.w * y3;
    }
  }
  if (tile < sizes.batch * across * down) {
    finish(t, top + 4u * r, start + 4u * c, mat4x4<f32>(row0, row1, row2, row3));
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  if (TILED) {
    together(lane, group.x + group.y * groups.x);
  } else {
    alone(id.x + id.y * groups.x * 64u);
  }
}
