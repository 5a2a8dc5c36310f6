// What columns are for: kinds, names, dates, numbers of other notations, cells that are missing; and what is said of it.
import * as E from '#fp-ts/Either';
import { pipe } from '#fp-ts/function';
import * as fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showFailure } from '../../src/failure.js';
import { labelledPool, type LabelledPool, type TableReading } from '../../src/data/labelled-pool.js';
import { parseTable } from '../../src/data/parse-table.js';
import { textAt } from '../../src/data/table.js';
import type { ReadOptions } from '../../src/data/table-reader.js';

const SEED = 20230615;

const read = (text: string, reading: Partial<TableReading> = {}, options: ReadOptions = {}) =>
  pipe(
    parseTable('t.csv', text, options),
    E.chain((table) => labelledPool(table, { target: 'y', ...reading })),
  );

const accepted = (
  text: string,
  reading: Partial<TableReading> = {},
  options: ReadOptions = {},
): LabelledPool => {
  const result = read(text, reading, options);
  if (E.isLeft(result)) throw new Error(showFailure(result.left));
  return result.right;
};

const message = (text: string, reading: Partial<TableReading> = {}): string =>
  pipe(
    read(text, reading),
    E.match(showFailure, () => 'accepted'),
  );

/** The features of all rows by name, in the order of the lines. */
const valuesOf = ({
  featureNames,
  labelled,
  pool,
}: LabelledPool): Readonly<Record<string, readonly number[]>> => {
  const all = [labelled, pool].flatMap(({ lines, features }) =>
    lines.map((line, i) => ({
      line,
      row: Array.from(features.data.subarray(i * features.columns, (i + 1) * features.columns)),
    })),
  );
  const inOrder = all.toSorted((a, b) => a.line - b.line);
  return Object.fromEntries(featureNames.map((name, j) => [name, inOrder.map(({ row }) => row[j] ?? NaN)]));
};

const column = (name: string, cells: readonly string[]): string =>
  `${name},x,y\n${cells.map((cell, i) => `${cell},${i / 8},${i % 2 === 0 ? i : ''}\n`).join('')}`;

test('kinds are indicators, one a level, or one of two levels', () => {
  fc.assert(
    fc.property(
      fc
        .uniqueArray(fc.constantFrom('oak', 'elm', 'ash', 'fir', 'none'), { minLength: 1, maxLength: 5 })
        .filter((kinds) => kinds.join() !== 'none'),
      fc.array(fc.nat(), { minLength: 0, maxLength: 10 }),
      (kinds, more) => {
        // Each kind twice at least.
        const cells = [...kinds, ...kinds, ...more.map((n) => kinds[n % kinds.length] ?? '')];
        const pool = accepted(column('tree', cells));
        const values = valuesOf(pool);
        const levels = [...kinds].sort();
        const shown = levels.length === 2 ? levels.slice(1) : levels.length === 1 ? [] : levels;
        assert.equal(pool.featureNames, [...shown.map((level) => `tree=${level}`), 'x']);
        for (const level of shown)
          assert.equal(
            values[`tree=${level}`],
            cells.map((cell) => (cell === level ? 1 : 0)),
          );
        assert.ok(
          pool.remarks.some((remark) =>
            remark.includes(`the column tree holds text of ${levels.length} kinds`),
          ),
        );
        assert.equal(
          pool.shown.map(({ name }) => name),
          ['tree'],
        );
      },
    ),
    { seed: SEED, numRuns: 100 },
  );
});

test('text that hardly repeats is left out and shown, or taken as kinds where that is said; too many kinds are refused', () => {
  const cells = ['a', 'a', 'b', 'c', 'd', 'e'];
  const pool = accepted(column('s', cells));
  assert.equal([pool.featureNames, pool.shown.map(({ name }) => name)], [['x'], ['s']]);
  assert.match(pool.remarks.join(), /the column s holds text that hardly repeats and was left out/);
  const asked = accepted(column('s', cells), { categorical: ['s'] });
  assert.equal(asked.featureNames, ['s=a', 's=b', 's=c', 's=d', 's=e', 'x']);
  assert.not.ok(asked.remarks.some((remark) => remark.includes('column s')));
  // Numbers may be kinds too.
  const zones = accepted(column('zone', ['1', '2', '10', '1', '2', '10']), { categorical: ['zone'] });
  assert.equal(zones.featureNames, ['zone=1', 'zone=2', 'zone=10', 'x']);
  const many = Array.from({ length: 250 }, (_, i) => `k${i % 125}`);
  assert.match(
    message(column('s', many), { categorical: ['s'] }),
    /column s: the column holds more than 100 kinds, 125\./,
  );
});

test('the first column of different texts names the rows; another can be named, if it tells them apart', () => {
  const text = 'name,code,x,y\nada,a1,1,2\nbob,a2,2,\ncid,a3,3,\n';
  const pool = accepted(text);
  assert.is(pool.id?.name, 'name');
  assert.equal(pool.featureNames, ['x']);
  assert.match(
    pool.remarks.join('\n'),
    /column name is another text in every row: rows are named by it\.\n.*column code is another text in every row and was left out/,
  );
  assert.equal(
    pool.pool.places.map((place) => pool.id && textAt(pool.id.cells, place)),
    ['bob', 'cid'],
  );
  assert.is(accepted(text, { id: 'code' }).id?.name, 'code');
  const numbered = accepted('n,x,y\n7,1,2\n8,2,\n9,5,\n', { id: 'n' });
  assert.equal([numbered.featureNames, numbered.id?.name], [['x'], 'n']);
  assert.match(
    message('n,x,y\n7,1,2\n8,2,\n7,5,\n', { id: 'n' }),
    /line 4, column n: the name "7" is already that of line 2/,
  );
  assert.match(message('n,x,y\n7,1,2\n,2,\n9,5,\n', { id: 'n' }), /line 3, column n: the row has no name/);
  // Outside the features too.
  assert.is(accepted(text, { features: ['x'] }).id?.name, 'name');
  assert.equal(
    accepted(text, { features: ['x'] }).shown.map(({ name }) => name),
    ['code'],
  );
  assert.is(accepted(text, { drop: ['name', 'code'] }).id, undefined);
});

test('whole numbers that are different and in order are told of', () => {
  const rows = (write: (i: number) => number): string =>
    `n,x,y\n${Array.from({ length: 24 }, (_, i) => `${write(i)},${(i * 7) % 24},${i < 2 ? i : ''}\n`).join('')}`;
  const told = (text: string): boolean =>
    accepted(text).remarks.some((remark) =>
      remark.includes('the column n holds whole numbers, all different and in order'),
    );
  assert.is(told(rows((i) => 100 + 3 * i)), true);
  for (const write of [(i: number) => i + 0.5, (i: number) => (i * 5) % 24, (i: number) => Math.floor(i / 2)])
    assert.is(told(rows(write)), false);
});

test('dates are days where they are asked for; else they are left out and shown', () => {
  const day = fc.date({ min: new Date('1970-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(
      fc.array(day, { minLength: 3, maxLength: 9 }),
      fc.constantFrom(
        (date: Date) => date.toISOString(),
        (date: Date) => date.toISOString().slice(0, 10),
        (date: Date) => date.toISOString().slice(0, 10).replaceAll('-', '/'),
        (date: Date) => `${date.getUTCDate()}.${date.getUTCMonth() + 1}.${date.getUTCFullYear()}`,
        (date: Date) => date.toISOString().replace('T', ' ').replace('Z', '+00:00'),
      ),
      (dates, written) => {
        const cells = ['2001-02-03', '1999-12-31', '2000-01-01']
          .map((text) => new Date(text))
          .concat(dates)
          .map(written);
        const pool = accepted(column('d', cells));
        assert.not.ok(pool.featureNames.includes('d'));
        assert.match(pool.remarks.join(), /column d holds dates and was left out/);
        const { d = [] } = valuesOf(accepted(column('d', cells), { dates: ['d'] }));
        const whole = !written(new Date(1)).includes(':');
        for (const [i, date] of [
          ...['2001-02-03', '1999-12-31', '2000-01-01'].map((text) => new Date(text)),
          ...dates,
        ].entries()) {
          const days = date.getTime() / 86_400_000;
          assert.ok(Math.abs((d[i] ?? NaN) - (whole ? Math.floor(days) : days)) < 1e-6);
        }
      },
    ),
    { seed: SEED, numRuns: 100 },
  );
  const { d } = valuesOf(accepted(column('d', ['3/14/2024', '2/1/2024', '1/2/2024']), { dates: ['d'] }));
  assert.equal(d, [19796, 19754, 19724]);
  assert.match(
    message(column('d', ['3/4/2024', '2/1/2024', '1/2/2024']), { dates: ['d'] }),
    /whether the day or the month is first/,
  );
  assert.match(
    message(column('d', ['2024-02-30', '2024-01-01', '2024-01-02']), { dates: ['d'] }),
    /not every cell of the column is a date \("2024-02-30"/,
  );
  assert.match(
    message(column('d', ['2024-02-03', '2024-01-01', '2024-01-02']), { features: ['x', 'd'] }),
    /Take it as dates with --dates/,
  );
  // A year has four digits, and a day two at most.
  for (const written of ['20240-02-03', '2024-02-003', '2024/002/03'])
    assert.match(
      message(column('d', [written, written, written]), { dates: ['d'] }),
      /not every cell of the column is a date/,
    );
  // A zone of two hours is two hours earlier.
  assert.equal(
    valuesOf(
      accepted(column('d', ['1970-01-02T02:00+02:00', '1970-01-03', '1970-01-01T12:00Z']), { dates: ['d'] }),
    )['d'],
    [1, 2, 0.5],
  );
});

test('what begins with a nought is no thousand, whatever the decimal sign', () => {
  const { labelled } = accepted('x;y\n0.125;0,5\n0.250;1,5\n0.875;\n', {}, { decimal: ',' });
  assert.equal(Array.from(labelled.features.data), [0.125, 0.25]);
});

test('thousands, percent and booleans are read where all of the column is written so', () => {
  const cases: readonly (readonly [readonly string[], readonly number[], RegExp])[] = [
    [['"6,215,651"', '"1,200.5"', '950'], [6215651, 1200.5, 950], /signs between thousands/],
    [['1 234', '999', '12 345.5'], [1234, 999, 12345.5], /signs between thousands/],
    [["1'234", "2'000", '3'], [1234, 2000, 3], /signs between thousands/],
    [['0.4%', '12 %', '-3.5%'], [0.4, 12, -3.5], /in percent/],
    [['TRUE', 'false', 'True'], [1, 0, 1], /true and false/],
    [['yes', 'No', 'no'], [1, 0, 0], /true and false/],
  ];
  for (const [cells, numbers, remark] of cases) {
    const pool = accepted(column('a', cells));
    assert.equal(valuesOf(pool)['a'], numbers);
    assert.match(pool.remarks.join(), remark);
  }
  // A percent sign beside plain numbers, and groups that are none.
  assert.match(message(column('a', ['4%', '5', '6'])), /line 2, column a: "4%" is not a number/);
  assert.match(message(column('a', ['"1,2345"', '5', '6'])), /column a: "1,2345" is not a number/);
  const target = accepted('x,y\n1,"1,250"\n2,"2,000"\n3,\n');
  assert.equal(Array.from(target.labelled.targets), [1250, 2000]);
  assert.match(
    accepted('x,y\n1,0\n2,1\n3,1\n4,\n').remarks.join(),
    /0 or 1 in every row: if these are classes, add --task classes/,
  );
  // Of one value alone there is nothing to tell apart.
  for (const one of ['0', '1']) assert.equal(accepted(`x,y\n1,${one}\n2,${one}\n3,${one}\n4,\n`).remarks, []);
});

test('points that may stand between thousands are told: where a semicolon stands between cells and all have three digits behind them', () => {
  const told = /read as a decimal one in a \(1\.100\) \(--decimal ,/;
  const doubtful = accepted('a;x;y\n1.100;1;1\n950;2;2\n20.119;3;\n7.250;4;\n');
  assert.match(doubtful.remarks.join(), told);
  assert.equal(valuesOf(doubtful)['a'], [1.1, 950, 20.119, 7.25]);
  const named = accepted('a;x;y\n1.100;1;1\n950;2;2\n20.119;3;\n7.250;4;\n', {}, { decimal: ',' });
  assert.equal(valuesOf(named)['a'], [1100, 950, 20119, 7250]);
  for (const [text, options] of [
    ['a;x;y\n1.100;1;1\n950;2;2\n20.11;3;\n', {}],
    ['a;x;y\n0.100;1;1\n950;2;2\n20.115;3;\n', {}],
    ['a,x,y\n1.100,1,1\n950,2,2\n20.119,3,\n', {}],
    ['a;x;y\n1.100;1;1\n950;2;2\n20.119;3;\n', { decimal: '.' }],
  ] as const)
    assert.not.match(accepted(text, {}, options).remarks.join(), /decimal/);
});

test('decimal commas are found where a semicolon stands between cells, or named', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -9_999_999, max: 9_999_999 }), { minLength: 2, maxLength: 20 }),
      fc.boolean(),
      (tenths, grouped) => {
        const write = (n: number): string => {
          const [whole = '', fraction = ''] = (Math.abs(n) / 10).toFixed(1).split('.');
          const groups = grouped ? whole.replaceAll(/\B(?=(\d{3})+$)/g, '.') : whole;
          return `${n < 0 ? '-' : ''}${groups},${fraction}`;
        };
        const values = [5, 17, ...tenths];
        const rows = values.map((n, i) => `${write(n)};${i};${i % 2 === 0 ? '1,5' : ''}`);
        const pool = accepted(['a;x;y', ...rows].join('\n'));
        assert.equal(
          valuesOf(pool)['a'],
          values.map((n) => Number((n / 10).toFixed(1))),
        );
        assert.match(pool.remarks.join(), /decimal comma/);
      },
    ),
    { seed: SEED, numRuns: 100 },
  );
  const named = accepted('a,x,y\n"47,0",1,2\n"1.250,5",2,\n', {}, { decimal: ',' });
  assert.equal(valuesOf(named)['a'], [47, 1250.5]);
  // English numbers stay what they are.
  assert.equal(valuesOf(accepted('a;x;y\n1,234.5;1;2\n2,000;2;\n'))['a'], [1234.5, 2000]);
  assert.equal(valuesOf(accepted('a;x;y\n1,234;1;2\n2,000;2;\n', {}, { decimal: '.' }))['a'], [1234, 2000]);
  assert.match(
    pipe(
      parseTable('t.csv', `a;y\n1,5;2\n${'1,5;\n'.repeat(300)}47.5;\n`),
      E.match(showFailure, () => 'accepted'),
    ),
    /column a: numbers have a decimal comma .*\("1,5"\) and a decimal point too \("47\.5"\)/,
  );
});

test('missing cells are an error, or their rows are left out, or a median and an indicator stand there', () => {
  const word = fc.constantFrom('', 'NA', 'NaN', 'null', '-', '?', 'n/a', 'None');
  fc.assert(
    fc.property(
      fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined, freq: 3 }), {
        minLength: 4,
        maxLength: 20,
      }),
      word,
      (numbers, none) => {
        const values = [3, 5, undefined, ...numbers];
        const text = column(
          'a',
          values.map((value) => String(value ?? none)),
        );
        const missing = values.flatMap((value, i) => (value === undefined ? [i] : []));
        assert.match(message(text), new RegExp(`^t\\.csv, line 4, column a: the cell (is empty|says )`));
        assert.is(message(text).split('\n').length, 1);
        const dropped = valuesOf(accepted(text, { missing: 'drop' }));
        assert.equal(
          dropped['a'],
          values.filter((value) => value !== undefined),
        );
        assert.equal(
          dropped['x'],
          values.flatMap((value, i) => (value === undefined ? [] : [i / 8])),
        );
        const filled = valuesOf(accepted(text, { missing: 'median' }));
        const known = values.filter((value) => value !== undefined).toSorted((a, b) => a - b);
        const middle = known.length / 2;
        const median = ((known[Math.ceil(middle) - 1] ?? NaN) + (known[Math.floor(middle)] ?? NaN)) / 2;
        assert.equal(
          filled['a'],
          values.map((value) => value ?? median),
        );
        assert.equal(
          filled['a=missing'],
          values.map((_, i) => (missing.includes(i) ? 1 : 0)),
        );
      },
    ),
    { seed: SEED, numRuns: 100 },
  );
  const kinds = column('k', ['oak', 'elm', '?', 'oak', 'elm', 'oak', 'elm']);
  assert.equal(accepted(kinds, { missing: 'median' }).featureNames, ['k=oak', 'k=missing', 'x']);
  assert.match(message(kinds), /line 4, column k: the cell says "\?"/);
});

test('two targets with gaps in one are a line a column', () => {
  const gaps = Array.from(
    { length: 200 },
    (_, i) => `${i},${i % 3 === 0 ? '' : i},${i % 5 === 0 ? '' : i},${i % 2 === 0 ? i : ''}\n`,
  );
  const lines = message(`x,u,v,y\n${gaps.join('')}`).split('\n');
  assert.is(lines.length, 2);
  assert.match(
    lines[0] ?? '',
    /column u: the cell is empty \(and 66 more like it, lines 5, 8, 11, 14, 17, …\)/,
  );
});

test('flags say which rows are chosen from', () => {
  const text = 'x,ready,gone,y\n1,1,,2\n2,yes,x,\n3,no,,\n4,TRUE,0,\n';
  const lines = (reading: Partial<TableReading>): readonly number[] => accepted(text, reading).pool.lines;
  assert.equal(lines({ only: 'ready', drop: ['gone'] }), [3, 5]);
  assert.equal(lines({ exclude: 'gone', drop: ['ready'] }), [4, 5]);
  assert.equal(lines({ only: 'ready', exclude: 'gone' }), [5]);
  assert.match(
    message(text.replace('yes', 'perhaps'), { only: 'ready', drop: ['gone'] }),
    /line 3, column ready: "perhaps" is no flag/,
  );
  assert.match(message('x,f,y\n1,0,2\n2,0,\n', { only: 'f' }), /no row that is left is unlabelled/);
});

test('names of columns are found with their commas, and contradictions are told', () => {
  const text = '"Slag, ground",b,y\n1,2,3\n4,5,\n';
  assert.equal(accepted(text, { features: ['Slag, ground'] }).featureNames, ['Slag, ground']);
  assert.match(
    message(text, { features: ['Slag', 'ground'] }),
    /no column is named "Slag".*'"Slag, ground"', or give --feature/,
  );
  assert.match(
    message(text, { drop: ['b'], features: ['b'] }),
    /the dropped column "b" is named as a feature too/,
  );
  assert.match(
    message(text, { id: 'y' }),
    /the target "y" is named as a id too|the target "y" is named as an id too/,
  );
  assert.match(
    message(text, { features: ['Slag, ground'], categorical: ['b'] }),
    /the categorical column "b" is not among the features/,
  );
  assert.match(message(text, { drop: ['bb'] }), /no column is named "bb".*"b" perhaps/);
});

test.run();
