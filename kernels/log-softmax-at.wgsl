// y_r = a_(r, i_r) − log Σ_c allowed_(r, c) exp a_(r, c), of each row r at its index i_r; DERIVATIVE: what a cotangent of
// y gives to a.
//
// Formula    src/tensor/derived/log-softmax-at.ts:
//            ā_(r, c) = ([c = i_r] − allowed_(r, c) exp(a_(r, c) − log Σ)) ȳ_r
// Bindings   0 sizes, 1 logits [rows, n], 2 allowed [rows, n] (not read without MASKED, where all are), 3 indices [rows],
//            4 cotangent [rows] (not read without DERIVATIVE), 5 output [rows], or [rows, n]
// Invariants A workgroup a row. A lane folds entries lane, lane + 64, … into the largest and the sum of exponentials
//            beneath it; lanes are folded in order: results repeat bit for bit. A row that allows NaN or ∞, or nothing
//            but −∞, gives NaN.

struct Sizes {
  rows: u32,
  n: u32,
  offsetLogits: u32,
  offsetAllowed: u32,
  offsetIndices: u32,
  offsetCotangent: u32,
  unused0: u32,
  unused1: u32,
}

override DERIVATIVE: bool;
override MASKED: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> logits: array<f32>;
@group(0) @binding(2) var<storage, read> allowed: array<u32>;
@group(0) @binding(3) var<storage, read> indices: array<u32>;
@group(0) @binding(4) var<storage, read> cotangent: array<f32>;
@group(0) @binding(5) var<storage, read_write> output: array<f32>;

// The largest, and the sum of exponentials of what lies beneath it, of each lane.
var<workgroup> parts: array<vec2<f32>, 64>;

// The least float.
const lowest = -3.4028234663852886e38;

// Two parts as one. What lies 80 beneath the largest is nothing beside it.
fn join(a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
  let top = max(a.x, b.x);
  return vec2<f32>(top, a.y * exp(max(a.x - top, -80.0)) + b.y * exp(max(b.x - top, -80.0)));
}

fn isNan(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u;
}

fn isAllowed(at: u32) -> bool {
  if (MASKED) {
    return allowed[at] != 0u;
  }
  return true;
}

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  // A group past the end repeats the last row: the same values to the same places, and barriers stay uniform.
  let r = min(group.x + group.y * groups.x, sizes.rows - 1u);
  let row = sizes.offsetLogits + r * sizes.n;
  let mask = sizes.offsetAllowed + r * sizes.n;
  // Not a constant, of which WGSL allows no NaN.
  let notANumber = bitcast<f32>(0x7fc00000u | sizes.unused0);
  var own = vec2<f32>(lowest, 0.0);
  for (var c = lane; c < sizes.n; c += 64u) {
    if (isAllowed(mask + c)) {
      let word = bitcast<u32>(logits[row + c]);
      if ((word & 0x7fffffffu) >= 0x7f800000u) {
        // −∞ adds nothing; ∞ and NaN leave no sum.
        own.y = select(notANumber, own.y, word == 0xff800000u);
      } else {
        own = join(own, vec2<f32>(logits[row + c], 1.0));
      }
    }
  }
  parts[lane] = own;
  workgroupBarrier();
  // 64 parts to 8 here, 8 to one below: barriers are dear on software adapters.
  if (lane < 8u) {
    for (var other = lane + 8u; other < 64u; other += 8u) {
      own = join(own, parts[other]);
    }
    parts[lane] = own;
  }
  workgroupBarrier();
  own = parts[0];
  for (var other = 1u; other < 8u; other++) {
    own = join(own, parts[other]);
  }
  // Off the largest before the logarithm comes to it: beside large logits it would be lost.
  let sum = select(log(own.y), notANumber, isNan(own.y) || own.y <= 0.0);
  let index = indices[sizes.offsetIndices + r];
  if (!DERIVATIVE) {
    if (lane == 0u) {
      output[r] = (logits[row + min(index, sizes.n - 1u)] - own.x) - sum;
    }
    return;
  }
  let factor = cotangent[sizes.offsetCotangent + r];
  for (var c = lane; c < sizes.n; c += 64u) {
    var share = select(0.0, 1.0, c == index);
    if (isAllowed(mask + c)) {
      share -= select(exp(max((logits[row + c] - own.x) - sum, -80.0)), sum, isNan(sum));
    }
    output[r * sizes.n + c] = share * factor;
  }
}
