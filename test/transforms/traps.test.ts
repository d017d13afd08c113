import { expect, test } from 'vitest';
import { column, KEY, readAll, TestBench, tableOf } from './support.js';

const bench = new TestBench();
const table = tableOf([
  column('campaignId', 'bigint', { nullable: false }),
  column('clicks', 'bigint'),
  column('cost', 'decimal(18,6)'),
  column('day', 'date'),
  column('name', 'varchar'),
]);

/** Stages records, and checks that the row reader says the same. */
async function bothWays(text: string | Uint8Array) {
  const stage = await bench.stage(text, table);
  const rows = await bench.rows(stage);
  expect(await readAll(text, table)).toEqual(rows);
  expect(stage.totals.read).toBe(rows.length);
  await stage.discard();
  return rows;
}

test('an unknown, a wrong-case and a duplicate key each show', async () => {
  const rows = await bothWays(
    '[{"campaignId":1,"brandNew":"x"},{"campaignId":2,"Clicks":7},{"campaignId":3,"clicks":1,"clicks":2},{"CampaignId":4}]',
  );
  expect(rows.map((row) => row.cells ?? row.reasons)).toEqual([
    { campaign_id: '1', brand_new: 'x' },
    { campaign_id: '2', clicks_2: '7' },
    ['duplicate key clicks'],
    ['campaignId: missing'],
  ]);
});

test('what is no object with members is a reject', async () => {
  const rows = await bothWays('[{},null,5,"text",[1,2],true,{"campaignId":1}]');
  expect(rows.map((row) => row.reasons?.[0])).toEqual([
    'record: {} holds nothing',
    'record: null is no object',
    'record: 5 is no object',
    'record: "text" is no object',
    'record: [1,2] is no object',
    'record: true is no object',
    undefined,
  ]);
});

test('keys spelled with escapes are the same keys', async () => {
  const rows = await bothWays('[{"campaign\\u0049d":1,"co\\u0073t":1.5}]');
  expect(rows[0]!.cells).toEqual({ campaign_id: '1', cost: '1.500000' });
});

test('one malformed record costs only itself', async () => {
  const rows = await bothWays(
    '[{"campaignId":1},{"campaignId":},{"campaignId":2,"name":"},{\\"campaignId\\""},{"campaignId":3 "x"},{"campaignId":4}]',
  );
  expect(rows.map((row) => row.cells?.campaign_id ?? row.raw)).toEqual([
    '1',
    '{"campaignId":}',
    '2',
    '{"campaignId":3 "x"}',
    '4',
  ]);
  expect(rows[1]!.reasons![0]).toMatch(/^record: no valid JSON \(.+\)$/);
});

test('what cannot be cut is one reject', async () => {
  const rows = await bothWays('[{"campaignId":1},{"campaignId":2,"name":"never closed},{"campaignId":3}]');
  expect(rows.map((row) => row.cells?.campaign_id ?? row.reasons)).toEqual([
    '1',
    ['record: no valid JSON (it never ends)'],
  ]);
  expect(rows[1]!.raw).toBe('{"campaignId":2,"name":"never closed},{"campaignId":3}]');
});

test('NaN and Infinity are no JSON', async () => {
  const rows = await bothWays(
    '[{"campaignId":1,"cost":NaN},{"campaignId":2,"name":-Infinity},{"campaignId":3,"name":nan}]',
  );
  expect(rows.every((row) => row.reasons?.[0]?.startsWith('record: no valid JSON'))).toBe(true);
});

test('invalid UTF-8 and halves of surrogate pairs neither sink the file nor pass', async () => {
  const bytes = Buffer.concat([
    Buffer.from('[{"campaignId":1,"name":"größe"},{"campaignId":2,"name":"'),
    Buffer.from([0xff, 0xfe]),
    Buffer.from(
      '"},{"campaignId":3,"name":"\\ud800"},{"campaignId":4,"name":"\\ud83d\\ude00"},{"campaignId":5,"name":"a\\u0000b"}]',
    ),
  ]);
  const rows = await bothWays(bytes);
  expect(rows.map((row) => row.cells?.name ?? row.reasons)).toEqual([
    'größe',
    ['record: bytes are not valid UTF-8'],
    ['record: no valid JSON (a text holds half a surrogate pair)'],
    '😀',
    'a\0b',
  ]);
});

test('an absent key and a null are both NULL', async () => {
  const rows = await bothWays('[{"campaignId":1},{"campaignId":2,"clicks":null,"cost":null,"day":null,"name":null}]');
  expect(rows.map((row) => row.cells)).toEqual([{ campaign_id: '1' }, { campaign_id: '2' }]);
});

test('text that looks like JSON stays text', async () => {
  const name = '},{"campaignId":9,"clicks":';
  const rows = await bothWays(
    JSON.stringify([
      { campaignId: 1, name },
      { campaignId: 2, name: '[]' },
    ]),
  );
  expect(rows.map((row) => row.cells?.name)).toEqual([name, '[]']);
});

test('an empty text is NULL where the source is known to write no value so', async () => {
  const amount = column('amount', 'decimal(33,2)', { emptyIsNull: true });
  const spend = column('spend', {
    list: { struct: [{ name: 'amount', source: 'Amount', type: 'decimal(33,2)', emptyIsNull: true }] },
  });
  const own = tableOf([column('id', 'bigint'), amount, spend]);
  const text =
    '[{"id":1,"amount":"","spend":[{"Amount":""},{"Amount":"1.5"}]},{"id":2,"amount":"2"},{"id":"","amount":"3"}]';
  const rows = await bench.rows(await bench.stage(text, own));
  expect(rows.map((row) => row.cells ?? row.reasons)).toEqual([
    { id: '1', spend: [{ amount: null }, { amount: '1.50' }] },
    { id: '2', amount: '2.00' },
    ['id: "" is no whole number'],
  ]);
  expect(await readAll(text, own)).toEqual(rows);
});

test('rejects keep their text, their number and a slice', async () => {
  const [reject] = await bothWays('[ {"campaignId" : 12.7 , "name":"é"} ]');
  expect(reject).toEqual({
    row: 1,
    scope: KEY.scope,
    slice: KEY.slice,
    raw: '{"campaignId" : 12.7 , "name":"é"}',
    reasons: ['campaignId: 12.7 is no whole number'],
  });
});
