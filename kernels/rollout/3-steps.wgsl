// The phases of a step, each by all lanes of a workgroup, and the steps of four trajectories one after the other.

// What lanes added up, in order.
fn total() -> vec4<f32> {
  var sum = parts[0];
  for (var l = 1u; l < 64u; l++) {
    sum += parts[l];
  }
  return sum;
}

// Column j of the product of `layer` with weights in rows of `columns`.
fn columnOf(weights: u32, columns: u32, j: u32) -> vec4<f32> {
  var sum = vec4<f32>();
  for (var i = 0u; i < sizes.width; i++) {
    sum += layer[i] * parameters[weights + i * columns + j];
  }
  return sum;
}

// The query of the state, into `held`. A lane has the same columns of the aggregate throughout.
fn query(lane: u32, aggregates: u32, step: u32) {
  let width = sizes.width;
  let warmth = scalars[sizes.offsetScalars + 1u];
  for (var j = lane; j < width; j += 64u) {
    layer[j] = fetch(aggregates + 4u * j, 1u);
  }
  workgroupBarrier();
  let part = f32(step) / f32(sizes.steps);
  for (var j = lane; j < width; j += 64u) {
    let bias = part * parameters[sizes.query1 + width * width + j] + parameters[sizes.query1Bias + j];
    let sum = columnOf(sizes.query1, width, j) + bias;
    let shift = parameters[sizes.temperature1 + j] + warmth * parameters[sizes.temperature2 + j];
    held[j] = activation(sum + warmth * shift);
  }
  workgroupBarrier();
  for (var j = lane; j < width; j += 64u) {
    layer[j] = held[j];
  }
  workgroupBarrier();
  for (var j = lane; j < width; j += 64u) {
    held[j] = activation(columnOf(sizes.query2, width, j) + parameters[sizes.query2Bias + j]);
  }
  workgroupBarrier();
  for (var j = lane; j < width; j += 64u) {
    layer[j] = held[j];
  }
  workgroupBarrier();
  let columns = select(width, width + 3u, POLICY == 0u);
  for (var j = lane; j < columns; j += 64u) {
    held[j] = columnOf(sizes.query3, columns, j) + parameters[sizes.query3Bias + j];
  }
  workgroupBarrier();
}

// Children 0 and 1 of the key of a step: of child `step` of child 0 of a block's key.
fn childrenOf(block: u32, step: u32) -> Blocks {
  var key = vec2<u32>(keys[sizes.offsetKeys + 2u * block], keys[sizes.offsetKeys + 2u * block + 1u]);
  var children: Blocks;
  for (var depth = 0u; depth < select(2u, 3u, TRACE); depth++) {
    let own = vec4<u32>(select(0u, step, depth == 1u), 1u, 0u, 0u);
    children = threefry(key, own, 1u);
    key = vec2<u32>(children.x.x, children.y.x);
  }
  return children;
}

// Whether the step of a trajectory is uniform, by a key for that.
fn explores(key: vec2<u32>, row: vec4<u32>) -> vec4<bool> {
  let words = threefry(key, row / 2u, 0u);
  let own = select(words.x, words.y, (row & vec4<u32>(1u)) == vec4<u32>(1u));
  return uniform01(own) < vec4<f32>(scalars[sizes.offsetScalars + 2u]);
}

// No point.
const nobody = 0xffffffffu;

// What trajectories are given, or no point.
fn givenTo(row: vec4<u32>, step: u32) -> vec4<u32> {
  var point = vec4<u32>(nobody);
  for (var c = 0u; c < 4u; c++) {
    if (row[c] >= sizes.drawn) {
      point[c] = given[sizes.offsetGiven + (row[c] - sizes.drawn) * sizes.steps + step];
    }
  }
  return point;
}

// Not a constant, of which WGSL allows no NaN.
fn notANumber(step: u32) -> vec4<f32> {
  return bitcast<vec4<f32>>(vec4<u32>(0x7fc00000u | (step & 1u)));
}

// A lane's points: into `layer`, `places` and `parts` the best score, logit + Gumbel noise, its point, and log Σ exp(logit), NaN
// where a logit is. Returns the logit of that point. `traced` is where the trace of the trajectories' states begins.
fn score(lane: u32, row: vec4<u32>, step: u32, block: u32, variances: u32, traced: vec4<u32>) -> vec4<f32> {
  let size = sizes.points;
  // Where steps may be uniform, child 0 of a step's key is for the noise and child 1 for that.
  let children = childrenOf(block, step);
  let key = vec2<u32>(children.x.x, children.y.x);
  var uniformly = vec4<bool>();
  var forced = vec4<u32>(nobody);
  if (TRACE) {
    uniformly = explores(vec2<u32>(children.x.y, children.y.y), row);
    forced = givenTo(row, step);
  }
  let coldness = scalars[sizes.offsetScalars];
  let remaining = f32(sizes.steps - step - 1u);
  var best = lowest;
  var own = vec4<u32>(0xffffffffu);
  var logit = vec4<f32>();
  // The largest logit, with Σ exp(logit − largest).
  var top = lowest;
  var sum = vec4<f32>();
  // A logit that is NaN, in which comparisons do not see it.
  var lost = vec4<bool>();
  for (var n = 8u * lane; n < size; n += 512u) {
    var products = productsFrom(n);
    var words: Blocks;
    for (var m = n; m < min(n + 8u, size); m++) {
      // Number i of a stream is word i mod 2 of block i / 2.
      let number = row * size + m;
      if ((m & 1u) == 0u || (size & 1u) == 1u) {
        words = threefry(key, number / 2u, 0u);
      }
      let noise = gumbel(select(words.x, words.y, (number & vec4<u32>(1u)) == vec4<u32>(1u)));
      let v = fetch(variances + m, size);
      let l = logitOf(products.a.a, abs(v), coldness, remaining);
      let allowed = v >= vec4<f32>();
      lost = lost | (allowed & isNan(l)) | isNan(v);
      var value = l + noise;
      if (TRACE) {
        // Nothing but what is given is better than nothing.
        let gives = select(lowest, vec4<f32>(), vec4<u32>(m) == forced);
        value = select(select(value, noise, uniformly), gives, forced != vec4<u32>(nobody));
        scatter(traced + sizes.tracedLogits + m, select(lowest, l, allowed));
        scatter(traced + sizes.tracedVariances + m, abs(v));
      }
      let better = allowed & (value > best);
      best = select(best, value, better);
      own = select(own, vec4<u32>(m), better);
      logit = select(logit, l, better);
      // What lies 80 beneath the largest is nothing beside it.
      let beneath = exp(max(-abs(l - top), vec4<f32>(-80.0)));
      sum = select(sum, select(sum + beneath, sum * beneath + 1.0, l > top), allowed);
      top = select(top, l, allowed & (l > top));
      products = turned(products);
    }
  }
  layer[lane] = best;
  places[lane] = own;
  let logTotal = select(lowest, top + log(max(sum, vec4<f32>(1.0))), top > lowest);
  parts[lane] = select(logTotal, notANumber(step), lost);
  return logit;
}

// Of all lanes, in order: the point of the best score into `point`. Returns log Σ exp(logit), NaN where a logit is.
fn fold(step: u32, point: ptr<function, vec4<u32>>) -> vec4<f32> {
  var best = layer[0];
  var chosen = places[0];
  var top = parts[0];
  var lost = isNan(parts[0]);
  for (var l = 1u; l < 64u; l++) {
    lost = lost | isNan(parts[l]);
    let other = layer[l];
    let better = (other > best) | ((other == best) & (places[l] < chosen));
    best = select(best, other, better);
    chosen = select(chosen, places[l], better);
    top = max(top, parts[l]);
  }
  var sum = vec4<f32>();
  for (var l = 0u; l < 64u; l++) {
    sum += exp(max(parts[l] - top, vec4<f32>(-80.0)));
  }
  *point = min(chosen, vec4<u32>(sizes.points - 1u));
  return select(top + log(sum), notANumber(step), lost);
}

// The points join: d = (φ − Σ_j d_j (d_j · φ)) / √(1 + v) into `held` and the directions. Returns 1 + v.
fn join(lane: u32, chosen: vec4<u32>, step: u32, directions: u32, aggregates: u32) -> vec4<f32> {
  let depth = sizes.features;
  let width = sizes.width;
  for (var i = lane; i < depth; i += 64u) {
    let at = sizes.columns + i * sizes.points + chosen;
    held[i] = vec4<f32>(featureAt(at.x), featureAt(at.y), featureAt(at.z), featureAt(at.w));
  }
  for (var j = lane; j < width; j += 64u) {
    let at = sizes.members + j + chosen * width;
    let joins = vec4<f32>(pointMembers[at.x], pointMembers[at.y], pointMembers[at.z], pointMembers[at.w]);
    put(aggregates + 4u * j, 1u, fetch(aggregates + 4u * j, 1u) + joins);
  }
  workgroupBarrier();
  for (var j = lane; j < step; j += 64u) {
    var sum = vec4<f32>();
    for (var i = 0u; i < depth; i++) {
      sum += held[i] * fetch(directions + (j * depth + i) * 4u, 1u);
    }
    layer[j] = sum;
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
  return spread;
}

@compute @workgroup_size(64)
fn main(
  @builtin(local_invocation_index) lane: u32,
  @builtin(workgroup_id) workgroup: vec3<u32>,
  @builtin(num_workgroups) workgroups: vec3<u32>,
) {
  let groups = (sizes.side + 3u) / 4u;
  let g = workgroup.x + workgroup.y * workgroups.x;
  if (g >= groups * sizes.keys) {
    return;
  }
  let block = g / groups;
  let first = g % groups * 4u;
  // Trajectories past the end repeat the last of their key and are not written.
  let row = min(vec4<u32>(first, first + 1u, first + 2u, first + 3u), vec4<u32>(sizes.side - 1u));
  let variances = sizes.variances + g * 4u * sizes.points;
  let directions = sizes.directions + g * sizes.steps * sizes.features * 4u;
  let aggregates = sizes.aggregates + g * sizes.width * 4u;
  var chosen = vec4<u32>();

  for (var j = lane; j < sizes.width; j += 64u) {
    put(aggregates + 4u * j, 1u, vec4<f32>());
  }
  for (var step = 0u; step < sizes.steps; step++) {
    shrink(lane, variances, step == 0u, chosen);
    workgroupBarrier();
    query(lane, aggregates, step);
    let traced = ((vec4<u32>(block * sizes.side) + row) * sizes.steps + step) * sizes.points;
    let logit = score(lane, row, step, block, variances, traced);
    workgroupBarrier();
    let own = places[lane];
    let logTotal = fold(step, &chosen);
    let lost = isNan(logTotal);
    let logForward = select(logit - logTotal, notANumber(step), lost);
    let spread = join(lane, chosen, step, directions, aggregates);
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
