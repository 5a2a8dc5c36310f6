// Trajectories drawn from a policy, all b steps in one dispatch: four side by side in a workgroup, the components of its
// vectors, so that every number of the pool that is read serves four.
//
// Formula    src/gflownet/rollout.ts with the logits of src/gflownet/policies (POLICY 0 gain, 1 pointer), the conditional
//            variances of src/reward/conditional-variance.ts and the random numbers of src/tensor/derived/random.ts
// Bindings   0 sizes, 1 parameters, 2 1 / T, 3 place of T, 4 keys [K, 2], 5 memory: log P_F, log P_B, gains and actions,
//            all [S, b], from 0; behind them what kernels/pool-embedding.wgsl wrote, and space for every workgroup
// Invariants HELD is no less than the columns of a query and the features, LAYER no less than 64, the columns of a layer
//            and the points of a batch. `side` trajectories share a key. A lane folds its pairs of neighbouring points
//            lane, lane + 64, …, and lanes are folded in order: results repeat bit for bit; of equal scores the first
//            point wins. The random bits are those of every other engine.
//
// A variance is stored with a minus sign once its point is a member. Two neighbouring points share a block of random bits,
// or in every other row of an odd pool two blocks. What occurs twice stands in loops: short code compiles sooner.

struct Sizes {
  points: u32,
  features: u32,
  width: u32,
  steps: u32,
  side: u32,
  keys: u32,
  offsetInverseTemperature: u32,
  offsetPlace: u32,
  offsetKeys: u32,
  unused: u32,
  // Places in the parameters.
  query1: u32,
  query1Bias: u32,
  query2: u32,
  query2Bias: u32,
  query3: u32,
  query3Bias: u32,
  temperature1: u32,
  temperature2: u32,
  // Places in the memory: of the pool,
  columns: u32,
  embeddings: u32,
  members: u32,
  // and of the workgroups: variances [4, N], directions [b, D, 4], aggregates [H, 4].
  variances: u32,
  directions: u32,
  aggregates: u32,
}

override POLICY: u32;
override HELD: u32;
override LAYER: u32;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> inverseTemperature: array<f32>;
@group(0) @binding(3) var<storage, read> place: array<f32>;
@group(0) @binding(4) var<storage, read> keys: array<u32>;
@group(0) @binding(5) var<storage, read_write> memory: array<f32>;

// The last direction; the aggregate; the query; the features of the points that are chosen.
var<workgroup> held: array<vec4<f32>, HELD>;
// A layer; the scores of lanes; the products with earlier directions.
var<workgroup> layer: array<vec4<f32>, LAYER>;
// What lanes add up.
var<workgroup> parts: array<vec4<f32>, 64>;
var<workgroup> places: array<vec4<u32>, 64>;

const lowest = vec4<f32>(-3.4028234663852886e38);

struct Blocks {
  x: vec4<u32>,
  y: vec4<u32>,
}

// Threefry-2x32 of four counters (counter, second): src/tensor/threefry-block.ts.
fn threefry(key: vec2<u32>, counter: vec4<u32>, second: u32) -> Blocks {
  let last = 0x1bd11bdau ^ key.x ^ key.y;
  var rotations = vec4<u32>(13u, 15u, 26u, 6u);
  var others = vec4<u32>(17u, 29u, 16u, 24u);
  var injected = vec3<u32>(key.y, last, key.x);
  var b = Blocks(counter + key.x, vec4<u32>(second + key.y));
  for (var group = 1u; group <= 5u; group++) {
    for (var i = 0u; i < 4u; i++) {
      b.x += b.y;
      b.y = ((b.y << vec4<u32>(rotations[i])) | (b.y >> vec4<u32>(32u - rotations[i]))) ^ b.x;
    }
    b.x += injected.x;
    b.y += injected.y + group;
    injected = injected.yzx;
    let next = others;
    others = rotations;
    rotations = next;
  }
  return b;
}

// −log(−log u) of u = (⌊word / 512⌋ + ½) / 2²³.
fn gumbel(words: vec4<u32>) -> vec4<f32> {
  let u = (vec4<f32>(words / vec4<u32>(512u)) + 0.5) * 1.1920928955078125e-7;
  return -log(max(-log(u), vec4<f32>(5.9604644775390625e-8)));
}

// NaN by its bits: a compiler may take a comparison of floats for one without NaN.
fn isNan(x: vec4<f32>) -> vec4<bool> {
  return (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u);
}

fn activation(a: vec4<f32>) -> vec4<f32> {
  return select(tanh(clamp(a, vec4<f32>(-15.0), vec4<f32>(15.0))), a, isNan(a));
}

// A number of each of the four, `stride` apart.
fn fetch(at: u32, stride: u32) -> vec4<f32> {
  return vec4<f32>(memory[at], memory[at + stride], memory[at + 2u * stride], memory[at + 3u * stride]);
}

fn put(at: u32, stride: u32, x: vec4<f32>) {
  memory[at] = x.x;
  memory[at + stride] = x.y;
  memory[at + 2u * stride] = x.z;
  memory[at + 3u * stride] = x.w;
}

// A number of the pool at each of four points.
fn pick(at: u32, points: vec4<u32>, stride: u32) -> vec4<f32> {
  let p = vec4<u32>(at) + points * stride;
  return vec4<f32>(memory[p.x], memory[p.y], memory[p.z], memory[p.w]);
}

// What lanes added up, in order.
fn total() -> vec4<f32> {
  var sum = parts[0];
  for (var l = 1u; l < 64u; l++) {
    sum += parts[l];
  }
  return sum;
}

// logit(n | s) from the key's product with the query, and the variance v; `remaining` points come after it.
fn logitOf(product: vec4<f32>, v: vec4<f32>, coldness: f32, remaining: f32) -> vec4<f32> {
  let residual = product / sqrt(f32(sizes.width));
  if (POLICY == 1u) {
    return residual;
  }
  let gain = 0.5 * log(1.0 + v) * coldness;
  let share = gain / (1.0 + remaining * (gain / (20.0 + gain)));
  let shrinkage = (1.0 - 1.0 / (1.0 + v)) * coldness;
  let h = sizes.width;
  return residual + (share * (1.0 + held[h]) + gain * held[h + 1u] + shrinkage * held[h + 2u]);
}

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
) {
  let size = sizes.points;
  let depth = sizes.features;
  let width = sizes.width;
  let groups = (sizes.side + 3u) / 4u;
  let g = workgroup.x + workgroup.y * workgroups.x;
  if (g >= groups * sizes.keys) {
    return;
  }
  let block = g / groups;
  let first = g % groups * 4u;
  // Trajectories past the end repeat the last of their key and are not written.
  let row = min(vec4<u32>(first, first + 1u, first + 2u, first + 3u), vec4<u32>(sizes.side - 1u));
  let variances = sizes.variances + g * 4u * size;
  let directions = sizes.directions + g * sizes.steps * depth * 4u;
  let aggregates = sizes.aggregates + g * width * 4u;

  let coldness = inverseTemperature[sizes.offsetInverseTemperature];
  let warmth = place[sizes.offsetPlace];
  var chosen = vec4<u32>();

  for (var j = lane; j < width; j += 64u) {
    put(aggregates + 4u * j, 1u, vec4<f32>());
  }
  for (var step = 0u; step < sizes.steps; step++) {
    let begins = step == 0u;
    // The variances after the last points, v ← v − (φ · d)², from v = |φ|².
    for (var n = 2u * lane; n < size; n += 128u) {
      let end = min(n + 2u, size);
      var a = vec4<f32>();
      var b = vec4<f32>();
      if (POLICY == 0u) {
        for (var i = 0u; i < depth; i++) {
          let x = memory[sizes.columns + i * size + n];
          let y = memory[sizes.columns + i * size + end - 1u];
          let d = held[i];
          a += select(d, vec4<f32>(x), begins) * x;
          b += select(d, vec4<f32>(y), begins) * y;
        }
      }
      for (var m = n; m < end; m++) {
        var v = a;
        if (!begins) {
          let before = fetch(variances + m, size);
          v = max(abs(before) - a * a, vec4<f32>());
          v = select(v, -max(v, vec4<f32>(1e-30)), (before < vec4<f32>()) | (vec4<u32>(m) == chosen));
        }
        put(variances + m, size, v);
        a = b;
      }
    }
    workgroupBarrier();
    let remaining = f32(sizes.steps - step - 1u);

    // The query of the state. A lane has the same columns of the aggregate throughout.
    for (var j = lane; j < width; j += 64u) {
      held[j] = fetch(aggregates + 4u * j, 1u);
    }
    workgroupBarrier();
    let part = f32(step) / f32(sizes.steps);
    for (var j = lane; j < width; j += 64u) {
      var sum = vec4<f32>();
      for (var i = 0u; i < width; i++) {
        sum += held[i] * parameters[sizes.query1 + i * width + j];
      }
      sum += part * parameters[sizes.query1 + width * width + j] + parameters[sizes.query1Bias + j];
      let shift = parameters[sizes.temperature1 + j] + warmth * parameters[sizes.temperature2 + j];
      layer[j] = activation(sum + warmth * shift);
    }
    workgroupBarrier();
    for (var j = lane; j < width; j += 64u) {
      var sum = vec4<f32>();
      for (var i = 0u; i < width; i++) {
        sum += layer[i] * parameters[sizes.query2 + i * width + j];
      }
      held[j] = activation(sum + parameters[sizes.query2Bias + j]);
    }
    workgroupBarrier();
    for (var j = lane; j < width; j += 64u) {
      layer[j] = held[j];
    }
    workgroupBarrier();
    let columns = select(width, width + 3u, POLICY == 0u);
    for (var j = lane; j < columns; j += 64u) {
      var sum = vec4<f32>();
      for (var i = 0u; i < width; i++) {
        sum += layer[i] * parameters[sizes.query3 + i * columns + j];
      }
      held[j] = sum + parameters[sizes.query3Bias + j];
    }
    workgroupBarrier();

    // Child 0 of the key, and child `step` of that.
    var key = vec2<u32>(keys[sizes.offsetKeys + 2u * block], keys[sizes.offsetKeys + 2u * block + 1u]);
    for (var depth = 0u; depth < 2u; depth++) {
      let child = threefry(key, vec4<u32>(select(0u, step, depth == 1u)), 1u);
      key = vec2<u32>(child.x.x, child.y.x);
    }
    // The best of a lane's points by logit + Gumbel noise, and the largest logit with Σ exp(logit − largest).
    var best = lowest;
    var own = vec4<u32>(0xffffffffu);
    var logit = vec4<f32>();
    var top = lowest;
    var sum = vec4<f32>();
    // A logit that is NaN, in which comparisons do not see it.
    var lost = vec4<bool>();
    for (var n = 2u * lane; n < size; n += 128u) {
      let end = min(n + 2u, size);
      var a = vec4<f32>();
      var b = vec4<f32>();
      for (var i = 0u; i < width; i++) {
        let q = held[i];
        a += q * memory[sizes.embeddings + i * size + n];
        b += q * memory[sizes.embeddings + i * size + end - 1u];
      }
      var words: Blocks;
      for (var m = n; m < end; m++) {
        // Number i of a stream is word i mod 2 of block i / 2.
        let number = row * size + m;
        if (m == n || (size & 1u) == 1u) {
          words = threefry(key, number / 2u, 0u);
        }
        let noise = gumbel(select(words.x, words.y, (number & vec4<u32>(1u)) == vec4<u32>(1u)));
        let v = fetch(variances + m, size);
        let l = logitOf(a, abs(v), coldness, remaining);
        let allowed = v >= vec4<f32>();
        lost = lost | (allowed & isNan(l)) | isNan(v);
        let better = allowed & (l + noise > best);
        best = select(best, l + noise, better);
        own = select(own, vec4<u32>(m), better);
        logit = select(logit, l, better);
        // What lies 80 beneath the largest is nothing beside it.
        let beneath = exp(max(-abs(l - top), vec4<f32>(-80.0)));
        sum = select(sum, select(sum + beneath, sum * beneath + 1.0, l > top), allowed);
        top = select(top, l, allowed & (l > top));
        a = b;
      }
    }
    layer[lane] = best;
    places[lane] = own;
    // Not a constant, of which WGSL allows no NaN.
    let notANumber = bitcast<vec4<f32>>(vec4<u32>(0x7fc00000u | (step & 1u)));
    parts[lane] = select(select(lowest, top + log(max(sum, vec4<f32>(1.0))), top > lowest), notANumber, lost);
    workgroupBarrier();
    best = layer[0];
    chosen = places[0];
    top = parts[0];
    lost = isNan(parts[0]);
    for (var l = 1u; l < 64u; l++) {
      lost = lost | isNan(parts[l]);
      let other = layer[l];
      let better = (other > best) | ((other == best) & (places[l] < chosen));
      best = select(best, other, better);
      chosen = select(chosen, places[l], better);
      top = max(top, parts[l]);
    }
    sum = vec4<f32>();
    for (var l = 0u; l < 64u; l++) {
      sum += exp(max(parts[l] - top, vec4<f32>(-80.0)));
    }
    let logForward = select(logit - (top + log(sum)), notANumber, lost);
    chosen = min(chosen, vec4<u32>(size - 1u));

    // The direction of the points that join, d = (φ − Σ_j d_j (d_j · φ)) / √(1 + v).
    for (var i = lane; i < depth; i += 64u) {
      held[i] = pick(sizes.columns + i * size, chosen, 1u);
    }
    for (var j = lane; j < width; j += 64u) {
      put(aggregates + 4u * j, 1u, fetch(aggregates + 4u * j, 1u) + pick(sizes.members + j, chosen, width));
    }
    workgroupBarrier();
    for (var j = lane; j < step; j += 64u) {
      var product = vec4<f32>();
      for (var i = 0u; i < depth; i++) {
        product += held[i] * fetch(directions + (j * depth + i) * 4u, 1u);
      }
      layer[j] = product;
    }
    workgroupBarrier();
    var explained = vec4<f32>();
    for (var i = lane; i < depth; i += 64u) {
      let x = held[i];
      var remaining = x;
      for (var j = 0u; j < step; j++) {
        remaining -= layer[j] * fetch(directions + (j * depth + i) * 4u, 1u);
      }
      explained += x * remaining;
      held[i] = remaining;
    }
    parts[lane] = explained;
    workgroupBarrier();
    let spread = 1.0 + max(total(), vec4<f32>());
    for (var i = lane; i < depth; i += 64u) {
      let d = held[i] / sqrt(spread);
      held[i] = d;
      put(directions + (step * depth + i) * 4u, 1u, d);
    }
    // Of each trajectory the lane whose point was chosen tells.
    let gain = 0.5 * log(spread);
    let plane = sizes.side * sizes.keys * sizes.steps;
    for (var c = 0u; c < 4u; c++) {
      // Where a logit is lost none may have been chosen, and the first lane tells that.
      if (select(own[c] == chosen[c], lane == 0u, lost[c]) && first + c < sizes.side) {
        let at = (block * sizes.side + first + c) * sizes.steps + step;
        memory[at] = logForward[c];
        memory[plane + at] = -log(f32(step + 1u));
        memory[2u * plane + at] = gain[c];
        memory[3u * plane + at] = f32(chosen[c]);
      }
    }
    workgroupBarrier();
    storageBarrier();
  }
}
