// C[t, i, j] = Σ_p A[t, i, p] B[t, p, j] where both m and n are long: a thread makes a block of 8×8 outputs,
// or 8×16.
//
// Formula    src/tensor/primitives/matmul.ts, which also says when this kernel is the one
// Bindings   0 sizes and numbers of the epilogue, 1 left, 2 right; what follows is the epilogue's
// Epilogue   the engine puts behind this text: how many numbers it has (`extra`), and `store`, which is given each element of C
//            once, by its place in row-major order (src/engine/webgpu/chain-code.ts)
// Invariants The sum over p runs in order. Rows and columns past the edge are read clamped and not written.
//            WIDE: blocks of 8×16.
//            DENSE: the columns of the right operand lie next to each other, and everything else about it is a
//            multiple of four, so that four columns are one load.
//
// Blocks in registers only: with tiles in workgroup memory this ran at half the speed and less on software adapters, and
// on a GPU the loads of a step come from its nearest cache.

struct Sizes {
  batch: u32,
  m: u32,
  k: u32,
  n: u32,
  left: vec4<u32>, // strides of t, i, p; offset
  right: vec4<u32>, // strides of t, j, p; offset
  output: vec4<u32>, // strides of t, i, j
  more: array<vec4<u32>, extra>,
}

override WIDE: bool;
override DENSE: bool;

@group(0) @binding(0) var<uniform> sizes: Sizes;
@group(0) @binding(1) var<storage, read> left: array<f32>;
@group(0) @binding(2) var<storage, read> right: array<vec4<f32>>;

// The k-th four of the epilogue's numbers.
fn number(k: u32) -> vec4<u32> {
  return sizes.more[k];
}

const four = vec4<u32>(0u, 1u, 2u, 3u);

fn leftAt(at: vec4<u32>) -> vec4<f32> {
  return vec4<f32>(left[at.x], left[at.y], left[at.z], left[at.w]);
}

fn rightWord(at: u32) -> f32 {
  return right[at >> 2u][at & 3u];
}

fn rightAt(base: u32, at: vec4<u32>) -> vec4<f32> {
  if (DENSE) {
    return right[(base + at.x) >> 2u];
  }
  return vec4<f32>(
    rightWord(base + at.x),
    rightWord(base + at.y),
    rightWord(base + at.z),
    rightWord(base + at.w),
  );
}

// Four columns of a block, its rows one after another.
alias Strip = array<vec4<f32>, 8>;

fn add(strip: ptr<function, Strip>, x0: vec4<f32>, x1: vec4<f32>, y: vec4<f32>) {
  strip[0] += x0.x * y;
  strip[1] += x0.y * y;
  strip[2] += x0.z * y;
  strip[3] += x0.w * y;
  strip[4] += x1.x * y;
  strip[5] += x1.y * y;
  strip[6] += x1.z * y;
  strip[7] += x1.w * y;
}

fn write(t: u32, i: u32, j: u32, values: vec4<f32>) {
  let at = t * sizes.output.x + i * sizes.output.y + j * sizes.output.z;
  for (var c = 0u; c < 4u; c++) {
    if (i < sizes.m && j + c < sizes.n) {
      store(at + c * sizes.output.z, values[c]);
    }
  }
}

fn columnsFrom(j: u32) -> vec4<u32> {
  return min(j + four, vec4<u32>(sizes.n - 1u)) * sizes.right.y;
}

fn rowsFrom(i: u32) -> vec4<u32> {
  return min(i + four, vec4<u32>(sizes.m - 1u)) * sizes.left.y;
}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let thread = id.x + id.y * groups.x * 64u;
  let width = select(8u, 16u, WIDE);
  let across = (sizes.n + width - 1u) / width;
  let down = (sizes.m + 7u) / 8u;
  let t = thread / (across * down);
  if (t >= sizes.batch) {
    return;
  }
  let i = (thread / across) % down * 8u;
  let j = thread % across * width;
  let rows0 = rowsFrom(i);
  let rows1 = rowsFrom(i + 4u);
  let columns0 = columnsFrom(j);
  let columns1 = columnsFrom(j + 4u);
  let columns2 = columnsFrom(j + 8u);
  let columns3 = columnsFrom(j + 12u);
  var a = sizes.left.w + t * sizes.left.x;
  var b = sizes.right.w + t * sizes.right.x;
  var strip0 = Strip();
  var strip1 = Strip();
  var strip2 = Strip();
  var strip3 = Strip();
  for (var p = 0u; p < sizes.k; p++) {
    let x0 = leftAt(a + rows0);
    let x1 = leftAt(a + rows1);
    add(&strip0, x0, x1, rightAt(b, columns0));
    add(&strip1, x0, x1, rightAt(b, columns1));
    if (WIDE) {
      add(&strip2, x0, x1, rightAt(b, columns2));
      add(&strip3, x0, x1, rightAt(b, columns3));
    }
    a += sizes.left.z;
    b += sizes.right.z;
  }
  for (var r = 0u; r < 8u; r++) {
    write(t, i + r, j, strip0[r]);
    write(t, i + r, j + 4u, strip1[r]);
    if (WIDE) {
      write(t, i + r, j + 8u, strip2[r]);
      write(t, i + r, j + 12u, strip3[r]);
    }
  }
}
