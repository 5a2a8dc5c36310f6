// Points of the pool, eight at a time: every number of a direction or query that is read serves all of them.

// Of eight.
struct Eight {
  a: Four,
  b: Four,
}

// A feature of four points, whose row begins at a place.
fn featuresAt(row: u32, points: vec4<u32>) -> vec4<f32> {
  if (DENSE) {
    return pointFeatures[(row + points.x) >> 2u];
  }
  let at = vec4<u32>(row) + points;
  return vec4<f32>(featureAt(at.x), featureAt(at.y), featureAt(at.z), featureAt(at.w));
}

fn featureAt(at: u32) -> f32 {
  return pointFeatures[at >> 2u][at & 3u];
}

// Of what four points are to the logits, the same.
fn keysAt(row: u32, points: vec4<u32>) -> vec4<f32> {
  if (DENSE) {
    return pointKeys[(row + points.x) >> 2u];
  }
  let at = vec4<u32>(row) + points;
  return vec4<f32>(keyAt(at.x), keyAt(at.y), keyAt(at.z), keyAt(at.w));
}

fn keyAt(at: u32) -> f32 {
  return pointKeys[at >> 2u][at & 3u];
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

// The four points from n on; the last of the pool in the places of those past the end.
fn fourFrom(n: u32) -> vec4<u32> {
  return min(vec4<u32>(n, n + 1u, n + 2u, n + 3u), vec4<u32>(sizes.points - 1u));
}

// The sum with h · x_p of each of four points p.
fn plus(sum: Four, h: vec4<f32>, x: vec4<f32>) -> Four {
  return Four(sum.a + h * x.x, sum.b + h * x.y, sum.c + h * x.z, sum.d + h * x.w);
}

// Σ_i held_i φ_i of the features φ of eight points; Σ_i φ_i² at the beginning.
fn sharesFrom(n: u32, begins: bool) -> Eight {
  var sum: Eight;
  let first = fourFrom(n);
  let second = fourFrom(n + 4u);
  for (var i = 0u; i < sizes.features; i++) {
    let row = sizes.columns + i * sizes.points;
    let x = featuresAt(row, first);
    let y = featuresAt(row, second);
    if (begins) {
      sum.a = plus(sum.a, vec4<f32>(1.0), x * x);
      sum.b = plus(sum.b, vec4<f32>(1.0), y * y);
    } else {
      let h = held[i];
      sum.a = plus(sum.a, h, x);
      sum.b = plus(sum.b, h, y);
    }
  }
  return sum;
}

// Σ_i held_i κ_i of what eight points are to the logits.
fn productsFrom(n: u32) -> Eight {
  var sum: Eight;
  let first = fourFrom(n);
  let second = fourFrom(n + 4u);
  for (var i = 0u; i < sizes.width; i++) {
    let row = sizes.embeddings + i * sizes.points;
    let h = held[i];
    sum.a = plus(sum.a, h, keysAt(row, first));
    sum.b = plus(sum.b, h, keysAt(row, second));
  }
  return sum;
}

// The next of eight becomes the first.
fn turned(sum: Eight) -> Eight {
  let a = Four(sum.a.b, sum.a.c, sum.a.d, sum.b.a);
  return Eight(a, Four(sum.b.b, sum.b.c, sum.b.d, sum.a.a));
}

// The variances after the last points, v ← v − (φ · d)², from v = |φ|².
fn shrink(lane: u32, variances: u32, begins: bool, chosen: vec4<u32>) {
  let size = sizes.points;
  for (var n = 8u * lane; n < size; n += 512u) {
    var shares: Eight;
    if (POLICY == 0u) {
      shares = sharesFrom(n, begins);
    }
    for (var m = n; m < min(n + 8u, size); m++) {
      var v = shares.a.a;
      if (!begins) {
        let before = fetch(variances + m, size);
        v = max(abs(before) - v * v, vec4<f32>());
        v = select(v, -max(v, vec4<f32>(1e-30)), (before < vec4<f32>()) | (vec4<u32>(m) == chosen));
      }
      put(variances + m, size, v);
      shares = turned(shares);
    }
  }
}

