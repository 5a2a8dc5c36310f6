/** The greedy completion in programs is that of the host, and its places' conditionals are those of Gibbs updates. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { completionOf } from '../../src/gflownet/policies/greedy-completion.js';
import { gibbsTargetOf, type Problem } from '../../src/gflownet/problem.js';
import { conditionalAt } from '../../src/gibbs/update.js';
import { input } from '../../src/tensor/operations.js';
import { program } from '../../src/tensor/program.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { greedyCompletion } from '../support/greedy-completion.js';
import { randomPool } from '../support/pools.js';
import { answerAt, near, settingsOf } from '../support/settings.js';

const engines = await openEngines();
const settings = settingsOf(engines);

const size = 8;
const batchSize = 5;
const problem: Problem = { whitened: randomPool(size, 3, 1, 1.5), batchSize, temperature: 0.3 };

const zeros = Array.from({ length: size }, () => 0);
const gram = zeros.map((_, n) =>
  zeros.map((__, m) =>
    [0, 1, 2].reduce(
      (dot, j) => dot + (problem.whitened.data[3 * n + j] ?? 0) * (problem.whitened.data[3 * m + j] ?? 0),
      0,
    ),
  ),
);

/** L⁻¹ K_sN by rows. */
const sharesOf = (subset: readonly number[]): readonly (readonly number[])[] =>
  subset.reduce<readonly (readonly number[])[]>((before, m) => {
    const left = zeros.map((_, n) =>
      before.reduce((c, share) => c - (share[m] ?? 0) * (share[n] ?? 0), gram[m]?.[n] ?? 0),
    );
    return [...before, left.map((c) => c / Math.sqrt(1 + (left[m] ?? 0)))];
  }, []);

/** The completions of states of at most two members, `mixed` or all of one size. */
const completed = (subsets: readonly (readonly number[])[], picks: number, mixed: boolean) => {
  const count = subsets.length;
  const { counts, gains, conditionals, picked, after, partial } = completionOf({
    gram: input('gram', 'f32', [size, size]),
    shares: input('shares', 'f32', [count, 2, size]),
    variances: input('variances', 'f32', [count, size]),
    allowed: input('allowed', 'u32', [count, size]),
    remaining: input('remaining', 'f32', [count, 1]),
    ...{ picks, mixed },
    inverseTemperature: input('inverseTemperature', 'f32', [count, 1]),
  });
  const shares = subsets.map(sharesOf);
  const values = {
    gram: Float64Array.from(gram.flat()),
    shares: Float64Array.from(shares.flatMap((own) => [...own, zeros, zeros].slice(0, 2).flat())),
    variances: Float64Array.from(
      shares.flatMap((own) =>
        gram.map((row, n) => own.reduce((v, share) => v - (share[n] ?? 0) ** 2, row[n] ?? 0)),
      ),
    ),
    allowed: Uint32Array.from(subsets.flatMap((subset) => zeros.map((_, n) => (subset.includes(n) ? 0 : 1)))),
    remaining: Float64Array.from(subsets, (subset) => batchSize - subset.length - 1),
    inverseTemperature: new Float64Array(count).fill(1 / problem.temperature),
  };
  const running = program({ counts, gains, conditionals, picked, after, partial }, {}, [
    input('remaining', 'f32', [count, 1]),
  ]);
  return { running, values };
};

/** The same on the host: conditionals by place, then picks. */
const expected = (subset: readonly number[]) => {
  const { target, beta } = gibbsTargetOf(problem);
  const members = greedyCompletion(problem.whitened, subset, batchSize);
  const batch = target.utility.batchFrom(members);
  const weights = new Float64Array(size);
  return {
    picks: members.slice(subset.length),
    conditionals: members.slice(subset.length).map((_, j) => {
      const { total } = conditionalAt(batch, subset.length + j, beta, weights);
      return Array.from(weights, (w) => w / total);
    }),
  };
};

for (const setting of settings)
  for (const { name, subsets, picks, mixed } of [
    { name: 'states of several sizes', subsets: [[], [2], [1, 4]], picks: 5, mixed: true },
    { name: 'states of one size', subsets: [[6], [3]], picks: 4, mixed: false },
  ])
    test(`the conditionals of the places of ${name} are those of Gibbs updates, ${setting.name}`, async () => {
      const { running, values } = completed(subsets, picks, mixed);
      const found = await answerAt(setting, running, values);
      subsets.forEach((subset, s) => {
        const own = expected(subset);
        for (let place = 0; place < picks; place++) {
          const from = (s * picks + place) * size;
          const conditional = own.conditionals[place] ?? Array.from({ length: size }, () => 0);
          near(
            setting,
            found['conditionals']?.slice(from, from + size),
            conditional,
            `place ${place} of ${subset.join()}`,
          );
          const picked = Array.from(found['picked']?.slice(from, from + size) ?? []);
          assert.is(picked.indexOf(1), own.picks[place] ?? -1, `pick ${place} of ${subset.join()}`);
          assert.is(found['counts']?.[s * picks + place], place < own.picks.length ? 1 : 0);
        }
      });
    });

test('engines are left empty', () => closeEngines(engines));

test.run();
