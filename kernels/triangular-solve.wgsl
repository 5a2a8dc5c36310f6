// X of L X = B, or of Lᵀ X = B where TRANSPOSE, for each matrix of a stack.
//
// Formula    forward or backward substitution (Golub and Van Loan, 3.1)
// Bindings   0 sizes, 1 L [batch, n, n], 2 B [batch, n, m], 3 output X
// Invariants A thread a column of B, reading back only what it wrote itself; only the lower triangle of L is read.

struct Sizes {
  batch: u32,
  n: u32,
  m: u32,
  unused0: u32,
  offsetMatrix: u32,
  offsetRight: u32,
  unused1: u32,
  unused2: u32,
}

override TRANSPOSE: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> matrix: array<f32>;
@group(0) @binding(2) var<storage, read> right: array<f32>;
@group(0) @binding(3) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let thread = id.x + id.y * groups.x * 64u;
  if (thread >= sizes.batch * sizes.m) {
    return;
  }
  let n = sizes.n;
  let t = thread / sizes.m;
  let column = t * n * sizes.m + thread % sizes.m;
  let corner = sizes.offsetMatrix + t * n * n;
  for (var step = 0u; step < n; step++) {
    let i = select(step, n - 1u - step, TRANSPOSE);
    var x = right[sizes.offsetRight + column + i * sizes.m];
    for (var s = 0u; s < step; s++) {
      let k = select(s, n - 1u - s, TRANSPOSE);
      let entry = matrix[corner + select(i * n + k, k * n + i, TRANSPOSE)];
      x -= entry * output[column + k * sizes.m];
    }
    output[column + i * sizes.m] = x / matrix[corner + i * n + i];
  }
}
