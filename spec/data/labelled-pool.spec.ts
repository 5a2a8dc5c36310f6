// Labelled rows, pool and features come out of a table as they went in; what cannot be used is told with its place.
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import type { ColumnNames } from '../../src/data/columns.js';
import { labelledPool, type LabelledPool, type TargetKind } from '../../src/data/labelled-pool.js';
import { parseTable } from '../../src/data/parse-table.js';

const read = (text: string, names: ColumnNames) =>
  pipe(
    parseTable('t.csv', text),
    E.chain((table) => labelledPool(table, names)),
  );

const accepted = (text: string, names: ColumnNames): LabelledPool => {
  const result = read(text, names);
  if (E.isLeft(result)) throw new Error(showFailure(result.left));
  return result.right;
};

const message = (text: string, names: ColumnNames = { target: 'y' }): string =>
  pipe(
    read(text, names),
    E.match(showFailure, () => 'accepted'),
  );

const number = fc.double({ noNaN: true, noDefaultInfinity: true });

interface Point {
  readonly x: readonly number[];
  readonly y: number | undefined;
}

const points: fc.Arbitrary<readonly Point[]> = fc
  .integer({ min: 1, max: 4 })
  .chain((width) =>
    fc.array(
      fc.record({
        x: fc.array(number, { minLength: width, maxLength: width }),
        y: fc.option(number, { nil: undefined }),
      }),
      { minLength: 2, maxLength: 12 },
    ),
  )
  .filter((rows) => rows.some(({ y }) => y === undefined) && rows.some(({ y }) => y !== undefined))
  // Columns that vary, so that none is left out.
  .filter((rows) => rows[0]?.x.every((value, j) => rows.some(({ x }) => x[j] !== value)) ?? false);

test('the numbers, lines and split of any points survive the way through a table', () => {
  fc.assert(
    fc.property(points, fc.nat({ max: 4 }), fc.constantFrom('', ' ', '\u00a0'), (rows, place, empty) => {
      const width = rows[0]?.x.length ?? 0;
      const at = Math.min(place, width);
      const insert = (cells: readonly string[], cell: string): string =>
        [...cells.slice(0, at), cell, ...cells.slice(at)].join(',');
      const names = Array.from({ length: width }, (_, j) => `x${j}`);
      const text = [
        insert(names, 'y'),
        ...rows.map(({ x, y }) => insert(x.map(String), y === undefined ? empty : String(y))),
      ].join('\n');
      const pool = accepted(text, { target: 'y' });
      const isPool = ({ y }: Point): boolean => y === undefined;
      const values = (part: readonly Point[]): Float64Array => Float64Array.from(part.flatMap(({ x }) => x));
      const lines = (wanted: boolean): readonly number[] =>
        rows.flatMap((row, i) => (isPool(row) === wanted ? [i + 2] : []));
      assert.equal(pool.featureNames, names);
      assert.equal(pool.labelled.features.data, values(rows.filter((row) => !isPool(row))));
      assert.equal(pool.pool.features.data, values(rows.filter(isPool)));
      assert.equal(
        pool.labelled.targets,
        Float64Array.from(rows.flatMap(({ y }) => (y === undefined ? [] : [y]))),
      );
      assert.equal(pool.labelled.lines, lines(false));
      assert.equal(pool.pool.lines, lines(true));
      assert.equal(pool.remarks, []);
    }),
    { seed: 20230615, numRuns: 300 },
  );
});

test('one bad cell anywhere is one fault that names its line and its column', () => {
  const bad = fc.constantFrom('1x', 'NaN', '-inf', 'Infinity', '1e999', '0x10', '1 2', '--1', '#N/A', '');
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 20 }),
      fc.nat(),
      fc.nat({ max: 2 }),
      bad,
      (count, at, column, cell) => {
        const rows = Array.from({ length: count }, (_, i) => [
          String(i),
          String(i * i),
          i % 2 === 0 ? '' : '1',
        ]);
        const row = at % count;
        // An empty target is no fault, and a text column is another one: the target's other cells hold numbers.
        fc.pre(!(column === 2 && (cell === '' || row === 1 || row % 2 === 0)));
        const told = message(
          [
            'a,b,y',
            ...rows.map((cells, i) => cells.map((c, j) => (i === row && j === column ? cell : c)).join(',')),
          ].join('\n'),
        );
        assert.is(told.split('\n').length, 1);
        assert.match(told, `t.csv, line ${row + 2}, column ${['a', 'b', 'y'][column] ?? ''}: `);
      },
    ),
    { seed: 20230615, numRuns: 200 },
  );
});

test('named features are used in the order of their names, other columns are not looked at', () => {
  const pool = accepted('a,b,c,y\n1,2,red,3\n4,5,,\n', { target: 'y', features: ['b', 'a'] });
  assert.equal(pool.featureNames, ['b', 'a']);
  assert.equal(pool.pool.features, { rows: 1, columns: 2, data: Float64Array.of(5, 4) });
});

test('a constant column is left out with a remark', () => {
  const pool = accepted('a,b,y\n1,7,3\n4,7.0,\n', { target: 'y' });
  assert.equal(pool.featureNames, ['a']);
  assert.equal(pool.remarks, ['t.csv: the column b is 7 in every row and was left out.']);
  assert.match(message('b,y\n7,3\n7,\n'), /no feature is left/);
});

test("a spreadsheet's empty columns and rows are left out with a remark", () => {
  const pool = accepted('a,y,\n1,3,\n4,,\n,,\n', { target: 'y' });
  assert.equal(pool.remarks, [
    't.csv: column 3 has neither a name nor content and was left out.',
    't.csv: rows without any content were left out (line 4).',
  ]);
});

test('text columns are refused by name, with the features that could be used', () => {
  const told = message('a,colour,b,shape,y\n1,red,2,,3\n4,blue,5,round,\n');
  assert.is(
    told,
    [
      't.csv, line 2, column colour: the column holds text ("red" for instance) and no number. Write it as numbers, or leave it out with --features a,b.',
      't.csv, line 3, column shape: the column holds text ("round" for instance) and no number. Write it as numbers, or leave it out with --features a,b.',
    ].join('\n'),
  );
  assert.match(
    message('a,colour,y\n1,red,3\n4,blue,\n', { target: 'y', features: ['a', 'colour'] }),
    /^t\.csv, line 2, column colour: the column holds text/,
  );
  assert.match(message('a,y\n1,red\n4,\n'), /^t\.csv, line 2, column y: the target holds text/);
});

test('a decimal comma is told as such', () => {
  assert.match(
    message('a;y\n1,5;2\n2;\n'),
    /line 2, column a: "1,5" is not a number\. Write the number with a decimal/,
  );
});

test('an unknown name is told with the nearest one', () => {
  const text = 'sound_level,frequency\n1,2\n,3\n';
  assert.match(
    message(text, { target: 'soundlevel' }),
    /no column is named "soundlevel".*"sound_level" perhaps/,
  );
  assert.match(
    message(text, { target: 'zzz' }),
    /the columns are sound_level, frequency\. Name the target as/,
  );
  assert.match(
    message(text, { target: 'sound_level', features: ['Frequency'] }),
    /no column is named "Frequency".*"frequency" perhaps/,
  );
});

test('names that contradict each other are refused', () => {
  const text = 'a,b,y\n1,2,3\n3,4,\n';
  assert.match(message('a,b,a,y\n1,2,3,4\n'), /line 1, column 3: the name "a" is already that of column 1/);
  assert.match(message(text, { target: 'y', features: ['y'] }), /the target "y" is named as a feature too/);
  assert.match(message(text, { target: 'y', features: ['a', 'a'] }), /the feature "a" is named twice/);
  assert.match(message(text, { target: 'y', features: [] }), /the list of features is empty/);
  assert.match(message(',y\n1,2\n3,\n'), /line 1, column 1: the column has no name/);
});

test('several label columns are refused, listed or in the data', () => {
  assert.match(
    message('a,u,y\n1,2,3\n4,,\n', { target: 'u,y' }),
    /2 target columns are named \(u, y\), and one label/,
  );
  assert.match(
    message('a,u,y\n1,2,3\n4,,\n'),
    /column u: .* as a second label column would be.*--features a\.$/,
  );
  // A header may hold a comma itself.
  assert.is(accepted('a,"u,y"\n1,2\n4,\n', { target: 'u,y' }).targetName, 'u,y');
});

test('a table without labelled or without unlabelled rows is refused', () => {
  assert.match(message('a,y\n1,\n2,\n'), /column y: no row is labelled.*Fill in/);
  assert.match(message('a,y\n1,2\n2,3\n'), /column y: no row is unlabelled.*Leave the target cell empty/);
});

const classesOf = (
  text: string,
  kind: TargetKind = 'classes',
): readonly [readonly string[] | undefined, readonly number[]] => {
  const result = pipe(
    parseTable('t.csv', text),
    E.chain((table) => labelledPool(table, { target: 'y' }, kind)),
  );
  if (E.isLeft(result)) throw new Error(showFailure(result.left));
  return [result.right.classNames, Array.from(result.right.labelled.targets)];
};

test('labels of classes are numbered in the order of their texts, or of their sizes where all are numbers', () => {
  assert.equal(classesOf('x,y\n1,oak\n2, elm \n3,\n4,oak\n'), [
    ['elm', 'oak'],
    [1, 0, 1],
  ]);
  assert.equal(classesOf('x,y\n1,10\n2,9\n3,\n4,-1\n'), [
    ['-1', '9', '10'],
    [2, 1, 0],
  ]);
  assert.equal(classesOf('x,y\n1,10\n2,9\n3,\n4,b\n')[0], ['10', '9', 'b']);
  fc.assert(
    fc.property(fc.array(fc.constantFrom('p', 'q', 'r', ''), { minLength: 1, maxLength: 12 }), (labels) => {
      const cells = ['p', 'q', '', ...labels];
      const [names = [], targets] = classesOf(['x,y', ...cells.map((cell, i) => `${i},${cell}`)].join('\n'));
      assert.equal(
        targets.map((c) => names[c]),
        cells.filter((cell) => cell !== ''),
      );
      assert.equal([...names], [...names].sort());
    }),
  );
});

test('classes that are given are all there are, in their order; other labels are named by their lines', () => {
  const given = { classes: ['q', 'elm', 'oak'] };
  assert.equal(classesOf('x,y\n1,oak\n2, elm \n3,\n4,oak\n', given), [given.classes, [2, 1, 2]]);
  assert.equal(classesOf('x,y\n1,oak\n2,\n', given)[1], [2]);
  assert.throws(
    () => classesOf('x,y\n1,oak\n2,ELM\n3,\n4,7\n', given),
    /t\.csv, line 3, column y: "ELM" is none of the classes q, elm, oak\. [^]*"elm" perhaps[^]*line 5.*"7" is none/,
  );
});

test('one class, and more than a thousand, are refused', () => {
  const refused = (labels: readonly string[]): string =>
    pipe(
      parseTable('t.csv', ['x,y', '0,', ...labels.map((label, i) => `${i + 1},${label}`)].join('\n')),
      E.chain((table) => labelledPool(table, { target: 'y' }, 'classes')),
      E.match(showFailure, () => 'accepted'),
    );
  assert.match(refused(['a', 'a']), /all labelled rows are of one class, "a"\. Label a row of another/);
  const many = Array.from({ length: 1001 }, (_, i) => `c${i}`);
  assert.match(refused(many), /1001 different labels, more than 1000 classes/);
  assert.is(refused(many.slice(1)), 'accepted');
});

test.run();
