import { Readable } from 'node:stream';
import { expect, expectTypeOf, test } from 'vitest';
import type { Table } from '../../src/contracts/index.js';
import type { JsonObject } from '../../src/transforms/index.js';
import { parseRecord, type RowOf, readRows, rowSchema } from '../../src/transforms/index.js';

const table = {
  name: 'campaigns',
  columns: [
    { name: 'campaign_id', source: 'campaignId', type: 'bigint', role: 'dimension', nullable: false },
    { name: 'cost', source: 'cost', type: 'decimal(18,6)', role: 'metric', nullable: true },
    { name: 'start_date', source: 'startDate', type: 'date', role: 'dimension', nullable: true },
    { name: 'ratio', source: 'ratio', type: 'double', role: 'metric', nullable: true },
    {
      name: 'tags',
      source: 'tags',
      type: { list: { struct: [{ name: 'key', source: 'key', type: 'varchar' }] } },
      role: 'dimension',
      nullable: true,
    },
  ],
  key: ['campaign_id'],
  mode: 'replace',
  scopeColumn: { name: '_profile_id', type: 'bigint' },
} as const satisfies Table;

const text = `[{"campaignId":2814749767112138287,"cost":0.1,"startDate":"20261101","ratio":0.5,"tags":[{"key":"é"}]},
  {"campaignId":"x"}, {"campaignId":3,"new":1.0}]`;

test('rows are typed by the table, ids as bigint and decimals as text', async () => {
  const rows = [];
  for await (const row of readRows(Buffer.from(text), table)) {
    if (row.kind === 'row') expectTypeOf(row.values.campaign_id).toEqualTypeOf<bigint | undefined>();
    rows.push(row);
  }
  expect(rows).toMatchObject([
    {
      kind: 'row',
      row: 1,
      values: {
        campaign_id: 2814749767112138287n,
        cost: '0.100000',
        start_date: '2026-11-01',
        ratio: 0.5,
        tags: [{ key: 'é' }],
      },
    },
    { kind: 'reject', row: 2, raw: '{"campaignId":"x"}', reasons: ['campaignId: "x" is no whole number'] },
    { kind: 'row', row: 3, values: { campaign_id: 3n }, unknown: { new: '1.0' } },
  ]);
});

test('a row type follows from the table', () => {
  expectTypeOf<RowOf<typeof table>>().toEqualTypeOf<{
    campaign_id: bigint;
    cost: string | null;
    start_date: string | null;
    ratio: number | null;
    tags: ({ key: string | null } | null)[] | null;
  }>();
});

test('streams in pieces of any size give the same', async () => {
  const bytes = Buffer.from(text);
  const whole = [];
  for await (const row of readRows(bytes, table)) whole.push(row);
  for (const size of [1, 2, 7, 64]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
      bytes.subarray(i * size, (i + 1) * size),
    );
    const rows = [];
    for await (const row of readRows(Readable.from(pieces), table)) rows.push(row);
    expect(rows).toEqual(whole);
  }
});

test('a reader may stop early', async () => {
  let pulled = 0;
  async function* endless() {
    yield Buffer.from('[');
    for (;;) {
      pulled += 1;
      yield Buffer.from(`{"campaignId":${pulled}},`);
    }
  }
  for await (const row of readRows(endless(), table)) if (row.row === 5) break;
  expect(pulled).toBeLessThan(10);
});

test('the schema is zod, and its issues are the reasons', () => {
  const schema = rowSchema(table);
  const good = schema.parse(parseRecord('{"campaignId":5,"cost":1}') as JsonObject);
  expect(good).toEqual({ campaign_id: 5n, cost: '1.000000', start_date: null, ratio: null, tags: null });
  const bad = schema.safeParse(parseRecord('{"cost":"?","tags":[1]}') as JsonObject);
  expect(bad.error?.issues.map((issue) => issue.message)).toEqual([
    'campaignId: missing',
    'cost: "?" is no number',
    'tags[0]: 1 is no object',
  ]);
});
