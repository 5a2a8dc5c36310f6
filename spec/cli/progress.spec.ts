// The line of progress: on terminals alone, never wider than they are, gone when cleared.
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compilingShown, progressLine, progressText } from '../../src/cli/progress.js';

const ERASE = '\r\u001b[2K';

const progress = fc.record({
  stage: fc.constantFrom('training', 'drawing'),
  done: fc.nat({ max: 1_000 }),
  total: fc.nat({ max: 1_000 }),
  note: fc.constantFrom('', 'loss 0.1', 'x'.repeat(200)),
});

test('the bar is full at the end, empty at the start, and never wider than the terminal', () => {
  assert.match(progressText({ stage: 's', done: 5, total: 5, note: '' }), /^s █{24} 5\/5$/);
  assert.match(progressText({ stage: 's', done: 0, total: 0, note: 'n' }), /^s ░{24} 0\/0 n$/);
  fc.assert(
    fc.property(progress, fc.integer({ min: 10, max: 200 }), (shown, columns) => {
      const written: string[] = [];
      const line = progressLine({ isTTY: true, columns, write: (text) => written.push(text) });
      line.show(shown);
      assert.is(written.length, 1);
      assert.ok((written[0] ?? '').startsWith(ERASE));
      assert.ok((written[0] ?? '').length - ERASE.length < columns);
      line.clear();
      line.clear();
      assert.equal(written.slice(1), [ERASE]);
    }),
    { seed: 20230615, numRuns: 200 },
  );
});

test('nothing is written where stderr is no terminal', () => {
  const written: string[] = [];
  const line = progressLine({ isTTY: false, write: (text) => written.push(text) });
  line.show({ stage: 's', done: 1, total: 2, note: '' });
  line.clear();
  assert.equal(written, []);
});

test('the line is drawn at intervals, and at the end of a stage', () => {
  const written: string[] = [];
  let time = 0;
  const line = progressLine({ isTTY: true, write: (text) => written.push(text) }, () => time, 10);
  for (time = 0; time < 25; time++) line.show({ stage: 's', done: time, total: 100, note: '' });
  assert.is(written.length, 3);
  line.show({ stage: 's', done: 100, total: 100, note: '' });
  assert.is(written.length, 4);
});

test('kernels that are being compiled are a stage of their own', () => {
  const shown: string[] = [];
  compilingShown((progress) => shown.push(progressText(progress)))(12, 30);
  assert.match(shown.join(), /^compiling kernels █+░+ 12\/30$/);
});

test.run();
