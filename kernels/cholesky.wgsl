// A = L Lᵀ for each matrix of a stack: L lower triangular, zeros above the diagonal.
//
// Formula    L_jj = √(A_jj − Σ_{k<j} L_jk²),  L_ij = (A_ij − Σ_{k<j} L_ik L_jk) / L_jj   (Golub and Van Loan, 4.2.5)
// Bindings   0 sizes, 1 matrices [batch, n, n], 2 output
// Invariants A workgroup a matrix, column by column; only the lower triangle of A is read. A must be positive definite.

struct Sizes {
  batch: u32,
  n: u32,
  offset: u32,
  unused: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> matrix: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let n = sizes.n;
  // A group past the end repeats the last matrix: the same values to the same places, and barriers stay uniform.
  let t = min(group.x + group.y * groups.x, sizes.batch - 1u);
  let corner = sizes.offset + t * n * n;
  let base = t * n * n;
  for (var j = 0u; j < n; j++) {
    // Every lane makes the pivot for itself: one barrier a column instead of two.
    var pivot = matrix[corner + j * n + j];
    for (var k = 0u; k < j; k++) {
      let x = output[base + j * n + k];
      pivot -= x * x;
    }
    pivot = sqrt(pivot);
    for (var i = lane; i < n; i += 64u) {
      var x = 0.0;
      if (i == j) {
        x = pivot;
      } else if (i > j) {
        x = matrix[corner + i * n + j];
        for (var k = 0u; k < j; k++) {
          x -= output[base + i * n + k] * output[base + j * n + k];
        }
        x /= pivot;
      }
      output[base + i * n + j] = x;
    }
    storageBarrier();
  }
}
