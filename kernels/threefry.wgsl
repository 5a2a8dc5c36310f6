// The blocks of Threefry-2x32, 20 rounds, of n counters under one key.
//
// Formula    src/tensor/threefry-block.ts (Salmon, Moraes, Dror and Shaw, 2011)
// Bindings   0 sizes, 1 key [2], 2 counters [n, 2], 3 output [n, 2]
// Invariants The same bits as on every other engine.

struct Sizes {
  count: u32,
  offsetKey: u32,
  offsetCounters: u32,
  unused: u32,
}

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> key: array<u32>;
@group(0) @binding(2) var<storage, read> counters: array<u32>;
@group(0) @binding(3) var<storage, read_write> output: array<u32>;

fn four(start: vec2<u32>, rotations: vec4<u32>) -> vec2<u32> {
  var x = start;
  for (var i = 0u; i < 4u; i++) {
    x.x += x.y;
    x.y = ((x.y << rotations[i]) | (x.y >> (32u - rotations[i]))) ^ x.x;
  }
  return x;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let i = id.x + id.y * groups.x * 64u;
  if (i >= sizes.count) {
    return;
  }
  let k0 = key[sizes.offsetKey];
  let k1 = key[sizes.offsetKey + 1u];
  let k2 = 0x1bd11bdau ^ k0 ^ k1;
  let even = vec4<u32>(13u, 15u, 26u, 6u);
  let odd = vec4<u32>(17u, 29u, 16u, 24u);
  let start = sizes.offsetCounters + 2u * i;
  var x = vec2<u32>(counters[start] + k0, counters[start + 1u] + k1);
  x = four(x, even) + vec2<u32>(k1, k2 + 1u);
  x = four(x, odd) + vec2<u32>(k2, k0 + 2u);
  x = four(x, even) + vec2<u32>(k0, k1 + 3u);
  x = four(x, odd) + vec2<u32>(k1, k2 + 4u);
  x = four(x, even) + vec2<u32>(k2, k0 + 5u);
  output[2u * i] = x.x;
  output[2u * i + 1u] = x.y;
}
