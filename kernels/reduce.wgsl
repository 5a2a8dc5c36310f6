// y_k = fold over r of a_(k, r): OP 0 sum, 1 max, 2 position of the first max. TYPE: 0 f32, 1 u32, 2 i32.
//
// Formula    the operand's view is kept axes, then reduced axes; element (k, r) is number k · reduced + r of it, or FLAT,
//            where the reduced axes are one, r steps from number k of the kept axes
// Bindings   0 sizes, 1 operand, 2 output; 32-bit words, reinterpreted
// Invariants One order of folding for one size: results repeat bit for bit. SLICES threads share an output, each of
//            them r, r + SLICES, …, and their entries are folded in order: 1, a thread an output; 8, eight outputs a
//            workgroup; 64, one.
//
// Neighbouring threads read neighbouring words, whichever axis is the dense one: of eight slices and eight outputs, the
// slices of one row come next to each other, or (`across`) the outputs of one slice.

struct Sizes {
  shape: vec4<u32>,
  strides: vec4<u32>,
  offset: u32,
  kept: u32,
  reduced: u32,
  step: u32, // stride of the reduced axis, where it is one
  across: u32,
}

override OP: u32;
override TYPE: u32;
override SLICES: u32;
override FLAT: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> operand: array<u32>;
@group(0) @binding(2) var<storage, read_write> output: array<u32>;

// A value with its position; for a sum the position is not used.
struct Entry {
  word: u32,
  at: u32,
}

// Of slice s and output o of the workgroup at s · outputs + o.
var<workgroup> words: array<u32, 64>;
var<workgroup> places: array<u32, 64>;

fn place(i: u32) -> u32 {
  let row = i / sizes.shape.w;
  let plane = row / sizes.shape.z;
  let block = plane / sizes.shape.y;
  // Remainders by multiplication: division is the slow part of a view.
  let at = vec4<u32>(block, plane - block * sizes.shape.y, row - plane * sizes.shape.z, i - row * sizes.shape.w);
  return sizes.offset + dot(at, sizes.strides);
}

fn plus(a: u32, b: u32) -> u32 {
  if (TYPE == 0u) {
    return bitcast<u32>(bitcast<f32>(a) + bitcast<f32>(b));
  }
  return a + b;
}

// NaN by its bits: a compiler may take a comparison of floats for one without NaN.
fn isNan(x: u32) -> bool {
  return (x & 0x7fffffffu) > 0x7f800000u;
}

// NaN exceeds every number, and no NaN another.
fn exceeds(a: u32, b: u32) -> bool {
  if (TYPE == 0u) {
    return !isNan(b) && (isNan(a) || bitcast<f32>(a) > bitcast<f32>(b));
  }
  if (TYPE == 1u) {
    return a > b;
  }
  return bitcast<i32>(a) > bitcast<i32>(b);
}

fn fold(a: Entry, b: Entry) -> Entry {
  if (OP == 0u) {
    return Entry(plus(a.word, b.word), 0u);
  }
  // Neither exceeds the other where they are equal, also where one is -0.
  let later = exceeds(b.word, a.word) || (!exceeds(a.word, b.word) && b.at < a.at);
  if (later) {
    return b;
  }
  return a;
}

// Folds elements r, r + SLICES, … of output k.
fn slice(k: u32, start: u32) -> Entry {
  if (FLAT) {
    var at = place(k) + start * sizes.step;
    var entry = Entry(operand[at], start);
    for (var r = start + SLICES; r < sizes.reduced; r += SLICES) {
      at += SLICES * sizes.step;
      entry = fold(entry, Entry(operand[at], r));
    }
    return entry;
  }
  let base = k * sizes.reduced;
  var entry = Entry(operand[place(base + start)], start);
  for (var r = start + SLICES; r < sizes.reduced; r += SLICES) {
    entry = fold(entry, Entry(operand[place(base + r)], r));
  }
  return entry;
}

// Folds entries of other threads onto one.
fn gather(start: Entry, first: u32, end: u32, stride: u32) -> Entry {
  var entry = start;
  for (var other = first; other < end; other += stride) {
    entry = fold(entry, Entry(words[other], places[other]));
  }
  return entry;
}

fn finish(k: u32, entry: Entry) {
  if (k < sizes.kept) {
    output[k] = select(entry.word, entry.at, OP == 2u);
  }
}

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  let outputs = 64u / SLICES;
  let first = (group.x + group.y * groups.x) * outputs;
  if (SLICES == 1u) {
    if (first + lane < sizes.kept) {
      finish(first + lane, slice(first + lane, 0u));
    }
    return;
  }
  let along = sizes.across == 0u;
  let o = select(lane % outputs, lane / SLICES, along);
  let s = select(lane / outputs, lane % SLICES, along);
  // Every slice has an element; an output past the end works on the last one, unwritten.
  var entry = slice(min(first + o, sizes.kept - 1u), s);
  words[s * outputs + o] = entry.word;
  places[s * outputs + o] = entry.at;
  workgroupBarrier();
  if (SLICES == 64u) {
    // 64 entries to 8 here, 8 to one below: barriers are dear on software adapters.
    if (lane < 8u) {
      entry = gather(Entry(words[lane], places[lane]), lane + 8u, 64u, 8u);
      words[lane] = entry.word;
      places[lane] = entry.at;
    }
    workgroupBarrier();
  }
  if (lane < outputs) {
    finish(first + lane, gather(Entry(words[lane], places[lane]), lane + outputs, 8u * outputs, outputs));
  }
}
