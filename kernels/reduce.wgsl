// y_k = fold over r of a_(k, r): OP 0 sum, 1 max, 2 position of the first max. TYPE: 0 f32, 1 u32, 2 i32.
//
// Formula    the operand's view is kept axes, then reduced axes; element (k, r) is number k · reduced + r of it
// Bindings   0 sizes, 1 operand, 2 output; 32-bit words, reinterpreted
// Invariants One order of folding for one size: results repeat bit for bit. WIDE: a workgroup an output, its threads
//            striding over r and then a tree; else a thread an output.

struct Sizes {
  shape: vec4<u32>,
  strides: vec4<u32>,
  offset: u32,
  kept: u32,
  reduced: u32,
  unused: u32,
}

override OP: u32;
override TYPE: u32;
override WIDE: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> operand: array<u32>;
@group(0) @binding(2) var<storage, read_write> output: array<u32>;

// A value with its position; for a sum the position is not used.
struct Entry {
  word: u32,
  at: u32,
}

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

fn exceeds(a: u32, b: u32) -> bool {
  if (TYPE == 0u) {
    return bitcast<f32>(a) > bitcast<f32>(b);
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

// Folds entries of other threads onto one.
fn gather(start: Entry, first: u32, end: u32, stride: u32) -> Entry {
  var entry = start;
  for (var other = first; other < end; other += stride) {
    entry = fold(entry, Entry(words[other], places[other]));
  }
  return entry;
}

fn finish(k: u32, entry: Entry) {
  output[k] = select(entry.word, entry.at, OP == 2u);
}

@compute @workgroup_size(64)
fn main(
  @builtin(global_invocation_id) id: vec3<u32>,
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  if (WIDE) {
    let k = group.x + group.y * groups.x;
    // Rows are at least 64 long here, so every lane has an element; a group past the end works on row 0, unwritten.
    let base = select(0u, k * sizes.reduced, k < sizes.kept);
    var entry = Entry(operand[place(base + lane)], lane);
    for (var r = lane + 64u; r < sizes.reduced; r += 64u) {
      entry = fold(entry, Entry(operand[place(base + r)], r));
    }
    words[lane] = entry.word;
    places[lane] = entry.at;
    // 64 entries to 8, and 8 to one: two barriers, which are dear on software adapters.
    workgroupBarrier();
    if (lane < 8u) {
      entry = gather(entry, lane + 8u, 64u, 8u);
      words[lane] = entry.word;
      places[lane] = entry.at;
    }
    workgroupBarrier();
    if (lane == 0u && k < sizes.kept) {
      finish(k, gather(entry, 1u, 8u, 1u));
    }
  } else {
    let k = id.x + id.y * groups.x * 64u;
    if (k >= sizes.kept) {
      return;
    }
    let base = k * sizes.reduced;
    var entry = Entry(operand[place(base)], 0u);
    for (var r = 1u; r < sizes.reduced; r++) {
      entry = fold(entry, Entry(operand[place(base + r)], r));
    }
    finish(k, entry);
  }
}
