// Mutants: each is one change that compiles to something else, in every part of the language that is changed; without a fault the
// program is what the compiler made of it; and the nearest specs come first.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compiledOf, root, sources } from './compile.js';
import { importersIn, specsFor } from './graph.js';
import { diffOf, mutantsOf, mutated } from './mutants.js';

const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');

const some = fc.constantFrom(...sources);

test('without a fault a file is what the compiler made of it', () => {
  fc.assert(
    fc.property(some, (file) => {
      const compiled = readFileSync(path.join(root, '.build', file.replace(/\.ts$/, '.js')), 'utf8');
      assert.is(
        compiledOf(file, textOf(file)).trim(),
        compiled.replace(/\n?\/\/# sourceMappingURL=.*/, '').trim(),
      );
    }),
    { seed: 1, numRuns: 12 },
  );
});

test('every mutant is one change, and what it compiles to is another program', () => {
  fc.assert(
    fc.property(some, fc.nat(), (file, at) => {
      const text = textOf(file);
      const all = mutantsOf(file, text);
      const mutant = all[at % Math.max(1, all.length)];
      if (mutant === undefined) return;
      const changed = mutated(text, mutant);
      assert.is(changed.length, text.length - (mutant.end - mutant.start) + mutant.after.length);
      assert.is.not(compiledOf(file, changed), compiledOf(file, text));
      const { line, diff } = diffOf(text, mutant);
      assert.ok(line >= 1 && line <= text.split('\n').length);
      assert.match(diff, /^- [^]*^\+ /m);
    }),
    { seed: 2, numRuns: 40 },
  );
});

test('the changes by hand', () => {
  const text = `const f = (a: number, n: 3): boolean => a < 1 && !g(a, n - 2);
const s = (a: number) => a.toString();
const h = (x: string): number => { if (x !== 'a' + x) k(x); return Math.max(x.length, 4); };
`;
  const seen = mutantsOf('f.ts', text).map(
    ({ operator, start, end, after }) => `${operator}: ${text.slice(start, end)} → ${after}`,
  );
  assert.equal(seen, [
    'result: a < 1 && !g(a, n - 2) → true',
    'result: a < 1 && !g(a, n - 2) → false',
    'operator: && → ||',
    'operator: < → <=',
    'operator: < → >=',
    'constant: 1 → 0',
    'negation: !g(a, n - 2) → g(a, n - 2)',
    'arguments: g(a, n - 2) → g(n - 2, a)',
    'operator: - → +',
    'constant: 2 → 3',
    "condition: x !== 'a' + x → true",
    "condition: x !== 'a' + x → false",
    'operator: !== → ===',
    'statement: k(x); → ;',
    'result: Math.max(x.length, 4) → 0',
    'result: Math.max(x.length, 4) → 1',
    'function: max → min',
    'constant: 4 → 5',
  ]);
});

test('what is no change is not made: exchanged operands of a sum of tensors, an element that a loop cannot lack', () => {
  const operatorsOf = (text: string): readonly string[] =>
    mutantsOf('f.ts', text).map(({ operator, start, end }) => `${operator}: ${text.slice(start, end)}`);
  const operations = "import { add, sub } from '../tensor/operations.js';\n";
  assert.equal(operatorsOf(`${operations}const f = (a, b) => add(a, sub(a, b));`), ['arguments: sub(a, b)']);
  assert.equal(operatorsOf("import { add } from './sums.js';\nconst f = (a, b) => add(a, b);"), [
    'arguments: add(a, b)',
  ]);
  const looped = operatorsOf('for (let i = 0; i < x.length; i++) y[i] = (x[i] ?? 2) + (y[i] ?? 3);');
  assert.ok(!looped.includes('constant: 2') && looped.includes('constant: 3'), looped.join());
  assert.equal(operatorsOf('const y = x[i] ?? 2;'), ['constant: 2']);
});

test('the nearest specs come first, that with the name of the file before others', () => {
  const importers = importersIn(path.join(root, '.build'));
  const [first] = specsFor(importers, 'src/printable.js');
  assert.equal(first, { spec: 'spec/printable.spec.js', distance: 1 });
  const seeing = specsFor(importers, 'src/random/key.js');
  assert.is(seeing[0]?.spec, 'spec/random/key.spec.js');
  const distances = seeing.map(({ distance }) => distance);
  assert.equal(
    distances,
    distances.toSorted((a, b) => a - b),
  );
  const specs = seeing.map(({ spec }) => spec);
  assert.is(new Set(specs).size, specs.length);
  assert.ok(specs.length > 20 && specs.every((spec) => spec.endsWith('.spec.js')));
  assert.equal(specsFor(importers, 'src/none.js'), []);
});

test.run();
