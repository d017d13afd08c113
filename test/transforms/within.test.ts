import { expect, test } from 'vitest';
import { column, readAll, TestBench, tableOf } from './support.js';

const bench = new TestBench();

const whole = tableOf([
  column('Id', 'varchar', { nullable: false }),
  column('Revision', 'bigint'),
  column('Payload', 'json'),
]);
const inner = tableOf(
  [
    column('Id', 'varchar', { nullable: false }),
    column('Revision', 'bigint'),
    column('Amount', 'decimal(33,2)'),
    column('Stage', { struct: [{ name: 'name', source: 'Name', type: 'varchar' }] }),
  ],
  { name: 'inner', within: { path: ['Payload', 'View'], outer: ['Id', 'Revision'] } },
);

const LINES = [
  '{"Id":"a","Revision":1,"Payload":{"View":{"Amount":"12.50","Stage":{"Name":"Won"}}},"Other":true}',
  '{"Id":"b","Revision":2,"Payload":{"Unheard":{"Amount":"1"}}}',
  '{"Id":"c","Revision":3,"Payload":{"View":null}}',
  '{"Id":"d","Revision":4,"Payload":null}',
  '{"Id":"e","Revision":9007199254740993,"Payload":{"View":{"Amount":12345678901234567890.12,"Stage":{"Name":"x","New":1},"Fresh":"y"}}}',
  '{"Id":"f","Revision":6,"Payload":{"View":{"Amount":"much"}}}',
  '{"Id":"g","Revision":7,"Payload":{"View":"text"}}',
  '{"Id":"h","Revision":8,"Payload":{"View":{},"View":{"Amount":"1"}}}',
  '{"Id":"i","Revision":9,"Payload":{"View":{}}}',
  '{"Revision":10,"Payload":{"View":{"Amount":"1"}}}',
];

const EXPECTED = [
  { row: 1, cells: { id: 'a', revision: '1', amount: '12.50', stage: { name: 'Won' } } },
  {
    row: 5,
    cells: {
      id: 'e',
      revision: '9007199254740993',
      amount: '12345678901234567890.12',
      stage: { name: 'x' },
      fresh: 'y',
    },
  },
  { row: 6, reasons: [expect.stringMatching(/^Amount/)] },
  { row: 7, reasons: [expect.stringMatching(/object/)] },
  { row: 8, reasons: [expect.stringMatching(/View/)] },
  { row: 9, cells: { id: 'i', revision: '9' } },
  { row: 10, reasons: [expect.stringMatching(/^Id/)] },
];

test('a table within records has a row for each record that holds one, exact in SQL and row by row', async () => {
  const text = `${LINES.join('\n')}\n`;
  const [own, typed] = await bench.stageAll(text, [whole, inner], { format: 'ndjson' });
  expect(own!.totals.read).toBe(LINES.length);
  expect(typed!.totals.read).toBe(EXPECTED.length);
  const staged = await bench.rows(typed!);
  expect(staged).toMatchObject(EXPECTED);
  expect(await readAll(text, inner, { format: 'ndjson' })).toEqual(staged);
  expect(staged.find(({ row }) => row === 6)!.raw).toBe(LINES[5]);
  expect(typed!.totals.unknown.map(({ source }) => source).sort()).toEqual(['Fresh', 'Stage.New']);
});

test('records that are no JSON are for the whole table to tell; the others keep their numbers', async () => {
  const text = [LINES[0], 'no json', LINES[0]].join('\n');
  const [own, typed] = await bench.stageAll(text, [whole, inner], { format: 'ndjson' });
  expect((await bench.rows(own!)).map(({ row, reasons }) => [row, reasons !== undefined])).toEqual([
    [1, false],
    [2, true],
    [3, false],
  ]);
  expect((await bench.rows(typed!)).map(({ row, reasons }) => [row, reasons !== undefined])).toEqual([
    [1, false],
    [3, false],
  ]);
});

test('a text of several chunks numbers its rows by record', async () => {
  const many = Array.from({ length: 400 }, (_, i) =>
    i % 3 === 0 ? `{"Id":"${i}","Payload":{"View":{"Amount":"1.00"}}}` : `{"Id":"${i}","Payload":{}}`,
  );
  const small = new TestBench({ chunkBytes: 2_000 });
  const typed = await small.stage(many.join('\n'), inner, { format: 'ndjson', writeBytes: 900 });
  expect(typed.parts.length).toBeGreaterThan(3);
  const rows = await small.rows(typed);
  expect(rows.every(({ row, cells }) => Number(cells!.id) === row - 1)).toBe(true);
  expect(rows).toHaveLength(134);
});

test('numbers inside keep their spelling where the column keeps text', async () => {
  const texts = tableOf([column('Id', 'bigint'), column('Cell', 'json'), column('Text', 'varchar')], {
    within: { path: ['Payload'], outer: ['Id'] },
  });
  const lines = ['1.50', '[5, 2.50]', '-0', '"-0"', '{"a":1e2}', '"[EU] shoes"'].map(
    (cell, i) => `{"Id":${i},"Payload":{"Cell":${cell},"Text":${cell}}}`,
  );
  const staged = await bench.rows(await bench.stage(lines.join('\n'), texts, { format: 'ndjson' }));
  expect(staged).toEqual(await readAll(lines.join('\n'), texts, { format: 'ndjson' }));
  expect(staged.map(({ cells }) => cells!.text)).toEqual(['1.50', '[5,2.50]', '-0', '-0', '{"a":1e2}', '[EU] shoes']);
});
