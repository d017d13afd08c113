import fs from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeWarehouse, openOptions, queryText, testCtx, testFolder } from './warehouse.js';

const folder = await testFolder();
let file: string;
let before: string;
beforeAll(async () => {
  file = await makeWarehouse(folder);
  before = await queryText('FROM campaigns ORDER BY ALL', openOptions(file));
  await fs.writeFile(path.join(folder, 'secret.csv'), 'secret\nhush\n');
});

/** Each must be refused, and none may leave a file or a changed row behind. */
const probes = (dir: string): string[] => [
  `SELECT * FROM read_csv('${dir}/secret.csv')`,
  `SELECT * FROM "READ_CSV"('${dir}/secret.csv')`,
  `SELECT * FROM read_text('/etc/hostname')`,
  `SELECT * FROM read_blob('${dir}/warehouse.duckdb')`,
  `SELECT * FROM '${dir}/secret.csv'`,
  `SELECT * FROM amazon_ads.peek('${dir}/secret.csv')`,
  `SELECT * FROM glob('/etc/*')`,
  `SELECT * FROM sniff_csv('${dir}/secret.csv')`,
  `SELECT * FROM query('SELECT 1')`,
  `SELECT (SELECT max(content) FROM read_text('/etc/hostname'))`,
  `WITH a AS (FROM read_text('/etc/hostname')) FROM a`,
  `SUMMARIZE FROM read_csv('${dir}/secret.csv')`,
  `FROM enable_logging('QueryLog', storage = 'file', storage_path = '${dir}/evil')`,
  `FROM force_checkpoint()`,
  `COPY (SELECT 1) TO '${dir}/evil.csv'`,
  `COPY amazon_ads.campaigns TO '${dir}/evil.csv'`,
  `EXPLAIN ANALYZE COPY (SELECT 1) TO '${dir}/evil.csv'`,
  `EXPLAIN ANALYZE DELETE FROM campaigns`,
  `/* a */ EXPLAIN (ANALYZE) DELETE FROM campaigns`,
  `EXPORT DATABASE '${dir}/evil'`,
  `ATTACH '${dir}/evil.duckdb' AS evil`,
  `ATTACH ':memory:' AS evil`,
  `DETACH warehouse`,
  `USE millpond`,
  `INSTALL httpfs`,
  `LOAD httpfs`,
  `SET threads = 64`,
  `SET enable_external_access = true`,
  `SET lock_configuration = false`,
  `RESET memory_limit`,
  `PRAGMA temp_directory = '${dir}/evil'`,
  `PRAGMA table_info('campaigns')`,
  `CALL pragma_version()`,
  `SELECT 1; SELECT 2`,
  `SELECT 1; DROP TABLE amazon_ads.campaigns`,
  `CREATE TABLE amazon_ads.evil (i INT)`,
  `CREATE TEMP TABLE evil AS SELECT 1`,
  `DROP TABLE amazon_ads.campaigns`,
  `INSERT INTO campaigns (campaign_id) VALUES (1)`,
  `UPDATE campaigns SET name = 'x'`,
  `DELETE FROM campaigns`,
  `TRUNCATE campaigns`,
  `BEGIN`,
  `CHECKPOINT`,
  `VACUUM`,
  `PREPARE evil AS SELECT 1`,
  `CREATE SECRET evil (TYPE s3)`,
  `CREATE MACRO evil() AS 1`,
  `SET VARIABLE evil = 1`,
];

describe('ad hoc SQL', () => {
  it.each(probes('DIR').map((probe, i) => [probe, i] as const))('refuses %s', async (_, i) => {
    await expect(queryText(probes(folder)[i]!, openOptions(file))).rejects.toMatchObject({
      code: 'E_QUERY_FORBIDDEN',
      exit: 2,
    });
    expect((await fs.readdir(folder)).filter((name) => name.startsWith('evil'))).toEqual([]);
  });

  it('has changed nothing by what it refused', async () => {
    expect(await queryText('FROM campaigns ORDER BY ALL', openOptions(file))).toBe(before);
  });

  it.each([
    'SELECT 1',
    '-- a comment first\nSELECT count(*) FROM campaigns; -- and last',
    '(SELECT 1)',
    'FROM campaigns',
    'TABLE campaigns',
    'VALUES (1), (2)',
    'WITH a AS (SELECT 1 AS i) FROM a',
    'DESCRIBE campaigns',
    'DESCRIBE SELECT 1',
    'SHOW TABLES',
    'SHOW ALL TABLES',
    'SUMMARIZE campaigns',
    'EXPLAIN SELECT 1',
    'explain analyze select count(*) from campaigns',
    'EXPLAIN (FORMAT json) SELECT 1',
    'FROM range(3), generate_series(1, 2)',
    "SELECT 'read_csv(' AS innocent, unnest([1, 2])",
    'PIVOT campaigns ON active IN (true, false) USING sum(cost) GROUP BY report_date',
    'FROM duckdb_tables()',
    "FROM amazon_ads.campaigns_of(DATE '2026-10-01')",
  ])('lets %s through', async (sql) => {
    expect(JSON.parse(await queryText(sql, openOptions(file)))).not.toEqual([]);
  });

  it('finds a bare name in the connection’s schema first, and in every other', async () => {
    expect(await queryText('SELECT campaign_id FROM campaigns WHERE campaign_id = 7', openOptions(file))).toContain(
      '7',
    );
    expect(await queryText('FROM runs', openOptions(file))).toContain('r1');
  });

  it('writes no file of its own beside the warehouse', async () => {
    const before = await fs.readdir(folder);
    await queryText('SELECT count(*) FROM range(1000000)', openOptions(file));
    expect(await fs.readdir(folder)).toEqual(before);
  });
});

describe('a mistake in a query', () => {
  it.each([
    ['SELEC 1', 'Parser Error: syntax error at or near "SELEC" (line 1, column 1)'],
    ['SELECT\n  campaign_id,\n  nope FROM campaigns', 'line 3, column 3'],
    ['SELECT * FROM nope', 'Table with name nope does not exist'],
    ["SELECT 'x'::DATE", 'Conversion Error'],
    ['SELECT $1', 'parameter'],
    ['', 'empty'],
    ['-- nothing', 'empty'],
    ['SELECT \0', 'NUL'],
  ])('%j is told in DuckDB’s words, on one line', async (sql, words) => {
    const error = await queryText(sql, openOptions(file)).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'E_QUERY', exit: 2 });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('\n');
  });

  it('that asks for more than the memory says so', async () => {
    const query = "SELECT length(string_agg(repeat(range::VARCHAR, 200), '')) FROM range(20000000)";
    await expect(queryText(query, openOptions(file))).rejects.toMatchObject({
      code: 'E_QUERY',
      hint: 'Raise `memory` in the configuration, or ask for less at once.',
    });
  });

  it('can be interrupted', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 150);
    const started = performance.now();
    await expect(
      queryText('SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range * b.range % 7 = 3', {
        ...openOptions(file),
        ctx: testCtx(controller.signal),
      }),
    ).rejects.toMatchObject({ code: 'E_INTERRUPTED', exit: 130 });
    expect(performance.now() - started).toBeLessThan(3000);
  });
});
