// v'[s, n] = max(v[s, n] − (φ_n · d_s)², 0): the conditional variances after a point joined each of S batches.
//
// Formula    src/reward/conditional-variance.ts
// Bindings   0 sizes, 1 variances [S, N], or [N] for all, 2 features [N, D], 3 directions [S, D], 4 output [S, N]
// Invariants A thread makes a block of 4×4 outputs; the products run in order. Rows and columns past the edge are read
//            clamped and not written.

struct Sizes {
  batches: u32,
  points: u32,
  features: u32,
  step: u32, // from one batch's variances to the next's: N or 0
  offsetVariances: u32,
  offsetFeatures: u32,
  offsetDirections: u32,
  unused: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> variances: array<f32>;
@group(0) @binding(2) var<storage, read> features: array<f32>;
@group(0) @binding(3) var<storage, read> directions: array<f32>;
@group(0) @binding(4) var<storage, read_write> output: array<f32>;

fn write(s: u32, n: u32, shares: vec4<f32>) {
  for (var c = 0u; c < 4u; c++) {
    if (s < sizes.batches && n + c < sizes.points) {
      let v = variances[sizes.offsetVariances + s * sizes.step + n + c];
      let left = v - shares[c] * shares[c];
      // NaN stays, by its bits: the larger of it and a number may be the number.
      let lost = (bitcast<u32>(left) & 0x7fffffffu) > 0x7f800000u;
      output[s * sizes.points + n + c] = select(max(left, 0.0), left, lost);
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let thread = id.x + id.y * groups.x * 64u;
  let across = (sizes.points + 3u) / 4u;
  let s = thread / across * 4u;
  let n = thread % across * 4u;
  if (s >= sizes.batches) {
    return;
  }
  let rows = min(vec4<u32>(s, s + 1u, s + 2u, s + 3u), vec4<u32>(sizes.batches - 1u));
  let columns = min(vec4<u32>(n, n + 1u, n + 2u, n + 3u), vec4<u32>(sizes.points - 1u));
  var a = vec4<u32>(sizes.offsetDirections) + rows * sizes.features;
  var b = vec4<u32>(sizes.offsetFeatures) + columns * sizes.features;
  var row0 = vec4<f32>();
  var row1 = vec4<f32>();
  var row2 = vec4<f32>();
  var row3 = vec4<f32>();
  for (var p = 0u; p < sizes.features; p++) {
    let y = vec4<f32>(features[b.x], features[b.y], features[b.z], features[b.w]);
    row0 += directions[a.x] * y;
    row1 += directions[a.y] * y;
    row2 += directions[a.z] * y;
    row3 += directions[a.w] * y;
    a += vec4<u32>(1u);
    b += vec4<u32>(1u);
  }
  write(s, n, row0);
  write(s + 1u, n, row1);
  write(s + 2u, n, row2);
  write(s + 3u, n, row3);
}
