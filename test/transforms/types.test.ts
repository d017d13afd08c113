import { describe, expect, test } from 'vitest';
import type { ColumnType } from '../../src/contracts/index.js';
import { column, readAll, type SeenRow, TestBench, tableOf } from './support.js';

const bench = new TestBench();

/** What a cell becomes: a value as DuckDB's JSON shows it, `null`, or (a RegExp) the end of its reason. */
type Expected = unknown | RegExp;

const NO_WHOLE = /is no whole number$/;
const NO_NUMBER = /is no number$/;
const NOT_64 = /does not fit 64 bits$/;
const NO_DAY = /is no day$/;
const NO_CALENDAR = /is no day of the calendar$/;
const NO_MOMENT = /is no moment \(epoch milliseconds, or ISO 8601 with an offset\)$/;

const CASES: readonly [type: ColumnType, cells: readonly (readonly [json: string, expected: Expected])[]][] = [
  [
    'bigint',
    [
      ['null', null],
      ['5', '5'],
      ['-5', '-5'],
      ['0', '0'],
      ['-0', '0'],
      ['12.0', '12'],
      ['-12.000', '-12'],
      ['1e3', '1000'],
      ['1.5e1', '15'],
      ['0e999', '0'],
      ['0.0', '0'],
      ['1e-1', NO_WHOLE],
      ['1e-400', '0'],
      ['12.00000000000000001', '12'],
      ['12.00000001', NO_WHOLE],
      ['12345678901.000000001', '12345678901'],
      ['12345678901.00000001', NO_WHOLE],
      ['12.7', NO_WHOLE],
      ['0.3', NO_WHOLE],
      ['9007199254740993', '9007199254740993'],
      ['9007199254740993.0', '9007199254740993'],
      ['9223372036854775807', '9223372036854775807'],
      ['9223372036854775808', NOT_64],
      ['-9223372036854775808', '-9223372036854775808'],
      ['-9223372036854775809', NOT_64],
      ['18446744073709551615', NOT_64],
      ['1e400', NOT_64],
      ['1e18', '1000000000000000000'],
      ['1e19', NOT_64],
      ['"5"', '5'],
      ['"9223372036854775807"', '9223372036854775807'],
      ['"9007199254740993.0"', '9007199254740993'],
      ['"12.7"', NO_WHOLE],
      ['""', NO_WHOLE],
      ['" 12"', NO_WHOLE],
      ['"12 "', NO_WHOLE],
      ['"+5"', NO_WHOLE],
      ['"007"', NO_WHOLE],
      ['"1_000"', NO_WHOLE],
      ['"1,000"', NO_WHOLE],
      ['"0x10"', NO_WHOLE],
      ['"0b11"', NO_WHOLE],
      ['"1."', NO_WHOLE],
      ['"NaN"', NO_WHOLE],
      ['"N/A"', NO_WHOLE],
      ['true', NO_WHOLE],
      ['false', NO_WHOLE],
      ['[]', NO_WHOLE],
      ['{}', NO_WHOLE],
      ['[1]', NO_WHOLE],
    ],
  ],
  [
    'decimal(18,6)',
    [
      ['null', null],
      ['12.34', '12.340000'],
      ['780', '780.000000'],
      ['-0.5', '-0.500000'],
      ['-0', '0.000000'],
      ['-0.0', '0.000000'],
      ['0e9', '0.000000'],
      ['1.100000000000', '1.100000'],
      ['0.30000000000000004', '0.300000'],
      ['12.349999999999998', '12.350000'],
      ['1.1234567', /^amount: 1.1234567 has more than 6 decimal places$/],
      ['1.123456001', '1.123456'],
      ['1.1234560011', /has more than 6 decimal places$/],
      ['1e-7', /has more than 6 decimal places$/],
      ['1e-9', '0.000000'],
      ['2e-9', /has more than 6 decimal places$/],
      ['1e-400', '0.000000'],
      ['1.5e3', '1500.000000'],
      ['1E+2', '100.000000'],
      ['123456789012.123456', '123456789012.123456'],
      ['123456789012.123457', '123456789012.123457'],
      ['123456789.12345601', /has more than 6 decimal places$/],
      ['123456789012.1234560000000001', '123456789012.123456'],
      ['999999999999.999999', '999999999999.999999'],
      ['999999999999.9999999999', /has more than 12 digits before the decimal point$/],
      ['1000000000000', /has more than 12 digits before the decimal point$/],
      ['1e400', /has more than 12 digits before the decimal point$/],
      ['"12.34"', '12.340000'],
      ['"531.0"', '531.000000'],
      ['"123456789012.123456"', '123456789012.123456'],
      ['"1.1234567"', /has more than 6 decimal places$/],
      ['"12,34"', NO_NUMBER],
      ['"12."', NO_NUMBER],
      ['".5"', NO_NUMBER],
      ['" 1"', NO_NUMBER],
      ['"$5"', NO_NUMBER],
      ['""', NO_NUMBER],
      ['"NaN"', NO_NUMBER],
      ['true', NO_NUMBER],
      ['{"amount":1}', NO_NUMBER],
    ],
  ],
  [
    'decimal(33,2)',
    [
      ['"1234567890123456789012345678901.25"', '1234567890123456789012345678901.25'],
      ['1234567890123456789012345678901.25', '1234567890123456789012345678901.25'],
      ['12345678901234567890123456789012', /has more than 31 digits before the decimal point$/],
      ['16777216.55', '16777216.55'],
      ['"0.005"', /has more than 2 decimal places$/],
    ],
  ],
  [
    'double',
    [
      ['null', null],
      ['0.1', 0.1],
      ['5', 5],
      ['1e400', /is beyond the range of a double$/],
      ['-0.0', 0],
      ['1e-400', 0],
      ['12.345678901234567', 12.345678901234567],
      ['9007199254740993', 9007199254740992],
      ['"0.25"', 0.25],
      ['"1e3"', 1000],
      ['"inf"', NO_NUMBER],
      ['"nan"', NO_NUMBER],
      ['"Infinity"', NO_NUMBER],
      ['"1_0.5"', NO_NUMBER],
      ['" 1"', NO_NUMBER],
      ['"1."', NO_NUMBER],
      ['""', NO_NUMBER],
      ['true', NO_NUMBER],
      ['[0.1]', NO_NUMBER],
    ],
  ],
  [
    'boolean',
    [
      ['null', null],
      ['true', true],
      ['false', false],
      ['"true"', true],
      ['"false"', false],
      ['"TRUE"', /is neither true nor false$/],
      ['1', /is neither true nor false$/],
      ['0', /is neither true nor false$/],
      ['""', /is neither true nor false$/],
      ['[]', /is neither true nor false$/],
    ],
  ],
  [
    'varchar',
    [
      ['null', null],
      ['"text"', 'text'],
      ['""', ''],
      ['"null"', 'null'],
      ['"a\\u0000b"', 'a\0b'],
      ['"gr\\u00f6\\u00dfe \\ud83d\\ude00"', 'größe 😀'],
      ['"line\\nbreak \\"q\\" \\\\ "', 'line\nbreak "q" \\ '],
      ['5', '5'],
      ['1.10', '1.10'],
      ['-0', '-0'],
      ['1e3', '1e3'],
      ['123456789012.123457', '123456789012.123457'],
      ['12345678901234567890123', '12345678901234567890123'],
      ['true', 'true'],
      ['"1.10"', '1.10'],
      ['"nan"', 'nan'],
      ['"{"', '{'],
      ['[1, 2.50]', '[1,2.50]'],
      ['{"a": {"b": 1.0}}', '{"a":{"b":1.0}}'],
    ],
  ],
  [
    'date',
    [
      ['null', null],
      ['"2026-11-01"', '2026-11-01'],
      ['"20261101"', '2026-11-01'],
      ['20261101', '2026-11-01'],
      ['"2024-02-29"', '2024-02-29'],
      ['"2026-02-29"', NO_CALENDAR],
      ['"2026-02-30"', NO_CALENDAR],
      ['"20260230"', NO_CALENDAR],
      ['20260230', NO_CALENDAR],
      ['"0000-01-01"', NO_CALENDAR],
      ['"2026-11-01 garbage"', NO_DAY],
      ['"2026-11-01T00:00:00Z"', NO_DAY],
      ['"2026-11-1"', NO_DAY],
      ['"2026/11/01"', NO_DAY],
      ['"11/01/2026"', NO_DAY],
      ['"12345-01-01"', NO_DAY],
      ['"infinity"', NO_DAY],
      ['"epoch"', NO_DAY],
      ['"today"', NO_DAY],
      ['""', NO_DAY],
      ['1739319380244', NO_DAY],
      ['true', NO_DAY],
    ],
  ],
  [
    'timestamptz',
    [
      ['null', null],
      ['1739319380244', '2025-02-12 00:16:20.244+00'],
      ['"1739319380244"', '2025-02-12 00:16:20.244+00'],
      ['-1', '1969-12-31 23:59:59.999+00'],
      ['0', '1970-01-01 00:00:00+00'],
      ['"2026-01-01T00:00:00Z"', '2026-01-01 00:00:00+00'],
      ['"2026-01-01T00:00Z"', '2026-01-01 00:00:00+00'],
      ['"2026-01-01T00:00:00.123Z"', '2026-01-01 00:00:00.123+00'],
      ['"2025-02-12T00:16:20.04932597Z"', '2025-02-12 00:16:20.049325+00'],
      ['"2026-01-01T05:30:00+05:30"', '2026-01-01 00:00:00+00'],
      ['"2025-12-31T16:00:00-08:00"', '2026-01-01 00:00:00+00'],
      ['"2026-01-01T00:00:00"', NO_MOMENT],
      ['"2026-01-01"', NO_MOMENT],
      ['"2026-02-30T00:00:00Z"', NO_MOMENT],
      ['"2026-01-01T24:00:00Z"', NO_MOMENT],
      ['"2026-01-01T23:59:60Z"', NO_MOMENT],
      ['"2026-01-01T00:00:00Z x"', NO_MOMENT],
      ['1739319380.244', NO_MOMENT],
      ['""', NO_MOMENT],
      ['true', NO_MOMENT],
      ['99999999999999999', /is no moment between the years 1 and 9999$/],
    ],
  ],
  [
    'json',
    [
      ['null', null],
      ['{"a":1.10,"b":[1,null]}', '{"a":1.10,"b":[1,null]}'],
      ['{ "a" : 1.10 }', '{"a":1.10}'],
      [
        '{"n":123456789012.1234567,"i":12345678901234567890123}',
        '{"n":123456789012.1234567,"i":12345678901234567890123}',
      ],
      ['{"a":1,"a":2}', '{"a":1,"a":2}'],
      ['[-0, -0.0]', '[-0,-0.0]'],
      ['[ -0 ]', '[-0]'],
      ['"text"', '"text"'],
      ['1.10', '1.10'],
      ['true', 'true'],
    ],
  ],
  [
    {
      struct: [
        { name: 'value_of', source: 'valueOf', type: 'decimal(18,6)' },
        { name: 'on', source: 'on', type: 'boolean' },
      ],
    },
    [
      ['null', null],
      ['{"valueOf":1.5,"on":true}', { value_of: '1.500000', on: true }],
      ['{}', { value_of: null, on: null }],
      ['{"on":false,"new":1}', { value_of: null, on: false }],
      ['{"valueOf":1.1234567}', /^amount.valueOf: 1.1234567 has more than 6 decimal places$/],
      ['{"on":1}', /^amount.on: 1 is neither true nor false$/],
      ['{"on":true,"on":true}', /has duplicate key on$/],
      ['"text"', /is no object$/],
      ['5', /is no object$/],
      ['[]', /is no object$/],
    ],
  ],
  [
    { list: { struct: [{ name: 'k', source: 'k', type: 'bigint' }] } },
    [
      ['[]', []],
      ['[{"k":1},{"k":"2"}]', [{ k: '1' }, { k: '2' }]],
      ['[{"k":1},null]', [{ k: '1' }, null]],
      ['[{"k":1},{"k":true}]', /^amount\[1\].k: true is no whole number$/],
      ['[5]', /^amount\[0\]: 5 is no object$/],
      ['{"k":1}', /is no list$/],
      ['"text"', /is no list$/],
    ],
  ],
  [
    { list: { list: 'bigint' } },
    [
      ['[[1],[]]', [['1'], []]],
      ['[[1],5]', /^amount\[1\]: 5 is no list$/],
      ['[["x"]]', /^amount\[0\]\[0\]: "x" is no whole number$/],
    ],
  ],
];

describe.each(CASES.map(([type, cells]) => ({ type, cells, name: JSON.stringify(type) })))(
  '$name',
  ({ type, cells }) => {
    const table = tableOf([column('id', 'bigint'), column('amount', type)]);
    const text = `[${cells.map(([json], i) => `{"id":${i},"amount":${json}}`).join(',')}]`;

    const compare = (rows: readonly SeenRow[]) => {
      expect(rows).toHaveLength(cells.length);
      for (const [i, [json, expected]] of cells.entries()) {
        const { reasons, cells: values } = rows[i]!;
        if (expected instanceof RegExp) {
          expect({ json, reasons }).toEqual({ json, reasons: [expect.stringMatching(expected)] });
        } else {
          expect({ json, reasons, value: values?.amount ?? null }).toEqual({
            json,
            reasons: undefined,
            value: expected,
          });
        }
      }
    };

    test('SQL', async () => {
      const stage = await bench.stage(text, table);
      compare(await bench.rows(stage));
      await stage.discard();
    });

    test('row reader', async () => compare(await readAll(text, table)));
  },
);

test('an absent required value is a reject, and so is null', async () => {
  const table = tableOf([column('id', 'bigint', { nullable: false }), column('clicks', 'bigint')]);
  const text = '[{"clicks":1},{"id":null,"clicks":2},{"id":3}]';
  const rows = await bench.rows(await bench.stage(text, table));
  expect(rows.map((row) => row.reasons)).toEqual([['id: missing'], ['id: missing'], undefined]);
  expect(await readAll(text, table)).toEqual(rows);
});

test('all that is wrong with a record is told, in the order of the columns', async () => {
  const table = tableOf([column('id', 'bigint'), column('cost', 'decimal(18,6)'), column('day', 'date')]);
  const [row] = await bench.rows(await bench.stage('[{"day":"x","cost":"","id":1.5}]', table));
  expect(row!.reasons).toEqual(['id: 1.5 is no whole number', 'cost: "" is no number', 'day: "x" is no day']);
});

test('another spelling counts where the first has no value', async () => {
  const table = tableOf([column('lastUpdatedDate', 'bigint', { aliases: ['lastUpdateDate'] })]);
  const text =
    '[{"lastUpdateDate":5},{"lastUpdatedDate":6},{"lastUpdatedDate":null,"lastUpdateDate":7},{"lastUpdatedDate":8,"lastUpdateDate":9}]';
  const rows = await bench.rows(await bench.stage(text, table));
  expect(rows.map((row) => row.cells?.last_updated_date)).toEqual(['5', '6', '7', '8']);
  expect(await readAll(text, table)).toEqual(rows);
});
