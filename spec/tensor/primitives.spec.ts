// Every primitive obeys the law of spec/support/check.ts, on every engine.
import { test } from 'uvu';
import { primitiveNames } from '../../src/tensor/primitives/index.js';
import { check } from '../support/check.js';
import { closeEngines, openEngines } from '../support/engines.js';
import { shares, tolerances } from '../support/tolerances.js';

const engines = await openEngines();

for (const name of primitiveNames) test(name, () => check(engines, name, 40));

test('nothing is left on the engines', async () => {
  const used = [...shares].map(([row, share]) => `${row} ${tolerances[row]}: ${share.toPrecision(2)}`);
  console.log(`# largest errors as shares of their tolerances: ${used.join('; ')}`);
  console.log(
    `# ${engines.map((engine) => `${engine.description}, ${engine.counters().pipelines} pipelines`).join('; ')}`,
  );
  await closeEngines(engines);
});

test.run();
