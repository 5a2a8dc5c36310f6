/**
 * Class probabilities as a posterior: what it says of a point by itself is what the label says of the parameters, by the
 * definition; and the class that it expects is the likeliest.
 */
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jointMutualInformation } from '../../src/reward/exact.js';
import { classPosterior, classPredictions } from '../../src/surrogate/class-posterior.js';
import { closeTo, right } from '../linear-algebra/arbitrary.js';
import { byDefinition, labelsWithBatch, logProbability } from '../reward/categorical-cases.js';
import { runs } from '../support/property.js';

test('of one point: the mean probabilities, the likeliest class, and the information by its definition', () =>
  fc.assert(
    fc.property(labelsWithBatch, ({ posterior }) => {
      const { draws, points, classes } = posterior;
      const { probabilities, information } = classPredictions(posterior);
      const { mean, whitened } = right(classPosterior(posterior));
      for (let n = 0; n < points; n++) {
        const own = Array.from({ length: classes }, (_, c) => {
          let total = 0;
          for (let s = 0; s < draws; s++) total += Math.exp(logProbability(posterior, s, n, c)) / draws;
          return total;
        });
        own.forEach((p, c) => {
          closeTo(probabilities[n * classes + c] ?? NaN, p, 1e-12, `class ${c} of ${n}`);
        });
        closeTo(own[mean[n] ?? -1] ?? NaN, Math.max(...own), 1e-12, `class of ${n}`);
        const expected = byDefinition(posterior, [n]).jointMutualInformation;
        closeTo(information[n] ?? NaN, expected, 1e-12, `information of ${n}`);
        // A point whose deviations the factor leaves out has no direction, and says less than that.
        const alone = jointMutualInformation(whitened, [n]);
        if (alone > 0) closeTo(alone, expected, 1e-9, `JMI of ${n}`);
        else assert.ok(expected < 1e-3, `${expected} of ${n} is left out`);
      }
    }),
    runs(60),
  ));

test.run();
