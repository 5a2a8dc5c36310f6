/**
 * Does log Z by annealing lie as often within so many of its standard errors as it says? On listed targets, with populations that
 * are far too small for one of them to be near: the error over its standard error has nearly Student's law of R − 1 degrees of
 * freedom, stretched by √((R − 1)/(R − 3)).
 */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { annealed } from '../../src/gibbs/annealing.js';
import { keyFromSeed, split } from '../../src/random/key.js';
import { studentWithin } from '../../src/report/student.js';
import { atOnce } from '../../src/work.js';
import { maternPool, randomPool } from '../support/pools.js';
import { cases, listed, type Listed } from './cases.js';

const REPETITIONS = 160;

const all: readonly Listed[] = [
  ...cases,
  listed('Matérn pool of 15, T = 0.05', { whitened: maternPool(15, 0), batchSize: 3, temperature: 0.05 }),
  listed('seven points of ten', { whitened: randomPool(10, 4, 3), batchSize: 7, temperature: 0.05 }),
];

/** Errors of log Z, and what is said of each. */
const errorsOf = ({ target, beta, exact }: Listed, replicates: number) =>
  Array.from({ length: REPETITIONS }, (_, i) => {
    const key = split(keyFromSeed(23), i);
    const { logPartition, standardError } = atOnce(
      annealed(target, beta, { key, replicates, chains: 2, updates: 6 }),
    );
    return { error: Math.abs(logPartition - exact.logZ), standardError };
  });

for (const [i, listed] of all.entries())
  for (const replicates of i === 0 ? [4, 8] : [8])
    test(`${listed.name}: ${replicates} replicates cover log Z as often as they say`, () => {
      const errors = errorsOf(listed, replicates);
      const stretch = Math.sqrt((replicates - 1) / (replicates - 3));
      for (const within of [1, 2, 3]) {
        const covered = errors.filter((one) => one.error <= within * one.standardError).length / REPETITIONS;
        const said = studentWithin(within * stretch, replicates - 1);
        // Five standard deviations of so many coins: a right rate is missed once in three million.
        const slack = 5 * Math.sqrt((said * (1 - said)) / REPETITIONS);
        assert.ok(Math.abs(covered - said) < slack, `within ${within}: ${covered}, said ${said}`);
      }
    });

test('of fewer than four replicates the error is not known; at β = 0 there is none', () => {
  const [{ target, beta }] = all as readonly [Listed];
  const key = keyFromSeed(1);
  const errorOf = (at: number, replicates: number): number =>
    atOnce(annealed(target, at, { key, replicates, chains: 2, updates: 4 })).standardError;
  assert.equal([errorOf(beta, 1), errorOf(beta, 3)], [Infinity, Infinity]);
  assert.ok(errorOf(beta, 4) < Infinity);
  assert.is(errorOf(0, 4), 0);
});

test.run();
