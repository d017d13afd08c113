import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withoutOdd } from '../../src/transforms/odd-records.js';
import { plainMembers } from '../../src/transforms/plain-grammar.js';
import { PlainScanner } from '../../src/transforms/plain-scanner.js';
import { learnFromHead } from '../../src/transforms/sample.js';
import { TableWork } from '../../src/transforms/table-work.js';
import { askOf, column, EVOLVE, readAll, TestBench, tableOf } from './support.js';

const bench = new TestBench();
const table = tableOf([
  column('id', 'bigint', { nullable: false }),
  column('name', 'varchar'),
  column('cost', 'decimal(18,6)'),
  column('price', 'decimal(33,2)'),
  column('ratio', 'double'),
  column('day', 'date'),
  column('on', 'boolean'),
  column('place', 'varchar', { role: 'constant' }),
]);
const constants = { place: 'here' };
const ask = askOf(undefined, { constants });

const PLAIN =
  '{"id":1,"name":"a \\"b\\" \\u00fc","cost":1.50,"price":"12.5","ratio":0.25,"day":"2026-10-31","on":true}';

/** What the scanner says of a text that comes in pieces of so many bytes. */
function scan(text: string, step = 1 << 20, format: 'array' | 'ndjson' = 'array') {
  const work = new TableWork(table, EVOLVE, { artifactId: 'a', ask, tables: [table], format, policy: EVOLVE });
  learnFromHead(Buffer.from(format === 'array' ? `[${PLAIN}]` : `${PLAIN}\n`), [work]);
  const scanner = new PlainScanner(plainMembers(work)!, format);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += step) scanner.push(bytes.subarray(at, at + step));
  return scanner.end();
}

const changed = (from: string, to: string) => PLAIN.replace(from, to);

test('plain text is told from all other, wherever its bytes are cut', () => {
  const three = ` [ ${PLAIN} ,\n${PLAIN.replaceAll(',"', ' , "').replaceAll('":', '" : ')},${changed('"on":true', '"on":null')}]\n`;
  for (const step of [1, 7, 64, 1 << 20]) {
    const found = scan(three, step);
    expect(found?.records).toBe(3);
    expect([...found!.seen].sort()).toEqual(['cost', 'day', 'id', 'name', 'on', 'price', 'ratio']);
  }
  expect(scan(`${PLAIN}\n${PLAIN}`, 5, 'ndjson')?.records).toBe(2);
  expect(scan(`[${changed('"name":"a \\"b\\" \\u00fc",', '')}]`)?.records).toBe(1);
});

const NOT_PLAIN: [what: string, text: string][] = [
  ['a number with a fraction as an id', changed('"id":1', '"id":1.5')],
  ['an id beyond 18 digits', changed('"id":1', '"id":1234567890123456789')],
  ['minus zero', changed('"id":1', '"id":-0')],
  ['a leading zero', changed('"id":1', '"id":01')],
  ['an exponent', changed('1.50', '15e-1')],
  ['true for a number', changed('"id":1', '"id":true')],
  ['an id with spaces', changed('"id":1', '"id":" 1"')],
  ['null where a value is needed', changed('"id":1', '"id":null')],
  ['nothing where a value is needed', changed('"id":1,', '')],
  ['seven decimals', changed('1.50', '1.1234567')],
  ['money that a double cannot hold', changed('1.50', '123456789.123456')],
  ['an empty text as a number', changed('1.50', '""')],
  ['a day that there is not', changed('10-31', '11-31')],
  ['a leap day', changed('2026-10-31', '2028-02-29')],
  ['a day of another spelling', changed('2026-10-31', '20261031')],
  ['a text for a boolean', changed('"on":true', '"on":"true"')],
  ['an unknown member', changed('"on":true', '"on":true,"new":1')],
  ['a member twice', changed('"on":true', '"on":true,"on":true')],
  ['members in another order', changed('"id":1,"name"', '"name":"x","id":1,"name"')],
  ['a fraction as a text', changed('"a \\"b\\" \\u00fc"', '1.0')],
  ['an object as a text', changed('"a \\"b\\" \\u00fc"', '{}')],
  ['NUL in a text', changed('\\u00fc', '\\u0000')],
  ['half a pair in a text', changed('\\u00fc', '\\ud83d')],
  ['a control character in a text', changed('a ', 'a\n')],
  ['no record', '{}'],
  ['null as a record', 'null'],
];

test.each(NOT_PLAIN)('%s is not plain', (_, record) => {
  expect(scan(`[${PLAIN},${record}]`)).toBeUndefined();
  expect(scan(`[${PLAIN},${record},${PLAIN}]`, 3)).toBeUndefined();
});

test('a text that ends early, or goes on, is not plain', () => {
  for (const text of [`[${PLAIN}`, `[${PLAIN},`, `[${PLAIN},]`, `[${PLAIN}] x`, `[${PLAIN}}]`, '[]', '']) {
    expect(scan(text), text).toBeUndefined();
  }
});

const cell = {
  id: fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map(String),
  name: fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text)),
  cost: fc.integer({ min: -9e7, max: 9e7 }).map((n) => (n / 100).toFixed(2)),
  price: fc.integer({ min: 0, max: 9e8 }).map((n) => `"${(n / 100).toFixed(1)}"`),
  ratio: fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-5, max: 1e6 }).map(String),
  day: fc.integer({ min: 1, max: 28 }).map((n) => `"2026-02-${String(n).padStart(2, '0')}"`),
  on: fc.constantFrom('true', 'false', 'null'),
};
const record = fc.record(cell).map(
  (cells) =>
    `{${Object.entries(cells)
      .map(([name, value]) => `"${name}":${value}`)
      .join(',')}}`,
);

test('plain text gives the rows that the row reader gives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 40 }), async (records) => {
      const text = `[${[PLAIN, ...records].join(',')}]`;
      const stage = await bench.stage(text, table, { ask });
      const rows = (await bench.rows(stage)).map(({ cells, ...row }) => ({
        ...row,
        cells: { ...cells, place: undefined },
      }));
      expect(rows).toEqual(
        (await readAll(text, table)).map((row) => ({ ...row, cells: { ...row.cells, place: undefined } })),
      );
      await stage.discard();
    }),
    { numRuns: 25 },
  );
});

test('one record that is not plain leaves the others exact', async () => {
  const text = `[${[PLAIN, PLAIN, changed('"id":1', '"id":1.5'), PLAIN].join(',')}]`;
  const rows = await bench.rows(await bench.stage(text, table, { ask }));
  expect(rows.map(({ row, reasons }) => [row, reasons !== undefined])).toEqual([
    [1, false],
    [2, false],
    [3, true],
    [4, false],
  ]);
});

/** A text of many plain records in which every fiftieth is another one. */
function fewOdd(count: number, odd: (index: number) => string): string {
  const records = Array.from({ length: count }, (_, i) =>
    i % 50 === 17 ? odd(i) : PLAIN.replace('"id":1', `"id":${i}`),
  );
  return `[${records.join(',\n')}]`;
}

test('a few odd records among many plain ones are noted, wherever the bytes are cut', () => {
  const strange = changed('"on":true', '"on":true,"deep":{"]}":["}",{"\\"":"\\\\"}]}');
  const text = fewOdd(200, () => strange);
  for (const step of [3, 64, 1 << 20]) {
    const found = scan(text, step)!;
    expect(found.records).toBe(200);
    expect(found.odd.map(({ row }) => row)).toEqual([18, 68, 118, 168]);
    for (const { at, bytes } of found.odd) {
      expect(bytes.toString()).toBe(strange);
      expect(text.slice(0, at)).toBe(Buffer.from(text).subarray(0, at).toString());
      expect(Buffer.from(text).subarray(at, at + bytes.length)).toEqual(bytes);
    }
  }
  expect(scan(fewOdd(40, () => strange))?.odd).toHaveLength(1);
  expect(scan(fewOdd(30, () => strange)), 'too many').toBeUndefined();
  expect(scan(fewOdd(200, () => 'null')), 'no object').toBeUndefined();
  expect(scan(`${fewOdd(200, () => strange).slice(0, -1)},{"id":1`), 'cut off').toBeUndefined();
});

test('a column that only odd records have has no value in plain ones', () => {
  const without = changed('"on":true', '"on":null');
  const odd = changed('"id":1', '"id":1.5');
  const records = Array.from({ length: 60 }, (_, i) => (i === 40 ? odd : without));
  expect(scan(`[${records.join(',')}]`)!.seen.has('on')).toBe(false);
  expect(scan(`[${[...records, PLAIN].join(',')}]`)!.seen.has('on')).toBe(true);
});

test.each(NOT_PLAIN.filter(([, record]) => record.startsWith('{')))(
  '%s, a few times among many plain records, is judged as the row reader judges it',
  async (_, record) => {
    const text = fewOdd(120, () => record);
    const stage = await bench.stage(text, table, { ask });
    const withoutPlace = (rows: Awaited<ReturnType<typeof readAll>>) =>
      rows.map((row) => ({ ...row, cells: { ...row.cells, place: undefined } })).sort((a, b) => a.row - b.row);
    expect(withoutPlace(await bench.rows(stage))).toEqual(withoutPlace(await readAll(text, table)));
    expect(stage.totals.read).toBe(120);
    await stage.discard();
  },
);

test('odd records stand in their files again once the plain ones are read', async () => {
  const file = path.join(await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-odd-')), 'text.json');
  const text = fewOdd(100, () => changed('"id":1', '"id":1.5'));
  await fs.writeFile(file, text);
  const { odd } = scan(text)!;
  await withoutOdd([{ path: file, odd }], async () => {
    const blank = await fs.readFile(file, 'utf8');
    expect(blank).toHaveLength(text.length);
    expect((JSON.parse(blank) as object[]).filter((record) => Object.keys(record).length === 0)).toHaveLength(2);
  });
  expect(await fs.readFile(file, 'utf8')).toBe(text);
  await fs.rm(path.dirname(file), { recursive: true });
});

test('plain artifacts go together, each with its own rows and numbers', async () => {
  const texts = [3, 1, 5].map((count) => `[${Array.from({ length: count }, () => PLAIN).join(',')}]`);
  const stages = await Promise.all(texts.map((text) => bench.stage(text, table, { ask })));
  expect(new Set(stages.flatMap(({ parts }) => parts.map(({ uri }) => uri))).size).toBe(1);
  for (const [index, stage] of stages.entries()) {
    const numbers = (await bench.rows(stage)).map(({ row }) => row);
    expect(numbers).toEqual(Array.from({ length: [3, 1, 5][index]! }, (_, i) => i + 1));
    expect(stage.totals.read).toBe(numbers.length);
  }
});

test('bytes that are no UTF-8 are no row', async () => {
  const text = Buffer.from(`[${PLAIN},${changed('a ', 'a\u00e9')}]`, 'latin1');
  const rows = await bench.rows(await bench.stage(text, table, { ask }));
  expect(rows.map(({ reasons }) => reasons !== undefined)).toEqual([false, true]);
});
