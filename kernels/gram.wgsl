// G = Φᵀ Φ of features [N, D]: one of the dispatches of a fused draw.
//
// Formula    src/gflownet/fused/draw.ts; G is what influences are made of (src/gflownet/policies/gain.ts)
// Bindings   0 sizes, 1 features, 2 memory: G goes to [D, D] from `gram`
// Invariants A workgroup four neighbouring outputs. A lane adds up rows lane, lane + 64, …, and lanes are added in order:
//            results repeat bit for bit.

struct Sizes {
  points: u32,
  features: u32,
  offsetFeatures: u32,
  gram: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> features: array<f32>;
@group(0) @binding(2) var<storage, read_write> memory: array<f32>;

var<workgroup> parts: array<vec4<f32>, 64>;

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let width = sizes.features;
  let across = (width + 3u) / 4u;
  // A group past the end repeats the last four outputs.
  let block = min(group.x + group.y * groups.x, width * across - 1u);
  let i = block / across;
  let j = block % across * 4u;
  let columns = min(vec4<u32>(j, j + 1u, j + 2u, j + 3u), vec4<u32>(width - 1u));
  var total = vec4<f32>();
  for (var n = lane; n < sizes.points; n += 64u) {
    let at = sizes.offsetFeatures + n * width;
    let row = vec4<f32>(
      features[at + columns.x], features[at + columns.y], features[at + columns.z], features[at + columns.w]
    );
    total += features[at + i] * row;
  }
  parts[lane] = total;
  workgroupBarrier();
  if (lane == 0u) {
    for (var l = 1u; l < 64u; l++) {
      total += parts[l];
    }
    for (var c = 0u; c < 4u && j + c < width; c++) {
      memory[sizes.gram + i * width + j + c] = total[c];
    }
  }
}
