// Labelled rows, pool and features come out of a table as they went in; what cannot be used is told with its place.
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import type { ColumnNames } from '../../src/data/columns.js';
import { labelledPool, labelledRows, type LabelledPool } from '../../src/data/labelled-pool.js';
import type { TargetKind } from '../../src/data/target-cells.js';
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
        // A column that is empty where the target is would be a second one.
        fc.pre(!(count === 2 && row === 0 && ['', 'NaN', '#N/A'].includes(cell)));
        // A target that is empty, or says that nothing is known, is no fault, and a text column is another one: the target's
        // other cells hold numbers.
        fc.pre(!(column === 2 && (['', 'NaN', '#N/A'].includes(cell) || row === 1 || row % 2 === 0)));
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

test('text columns that are named are refused, with the features that could be used', () => {
  const text = 'a,colour,b,shape,y\n1,red,2,,3\n4,blue,5,round,\n';
  assert.is(
    message(text, { target: 'y', features: ['a', 'b', 'colour', 'shape'] }),
    ['colour', 'shape']
      .map(
        (name, i) =>
          `t.csv, line ${i + 2}, column ${name}: the column holds text (${i === 0 ? '"red"' : '"round"'} for instance) and no number. Write it as numbers, take it as kinds with --categorical, or leave it out with --features a,b.`,
      )
      .join('\n'),
  );
  assert.match(message('a,y\n1,red\n4,\n'), /^t\.csv, line 2, column y: the target holds text/);
});

test('a decimal comma where a comma separates cells is told as such', () => {
  assert.match(
    message('a,x,y\n"1,5",1,2\n"2,5",2,\n'),
    /line 2, column a: the column holds text \("1,5" for instance\).* Write a decimal/,
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
  // A column without a name that counts the rows is an index; one that does not is none, wherever it begins.
  for (const [cells, counts] of [
    [[0, 1, 2], true],
    [[1, 2, 3], true],
    [[1, 3, 2], false],
    [[0, 1, 1], false],
    [[2, 3, 4], false],
  ] as const) {
    const text = `,y\n${cells.map((cell, i) => `${cell},${i < 2 ? i : ''}\n`).join('')}`;
    assert.match(message(text), /line 1, column 1: the column has no name in the header/);
    assert.is(message(text).includes('and it counts the rows'), counts, cells.join());
  }
});

test('several label columns are refused, listed or in the data', () => {
  assert.match(
    message('a,u,y\n1,2,3\n4,,\n', { target: 'u,y' }),
    /2 target columns are named \(u, y\), and one label/,
  );
  assert.match(message('a,u,y\n1,2,3\n4,,\n'), /column u: .* as a second column of labels.*--features a\.$/);
  // A header may hold a comma itself.
  assert.is(accepted('a,"u,y"\n1,2\n4,\n', { target: 'u,y' }).targetName, 'u,y');
});

test('a table without unlabelled rows is refused, and one without labelled rows where it is to be simulated on', () => {
  for (const kind of ['numbers', 'classes'] as const) {
    const refused = pipe(
      parseTable('t.csv', 'a,y\n1,\n2,\n'),
      E.chain((table) => labelledRows(table, { target: 'y' }, kind)),
      E.match(showFailure, () => 'accepted'),
    );
    assert.match(refused, /column y: no row is labelled.*Fill in/);
    assert.match(
      remarksOf('a,y\n1,\n2,\n', kind).join(),
      /no row is labelled, so the batch is chosen by the features alone/,
    );
  }
  const { labelled, pool, remarks } = accepted('a,y\n1,\n2,\n', { target: 'y' });
  assert.equal([labelled.targets.length, pool.lines], [0, [2, 3]]);
  assert.match(remarks.join(), /no row is labelled, so the batch is chosen by the features alone/);
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

test('one class is refused where it is to be simulated on, and more than a thousand are', () => {
  const refused = (labels: readonly string[], read = labelledPool): string =>
    pipe(
      parseTable('t.csv', ['x,y', '0,', ...labels.map((label, i) => `${i + 1},${label}`)].join('\n')),
      E.chain((table) => read(table, { target: 'y' }, 'classes')),
      E.match(showFailure, ({ remarks }) => `accepted${remarks.join()}`),
    );
  const one = /all labelled rows are of one class, "a"\. Label a row of another/;
  assert.match(refused(['a', 'a'], labelledRows), one);
  const said =
    /^accepted.*all labelled rows are of one class, "a", so the batch is chosen by the features alone/;
  assert.match(refused(['a', 'a']), said);
  const many = Array.from({ length: 1001 }, (_, i) => `c${i}`);
  assert.match(refused(many), /1001 different labels, more than 1000 classes/);
  assert.match(refused(many.slice(1)), /^accepted/);
});

const remarksOf = (text: string, kind: TargetKind = 'numbers', target = 'y'): readonly string[] =>
  pipe(
    parseTable('t.csv', text),
    E.chain((table) => labelledPool(table, { target }, kind)),
    E.match(
      (failure) => [showFailure(failure)],
      ({ remarks }) => remarks,
    ),
  );

const missingWords = ['NA', 'N/A', '#N/A', 'nan', 'null', '?', '-', '<NA>'];

test('a label that says that there is none is none, unless it is a class that was named', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...missingWords),
      fc.array(fc.constantFrom('a', 'b'), { minLength: 1, maxLength: 6 }),
      fc.nat(),
      fc.constantFrom('', '99,\n'),
      (word, labels, place, more) => {
        const cells = ['a', 'b', ...labels];
        const at = place % cells.length;
        const rows = cells.toSpliced(at, 0, word);
        const text = `${['x,y', ...rows.map((cell, i) => `${i},${cell}`)].join('\n')}\n${more}`;
        const read = (kind: TargetKind): LabelledPool => {
          const pool = pipe(
            parseTable('t.csv', text),
            E.chain((table) => labelledRows(table, { target: 'y' }, kind)),
          );
          if (E.isLeft(pool)) throw new Error(showFailure(pool.left));
          return pool.right;
        };
        const { classNames, labelled, pool, remarks } = read('classes');
        assert.equal(classNames, ['a', 'b']);
        assert.equal(labelled.lines.length, cells.length);
        assert.ok(pool.lines.includes(at + 2));
        assert.match(remarks.join(), `rows whose y says ${JSON.stringify(word)} or the like were taken for`);
        assert.is(read({ classes: ['a', 'b', word] }).labelled.lines.length, cells.length + 1);
      },
    ),
    { seed: 20230615, numRuns: 100 },
  );
  // Signs, and a defect of none.
  assert.equal(classesOf('x,y\n1,+\n2,-\n3,\n')[0], ['+', '-']);
  assert.equal(classesOf('x,y\n1,None\n2,crack\n3,\n')[0], ['None', 'crack']);
});

test('classes that differ in their spelling alone are told of, and stay different', () => {
  assert.equal(remarksOf('x,y\n1,1\n2,1.0\n3,01\n4,2\n5,\n', 'classes'), [
    't.csv: column y: "01", "1", "1.0" are different classes, since they are written differently. Write a class in one way.',
  ]);
  assert.match(
    remarksOf('x,y\n1,Yes\n2,yes\n3,no\n4,NO\n5,\n', 'classes')[0] ?? '',
    /"(NO|Yes)", "(no|yes)" are different classes.*, and so are 1 more groups/,
  );
  assert.equal(remarksOf('x,y\n1,yes\n2,no\n3,\n', 'classes'), []);
});

test('a class that is named as programs write what is missing is told of where cells are empty', () => {
  assert.equal(remarksOf('x,y\n1,None\n2,crack\n3,\n', 'classes'), [
    't.csv: column y: "None" is taken for a class, beside cells that are empty. Empty these too if their label is unknown, or name the classes with --classes.',
  ]);
  assert.equal(
    remarksOf('x,y\n1,none\n2,crack\n3,crack\n4,none\n', 'classes').filter((text) => text.includes('none')),
    [],
  );
});

/** Notations of numbers that are not read, and a part of what is to be changed of each. */
const notations: readonly (readonly [(value: number) => string, RegExp])[] = [
  [(value) => value.toFixed(1).replace('.', ','), /decimal point/],
  [(value) => `${value}.215.651`, /separators of thousands/],
  [(value) => `−${value}`, /hyphen/],
  [(value) => `${value}.5D+03`, /exponent with an e/],
];

test('a column of numbers in a notation that is not read is refused with what to change, all of it or one cell', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...notations),
      fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 2, maxLength: 9 }),
      fc.boolean(),
      ([write, remedy], values, alone) => {
        const cells = values.map((value, i) => (alone && i > 0 ? String(value) : write(value)));
        const rows = cells.map((cell, i) => `"${cell}",${i}`);
        const told = message(`a,x,y\n${rows.map((row) => `${row},3\n`).join('')}1,1,\n`);
        const whole = message(
          `a,x,y\n${rows.map((row) => `${row},${row.endsWith('0') ? '3' : ''}\n`).join('')}`,
        );
        assert.match(whole, /^t\.csv, line 2, column a: /);
        assert.match(whole, remedy);
        assert.match(told, remedy);
        // The target alike.
        const target = message(`x,y\n${cells.map((cell, i) => `${i},"${cell}"\n`).join('')}7,\n`);
        assert.match(target, /^t\.csv, line 2, column y: /);
        if (!alone) assert.match(target, remedy);
      },
    ),
    { seed: 20230615, numRuns: 200 },
  );
});

test('the index that a program wrote is told as such', () => {
  const told = message(',a,y\n0,5,3\n1,6,\n');
  assert.match(
    told,
    /line 1, column 1: .*it counts the rows\. Write the table without its index \(index=False/,
  );
  assert.match(told, /--features a\.$/);
});

test('a column that differs by rounding alone is left out with a remark', () => {
  const text = `a,b,y\n${[0, 1, 2, 3].map((k) => `${k},${1 + k * 1e-15},${k === 0 ? '3' : ''}\n`).join('')}`;
  const pool = accepted(text, { target: 'y' });
  assert.equal(pool.featureNames, ['a']);
  assert.equal(pool.remarks, ['t.csv: the column b is 1 in every row but for 1e-12 of it and was left out.']);
});

test('whole numbers beyond 2^53 that were rounded are told of', () => {
  assert.equal(remarksOf('id,y\n9007199254740992,1\n9007199254740993,\n3,\n'), [
    't.csv: the column id has whole numbers beyond 2^53: they were rounded, and some may be alike now.',
  ]);
  // As a program writes them, doubles are not.
  assert.equal(remarksOf('id,y\n24222307706094030,1\n1152921504606846976,\n3,\n'), []);
});

test('a sentence or a fault of a kind is one, however many columns or cells it is of', () => {
  const width = 20_000;
  const row = (y: string): string => `${'7,'.repeat(width)}${y === '' ? '1' : '2'},${y}\n`;
  const names = Array.from({ length: width }, (_, i) => `c${i}`).join(',');
  const remarks = remarksOf(`${names},x,y\n${row('1')}${row('')}`);
  assert.is(remarks.length, 1);
  assert.match(remarks[0] ?? '', /^t\.csv: 20000 columns are the same in every row and were left out: c0, /);
  assert.ok((remarks[0] ?? '').length < 1000);
  // Gaps in another target that its own rows have not.
  const gaps = Array.from({ length: 60 }, (_, i) => `${i},${i % 3 === 0 ? '' : i},${i % 2 === 0 ? '' : i}\n`);
  const told = message(`x,u,y\n${gaps.join('')}`);
  assert.match(
    told,
    /^t\.csv, line 2, column u: the cell is empty \(and 19 more like it, lines 5, 8, 11, 14, 17, …\)\. [^\n]*$/,
  );
});

test('names that are not there are told in time, however many there are', () => {
  const headers = Array.from({ length: 3_000 }, (_, i) => `column ${i}`);
  const told = message(`${headers.join(',')}\n${headers.map((_, i) => i).join(',')}\n`, {
    target: 'column 1',
    features: headers.map((name) => `${name}x`),
  }).split('\n');
  assert.is(told.length, 21);
  assert.match(told[20] ?? '', /and 2980 more faults/);
});

test.run();
