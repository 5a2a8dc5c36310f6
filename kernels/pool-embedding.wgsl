// What a policy keeps of the points of a pool, in the order in which kernels/rollout reads it.
//
// Formula    src/gflownet/policies, gain and pointer: h = tanh(tanh(x W₁ + b₁) W₂ + b₂), x = √2 (u, 1) / √(1 + |u|²) of
//            u = scale · φ; keys h K, members h M
// Bindings   0 sizes, 1 features [N, D], 2 scale, 3 parameters, 4 1 / T, 5 place of T, 6 memory: features [D, N], keys [H, N],
//            members [N, H], each from its place, and 1 / T, the place and zero
// Invariants A workgroup makes four points, the components of its vectors; a lane a column of every layer. HELD
//            is no less than the columns of its layers together. Sums run in order. tanh is clamped where it has saturated.

struct Sizes {
  points: u32,
  features: u32,
  width: u32,
  offsetFeatures: u32,
  offsetScale: u32,
  // Places in the parameters.
  point1: u32,
  point1Bias: u32,
  point2: u32,
  point2Bias: u32,
  key: u32,
  member: u32,
  // Places in the memory.
  columns: u32,
  keys: u32,
  members: u32,
  scalars: u32,
  offsetInverseTemperature: u32,
  offsetPlace: u32,
}

override HELD: u32;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> features: array<f32>;
@group(0) @binding(2) var<storage, read> scale: array<f32>;
@group(0) @binding(3) var<storage, read> parameters: array<f32>;
@group(0) @binding(4) var<storage, read> inverseTemperature: array<f32>;
@group(0) @binding(5) var<storage, read> place: array<f32>;
@group(0) @binding(6) var<storage, read_write> memory: array<f32>;

// One layer behind the other.
var<workgroup> held: array<vec4<f32>, HELD>;

// NaN by its bits: a compiler may take a comparison of floats for one without NaN.
fn isNan(x: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
}

fn activation(a: vec4<f32>) -> vec4<f32> {
  return select(tanh(clamp(a, vec4<f32>(-15.0), vec4<f32>(15.0))), a, isNan(a));
}

fn writeScalars() {
  memory[sizes.scalars] = inverseTemperature[sizes.offsetInverseTemperature];
  memory[sizes.scalars + 1u] = place[sizes.offsetPlace];
  memory[sizes.scalars + 2u] = 0.0;
}

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let depth = sizes.features;
  let width = sizes.width;
  let start = 4u * (group.x + group.y * groups.x);
  if (start >= sizes.points) {
    return;
  }
  if (start == 0u && lane == 0u) {
    writeScalars();
  }
  // Points past the end repeat the last and are not written.
  let n = min(vec4<u32>(start, start + 1u, start + 2u, start + 3u), vec4<u32>(sizes.points - 1u));
  let at = vec4<u32>(sizes.offsetFeatures) + n * depth;
  let count = min(4u, sizes.points - start);

  let factor = scale[sizes.offsetScale];
  for (var j = lane; j < width; j += 64u) {
    var total = vec4<f32>();
    var norm = vec4<f32>();
    for (var i = 0u; i < depth; i++) {
      let x = vec4<f32>(features[at.x + i], features[at.y + i], features[at.z + i], features[at.w + i]);
      total += (factor * x) * parameters[sizes.point1 + i * width + j];
      norm += (factor * x) * (factor * x);
    }
    total = (total + parameters[sizes.point1 + depth * width + j]) * 1.41421356 / sqrt(1.0 + norm);
    held[j] = activation(total + parameters[sizes.point1Bias + j]);
  }
  workgroupBarrier();
  for (var j = lane; j < width; j += 64u) {
    var total = vec4<f32>();
    for (var i = 0u; i < width; i++) {
      total += held[i] * parameters[sizes.point2 + i * width + j];
    }
    held[width + j] = activation(total + parameters[sizes.point2Bias + j]);
  }
  workgroupBarrier();
  for (var j = lane; j < width; j += 64u) {
    var key = vec4<f32>();
    var member = vec4<f32>();
    for (var i = 0u; i < width; i++) {
      let x = held[width + i];
      key += x * parameters[sizes.key + i * width + j];
      member += x * parameters[sizes.member + i * width + j];
    }
    for (var c = 0u; c < count; c++) {
      memory[sizes.keys + j * sizes.points + n[c]] = key[c];
      memory[sizes.members + n[c] * width + j] = member[c];
    }
  }

  for (var i = lane; i < depth; i += 64u) {
    for (var c = 0u; c < count; c++) {
      memory[sizes.columns + i * sizes.points + n[c]] = features[at[c] + i];
    }
  }
}
