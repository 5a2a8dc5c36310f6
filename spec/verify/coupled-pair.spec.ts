/** Two chains that are updated together: each changes one point at an update, and they meet. Their laws are those of the draws of gibbs/draws.spec.ts. */
import * as E from '#fp-ts/Either';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyFromSeed } from '../../src/random/key.js';
import { maternProblem } from '../../src/surrogate/matern.js';
import { coupledPair } from '../../src/verify/coupled-pair.js';

const made = maternProblem({ poolSize: 8, seed: 3 });
if (E.isLeft(made)) throw new Error('no problem');
const problem = { whitened: made.right.posterior.whitened, batchSize: 2, temperature: 0.5 };

test('a pair begins apart or not, changes one point of each at an update, and ends where it met', () => {
  for (let seed = 0; seed < 20; seed++) {
    const { path, met } = coupledPair(problem, keyFromSeed(seed), 500);
    assert.ok(Number.isFinite(met));
    assert.is(path.length, met + 1);
    path.forEach(({ x, y }, step) => {
      const same = x.every((n) => y.includes(n));
      assert.is(same, step === met);
      const before = path[step - 1];
      if (before === undefined) return;
      for (const [now, then] of [
        [x, before.x],
        [y, before.y],
      ] as const)
        assert.ok(now.filter((n, i) => n !== then[i]).length <= 1);
    });
  }
  assert.equal(coupledPair(problem, keyFromSeed(5), 500), coupledPair(problem, keyFromSeed(5), 500));
});

test('where updates are few the pair may not have met', () => {
  const parted = Array.from({ length: 20 }, (_, seed) => coupledPair(problem, keyFromSeed(seed), 1)).filter(
    ({ met }) => met === Infinity,
  );
  assert.ok(parted.length > 0);
  assert.ok(parted.every(({ path }) => path.length === 2));
});

test.run();
