// Trajectories drawn from a policy, all b steps in one dispatch: four side by side in a workgroup, the components of its
// vectors, so that every number of the pool that is read serves four.
//
// Formula    src/gflownet/rollout.ts with the logits of src/gflownet/policies (POLICY 0 gain, 1 pointer), the conditional
//            variances of src/reward/conditional-variance.ts and the random numbers of src/tensor/derived/random.ts
// Bindings   0 sizes, 1 parameters, 2 1 / T, the place of T and the probability of a uniform step, 3 keys [K, 2], of the pool
//            4 features [D, N], 5 what candidates are to the logits [H, N], 6 what members add to the aggregate [N, H],
//            7 actions [·, b] that are given (not read without TRACE), 8 memory: log P_F, log P_B, gains and actions, all
//            [S, b], from 0; behind them space for every workgroup, and with TRACE the logits and the variances of all
//            states, [S, b, N] each
// Sections   1-memory.wgsl what lies where, and numbers; 2-points.wgsl eight points at a time; 3-steps.wgsl a function for
//            each phase of a step
// Invariants HELD is no less than the columns of a query and the features, LAYER no less than 64, the columns of a layer
//            and the points of a batch. `side` trajectories share a key; with TRACE the first `drawn` of them are drawn,
//            the others take what is given. DENSE: rows of the features and keys begin at multiples of four. A lane folds
//            its eights of neighbouring points lane, lane + 64, …, and lanes are folded in order: results repeat bit for
//            bit; of equal scores the first point wins. The random bits are those of every other engine.
//
// A variance is stored with a minus sign once its point is a member; of members the trace has the least float for a logit.
// Two neighbouring points share a block of random bits, or in every other row of an odd pool two blocks. What occurs twice
// stands in loops: short code compiles sooner.

struct Sizes {
  points: u32,
  features: u32,
  width: u32,
  steps: u32,
  side: u32,
  keys: u32,
  offsetScalars: u32,
  offsetKeys: u32,
  offsetGiven: u32,
  drawn: u32,
  // Places in the parameters.
  query1: u32,
  query1Bias: u32,
  query2: u32,
  query2Bias: u32,
  query3: u32,
  query3Bias: u32,
  temperature1: u32,
  temperature2: u32,
  // Places in the operands.
  columns: u32,
  embeddings: u32,
  members: u32,
  // Places in the memory: of the workgroups variances [4, N], directions [b, D, 4], aggregates [H, 4]; of the trace.
  variances: u32,
  directions: u32,
  aggregates: u32,
  tracedLogits: u32,
  tracedVariances: u32,
}

override POLICY: u32;
override HELD: u32;
override LAYER: u32;
override TRACE: bool;
override DENSE: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> parameters: array<f32>;
@group(0) @binding(2) var<storage, read> scalars: array<f32>;
@group(0) @binding(3) var<storage, read> keys: array<u32>;
@group(0) @binding(4) var<storage, read> pointFeatures: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> pointKeys: array<vec4<f32>>;
@group(0) @binding(6) var<storage, read> pointMembers: array<f32>;
@group(0) @binding(7) var<storage, read> given: array<u32>;
@group(0) @binding(8) var<storage, read_write> memory: array<f32>;

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

// A round of Threefry.
fn mixed(b: Blocks, by: u32) -> Blocks {
  let x = b.x + b.y;
  return Blocks(x, ((b.y << vec4<u32>(by)) | (b.y >> vec4<u32>(32u - by))) ^ x);
}

// Threefry-2x32 of four counters (counter, second): src/tensor/threefry-block.ts.
fn threefry(key: vec2<u32>, counter: vec4<u32>, second: u32) -> Blocks {
  let last = 0x1bd11bdau ^ key.x ^ key.y;
  var rotations = vec4<u32>(13u, 15u, 26u, 6u);
  var others = vec4<u32>(17u, 29u, 16u, 24u);
  var injected = vec3<u32>(key.y, last, key.x);
  var b = Blocks(counter + key.x, vec4<u32>(second + key.y));
  for (var group = 1u; group <= 5u; group++) {
    b = mixed(mixed(mixed(mixed(b, rotations.x), rotations.y), rotations.z), rotations.w);
    b.x += injected.x;
    b.y += injected.y + group;
    injected = injected.yzx;
    let next = others;
    others = rotations;
    rotations = next;
  }
  return b;
}

// u = (⌊word / 512⌋ + ½) / 2²³.
fn uniform01(words: vec4<u32>) -> vec4<f32> {
  return (vec4<f32>(words / vec4<u32>(512u)) + 0.5) * 1.1920928955078125e-7;
}

// −log(−log u).
fn gumbel(words: vec4<u32>) -> vec4<f32> {
  return -log(max(-log(uniform01(words)), vec4<f32>(5.9604644775390625e-8)));
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

// Four numbers where they belong.
fn scatter(at: vec4<u32>, x: vec4<f32>) {
  memory[at.x] = x.x;
  memory[at.y] = x.y;
  memory[at.z] = x.z;
  memory[at.w] = x.w;
}

// Of four points, a number for each of the four trajectories.
struct Four {
  a: vec4<f32>,
  b: vec4<f32>,
  c: vec4<f32>,
  d: vec4<f32>,
}
