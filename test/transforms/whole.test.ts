import { describe, expect, test } from 'vitest';
import { column, TestBench, tableOf } from './support.js';

const bench = new TestBench();
const table = tableOf([column('id', 'bigint')]);

describe.each([
  ['as it comes', {}],
  ['whole, gzip’d', { gzip: true }],
])('a text that arrives %s', (_, way) => {
  const bench = new TestBench();
  test.each([
    ['after a comma', '[{"id":1},'],
    ['between records', '[{"id":1}'],
    ['inside a record', '[{"id":1},{"id":'],
    ['before the first record', '['],
    ['to nothing', ''],
    ['to white space', ' \n'],
  ])('a file that was cut %s is refused', async (_, text) => {
    await expect(bench.stage(text, table, way)).rejects.toMatchObject({ code: 'E_ARTIFACT_CUT' });
    expect(bench.files()).toEqual([]);
  });

  test('an error in place of a list is told as it came', async () => {
    await expect(bench.stage('{"code":"UNAUTHORIZED","details":"no"}', table, way)).rejects.toMatchObject({
      code: 'E_ARTIFACT_CORRUPT',
      message: expect.stringContaining('{"code":"UNAUTHORIZED","details":"no"}'),
    });
  });

  test.each([['[]'], [' [ ] \n'], ['\uFEFF[]']])('an empty list %j has no rows', async (text) => {
    const stage = await bench.stage(text, table, way);
    expect(stage.totals).toMatchObject({ read: 0, unknown: [], vanished: [] });
    expect(stage.totals.slices).toEqual([{ key: expect.anything(), rows: 0, rejects: 0 }]);
    expect(await bench.rows(stage)).toEqual([]);
    await stage.discard();
  });

  test('a byte order mark is tolerated', async () => {
    const stage = await bench.stage('\uFEFF[{"id":1}]', table, way);
    expect((await bench.rows(stage))[0]!.cells).toEqual({ id: '1' });
  });

  test('lines: empty ones are none, a broken one is a reject, an empty file has no rows', async () => {
    const stage = await bench.stage('{"id":1}\n\n  \r\n{"id":2}\r\n{"id":\n[3]\n{"id":4}', table, {
      ...way,
      format: 'ndjson',
    });
    const rows = await bench.rows(stage);
    expect(rows.map((row) => [row.row, row.cells?.id ?? row.raw])).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '{"id":'],
      [4, '[3]'],
      [5, '4'],
    ]);
    expect((await bench.stage('', table, { ...way, format: 'ndjson' })).totals.read).toBe(0);
  });
});

test('parts are deleted with the last stage that claims them', async () => {
  const own = new TestBench();
  const stage = await own.stage('[{"id":1},{"id":1.5}]', table);
  expect(own.files('.parquet')).toHaveLength(stage.parts.length);
  expect(own.files('.json')).toEqual([]);
  await stage.discard();
  await stage.discard();
  expect(own.files()).toEqual([]);
});

test('a type that there is not is a configuration error', async () => {
  const policy = { unknown: 'evolve', types: { id: 'bignit' } } as const;
  await expect(bench.stage('[]', table, { policy })).rejects.toMatchObject({
    code: 'E_CONFIG',
    hint: 'Did you mean bigint?',
  });
});
