import { expect, test } from 'vitest';
import type { Stage } from '../../src/contracts/index.js';
import { askOf, column, type SeenRow, TestBench, tableOf } from './support.js';

/** Chunks of 4 KB, so that small files make many. */
const bench = new TestBench({ chunkBytes: 4096 });
const table = tableOf([
  column('id', 'bigint'),
  column('name', 'varchar'),
  column('tags', { list: { struct: [{ name: 'id', source: 'id', type: 'varchar' }] } }),
]);

const numbered = (count: number, more: (i: number) => object = () => ({})) =>
  Array.from({ length: count }, (_, i) => ({ id: i + 1, name: `},{"id":${i}`, ...more(i) }));

/** Every row has the number that its id says, and all are there. */
function expectAll(rows: readonly SeenRow[], count: number): void {
  expect(rows.map((row) => row.row)).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  expect(rows.filter((row) => row.cells).every((row) => row.cells!.id === String(row.row))).toBe(true);
}

const parts = (stage: Stage) => stage.parts.length;

test.each([
  ['compact', (records: object[]) => JSON.stringify(records)],
  ['pretty-printed', (records: object[]) => JSON.stringify(records, null, 2)],
  ['with odd spaces', (records: object[]) => `[ ${records.map((r) => JSON.stringify(r)).join(' ,\n\t ')} ]`],
])('rows keep their numbers across chunks: %s', async (_, print) => {
  const stage = await bench.stage(print(numbered(1000)), table, { writeBytes: 1000 });
  expect(parts(stage)).toBeGreaterThan(5);
  expectAll(await bench.rows(stage), 1000);
  await stage.discard();
});

test('bytes may come one by one', async () => {
  const stage = await bench.stage(JSON.stringify(numbered(200)), table, { writeBytes: 1 });
  expect(parts(stage)).toBeGreaterThan(1);
  expectAll(await bench.rows(stage), 200);
});

test('lines are cut at their ends', async () => {
  const text = numbered(1000)
    .map((r) => JSON.stringify(r))
    .join('\n');
  const stage = await bench.stage(text, table, { format: 'ndjson', writeBytes: 777 });
  expect(parts(stage)).toBeGreaterThan(5);
  expectAll(await bench.rows(stage), 1000);
});

test('blank lines, which cutting counts, are counted again', async () => {
  const text = numbered(1000)
    .map((r) => JSON.stringify(r))
    .join('\n\n');
  const stage = await bench.stage(text, table, { format: 'ndjson', writeBytes: 777 });
  expect(parts(stage)).toBeGreaterThan(5);
  expectAll(await bench.rows(stage), 1000);
});

test('objects inside records that look like records spoil neither cuts nor numbers', async () => {
  const records = numbered(600, (i) => ({ tags: Array.from({ length: i % 4 }, (_, k) => ({ id: `t${k}` })) }));
  const stage = await bench.stage(JSON.stringify(records), table, { writeBytes: 500 });
  const rows = await bench.rows(stage);
  expectAll(rows, 600);
  expect(rows[3]!.cells!.tags).toEqual([{ id: 't0' }, { id: 't1' }, { id: 't2' }]);
});

test('a malformed record in one of many chunks', async () => {
  const records = numbered(1000).map((record) => JSON.stringify(record));
  records[499] = '{"id":500,"name":}';
  const stage = await bench.stage(`[${records.join(',')}]`, table, { writeBytes: 1000 });
  const rows = await bench.rows(stage);
  expectAll(rows, 1000);
  expect(rows.filter((row) => row.reasons).map((row) => [row.row, row.raw])).toEqual([[500, records[499]]]);
  expect(stage.totals).toMatchObject({ read: 1000, slices: [{ rows: 999, rejects: 1 }] });
});

test.each([
  ['a member twice', '{"id":700,"name":"a","id":700}', ['duplicate key id']],
  ['a member less', '{"id":700}', undefined],
  ['a member more', '{"id":700,"name":"a","tags":[]}', undefined],
  ['no member', '{}', ['record: {} holds nothing']],
  ['no object', '5', ['record: 5 is no object']],
  ['null', 'null', ['record: null is no object']],
])('one record among uniform ones has %s', async (_, odd, reasons) => {
  const flat = tableOf(table.columns.slice(0, 2));
  const records = numbered(1000).map((record) => JSON.stringify(record));
  records[699] = odd;
  const stage = await bench.stage(`[${records.join(',')}]`, flat, { writeBytes: 1000 });
  const rows = await bench.rows(stage);
  expectAll(rows, 1000);
  expect(rows[699]!.reasons).toEqual(reasons);
});

test('a text that never closes takes the rest with it, as one reject', async () => {
  const records = numbered(1000).map((record) => JSON.stringify(record));
  records[799] = '{"id":800,"name":"open}';
  const stage = await bench.stage(`[${records.join(',')}]`, table, { writeBytes: 1000 });
  const rows = await bench.rows(stage);
  expect(rows.slice(0, 799).every((row) => row.cells?.id === String(row.row))).toBe(true);
  expect(stage.totals.read).toBe(rows.length);
  expect(rows.some((row) => row.row === 800 && row.reasons)).toBe(true);
});

test('a record longer than a chunk', async () => {
  const records = numbered(20);
  records[5]!.name = 'x'.repeat(50_000);
  const stage = await bench.stage(JSON.stringify(records), table, { writeBytes: 1000 });
  const rows = await bench.rows(stage);
  expectAll(rows, 20);
  expect(String(rows[5]!.cells!.name)).toHaveLength(50_000);
});

test('a record longer than DuckDB expects', async () => {
  const own = new TestBench();
  const name = 'x'.repeat(5 << 20);
  const stage = await own.stage(
    JSON.stringify([
      { id: 1, name: 'a' },
      { id: 2, name },
    ]),
    table,
  );
  expect(stage.totals).toMatchObject({ read: 2, slices: [{ rows: 2 }] });
  const [row] = await own.query(`SELECT max(strlen(name)) AS n FROM read_parquet('${stage.parts[0]!.uri}')`);
  expect(Number(row!.n)).toBe(name.length);
});

const dayOf = (n: number) => `2026-11-${String((n % 28) + 1).padStart(2, '0')}`;

test('many small artifacts go together, each with its own rows, numbers, constants and rejects', async () => {
  const own = new TestBench({ budget: { memoryBytes: 512e6, threads: 1 } });
  const daily = tableOf([
    column('report_date', 'date', { role: 'constant', nullable: false }),
    column('id', 'bigint'),
    column('cost', 'decimal(18,6)'),
    // No plain text: DuckDB stages it.
    column('at', 'timestamptz'),
  ]);
  const stages = await Promise.all(
    Array.from({ length: 40 }, async (_, n) => {
      const day = dayOf(n);
      const key = { dataset: 't', scope: String(n), slice: day };
      const records = Array.from({ length: n }, (_, i) => ({
        id: n * 1000 + i,
        cost: i % 10 === 9 ? '?' : i / 4,
        at: '2026-11-01T00:00:00Z',
      }));
      return own.stage(JSON.stringify(records), daily, {
        ask: askOf([key], { constants: { report_date: day } }),
        artifactId: `art-${n}`,
      });
    }),
  );
  const uris = new Set(stages.flatMap((stage) => stage.parts.map((part) => part.uri)));
  const settled = stages.flatMap((stage) => stage.parts[0]!.uri);
  expect(new Set(settled).size).toBeLessThan(10);
  for (const [n, stage] of stages.entries()) {
    const rows = await own.rows(stage);
    const day = dayOf(n);
    expect(rows.map((row) => row.row)).toEqual(Array.from({ length: n }, (_, i) => i + 1));
    expect(rows.every((row) => row.scope === String(n) && row.slice === day)).toBe(true);
    for (const row of rows.filter((row) => row.cells)) {
      expect(row.cells).toMatchObject({ report_date: day, id: String(n * 1000 + row.row - 1) });
    }
    const rejects = Math.floor(n / 10);
    expect(stage.totals.slices).toEqual([
      { key: { dataset: 't', scope: String(n), slice: day }, rows: n - rejects, rejects },
    ]);
    expect(rows.filter((row) => row.reasons)).toHaveLength(rejects);
  }
  for (const stage of stages.slice(1)) await stage.discard();
  expect(own.files('.parquet').length).toBeLessThan(uris.size);
  expect(await own.rows(stages[0]!)).toEqual([]);
  await stages[0]!.discard();
  expect(own.files()).toEqual([]);
});

test('small artifacts of plain text share a part, and keep apart what is theirs', async () => {
  const own = new TestBench({ budget: { memoryBytes: 512e6, threads: 1 } });
  const daily = tableOf([
    column('report_date', 'date', { role: 'constant', nullable: false }),
    column('id', 'bigint'),
    column('cost', 'decimal(18,6)'),
    column('note', 'varchar'),
  ]);
  const recordsOf = (n: number) =>
    Array.from({ length: n }, (_, i) => ({
      id: n * 1000 + i,
      cost: i % 10 === 9 ? '?' : i / 4,
      note: n % 2 === 0 ? null : `${n}`,
    }));
  // Those that hold something else than records stop to be plain on the way.
  const isPlain = (n: number) => n % 9 !== 8;
  const stages = await Promise.all(
    Array.from({ length: 300 }, (_, at) => {
      const n = at % 40;
      const records = isPlain(n) ? recordsOf(n) : [...recordsOf(n), 'else'];
      return own.stage(JSON.stringify(records), daily, {
        ask: askOf([{ dataset: 't', scope: String(at), slice: dayOf(n) }], { constants: { report_date: dayOf(n) } }),
        artifactId: `art-${at}`,
        ...(at % 3 === 0 ? { gzip: true } : { writeBytes: 100 }),
      });
    }),
  );
  const plain = stages.filter((_, at) => isPlain(at % 40));
  expect(new Set(plain.flatMap(({ parts }) => parts.map(({ uri }) => uri))).size).toBeLessThan(20);
  for (const [at, stage] of stages.entries()) {
    const n = at % 40;
    const slice = dayOf(n);
    const rejects = Math.floor(n / 10) + (isPlain(n) ? 0 : 1);
    const rows = n - Math.floor(n / 10);
    expect(stage.totals.slices).toEqual([{ key: { dataset: 't', scope: String(at), slice }, rows, rejects }]);
    expect(stage.totals.vanished).toEqual(n % 2 === 0 && rows > 0 ? ['note'] : []);
    if (stage.parts.length === 0) continue;
    const found = await own.rows(stage);
    expect(found.map(({ row }) => row)).toEqual(Array.from({ length: rows + rejects }, (_, i) => i + 1));
    const typed = found.filter(({ cells }) => cells);
    const expected = recordsOf(n).flatMap(({ id, cost, note }) =>
      cost === '?'
        ? []
        : [{ report_date: slice, id: `${id}`, cost: Number(cost).toFixed(6), ...(note ? { note } : {}) }],
    );
    expect(typed.map(({ cells }) => cells)).toEqual(expected);
    expect(found.every((row) => row.scope === String(at) && row.slice === slice)).toBe(true);
  }
  const last = stages.at(-1)!;
  for (const stage of stages.slice(0, -1)) await stage.discard();
  expect(await own.rows(last)).not.toEqual([]);
  await last.discard();
  expect(own.files()).toEqual([]);
});

test('one small artifact that is given up takes no other with it', async () => {
  const own = new TestBench({ budget: { memoryBytes: 512e6, threads: 1 } });
  const given = new AbortController();
  const texts = Array.from({ length: 20 }, (_, n) =>
    JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ id: n + i }))),
  );
  const staged = texts.map((text, n) => own.stage(text, table, n === 7 ? { signal: given.signal } : {}));
  given.abort();
  const results = await Promise.allSettled(staged);
  expect(results.filter(({ status }) => status === 'rejected')).toEqual([
    { status: 'rejected', reason: expect.objectContaining({ code: 'E_INTERRUPTED' }) },
  ]);
  for (const result of results) {
    if (result.status === 'rejected') continue;
    expect(result.value.totals.read).toBe(500);
    await result.value.discard();
  }
  expect(own.files()).toEqual([]);
});

test('one malformed artifact among small ones spoils no other', async () => {
  const own = new TestBench({ budget: { memoryBytes: 512e6, threads: 1 } });
  const texts = ['[{"id":1}]', '[{"id":2},{"id":}]', '[{"id":3}]', '[{"id":4}]'];
  const stages = await Promise.all(texts.map((text) => own.stage(text, table)));
  expect(stages.map(({ totals }) => [totals.slices[0]!.rows, totals.slices[0]!.rejects])).toEqual([
    [1, 0],
    [1, 1],
    [1, 0],
    [1, 0],
  ]);
});
