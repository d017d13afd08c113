import fs from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/index.js';
import type { RunEvent, RunSummary } from '../../src/pipelines/index.js';
import { type ImportOptions, importFiles, replayPipelines } from '../../src/pipelines/index.js';
import { EVERYTHING, Workspace } from '../support/workspace.js';

/** Against Amazon's own hosts, where all of this is switched off; the secret is nowhere. */
const YAML = `
version: 1
connections:
  ads: { connector: amazon-ads, region: na, client_id: id, client_secret: "\${env:NOT_SET_ANYWHERE}", refresh_token: token }
landing: ./landing
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  daily: { since: 3d, datasets: [profiles] }
`;

let w: Workspace;
beforeAll(async () => {
  w = await Workspace.make(YAML);
});
afterAll(() => w.remove());

/** A file of the workspace, last written at that instant. */
async function file(name: string, content: unknown, modified = '2024-10-20T06:00:00Z'): Promise<string> {
  const full = path.join(w.folder, name);
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  await fs.mkdir(path.dirname(full), { recursive: true });
  await fs.writeFile(full, name.endsWith('.gz') ? gzipSync(text) : text);
  await fs.utimes(full, new Date(modified), new Date(modified));
  return full;
}

async function take(
  files: readonly string[],
  options: Partial<ImportOptions>,
  events: RunEvent[] = [],
): Promise<RunSummary> {
  const defaults = { dataset: 'sp_campaigns_report_v2', scope: '111', slice: '2024-10-01', parent: null };
  const onEvent = (event: RunEvent) => void events.push(event);
  const config = await loadConfig(w.configFile);
  return (await importFiles({ ...defaults, files, config, onEvent, ...options }, w.ctx())).summary;
}

const reportRow = (campaignId: string, cost: number) => `{"campaignId":${campaignId},"clicks":1,"cost":${cost}}`;

describe('import', () => {
  it('takes a folder of daily reports into the same tables, a file a day, whatever they are packed in', async () => {
    const files = [
      await file('old/sp_20241001.json.gz', `[${reportRow('9007199254740993', 1.25)},${reportRow('2', 2)}]`),
      await file('old/sp-2024-10-02.ndjson', `${reportRow('1', 3)}\n${reportRow('2', 4)}\n`),
      await file('old/2024_10_03/sp.json', `[${reportRow('"x"', 3)},${reportRow('2', 4)}]`),
    ];
    const summary = await take(files, { slice: '{date}' });
    expect(summary).toMatchObject({ status: 'succeeded', slices: { committed: 3, failed: 0 }, rows: 5, rejects: 1 });
    const query = (from: string) =>
      `SELECT _profile_id, report_date::VARCHAR AS day, count(*)::INT AS n, max(campaign_id) AS id, sum(cost) AS cost
       FROM ${from} GROUP BY ALL ORDER BY ALL`;
    const rows = [
      { _profile_id: '111', day: '2024-10-01', n: 2, id: '9007199254740993', cost: '3.250000' },
      { _profile_id: '111', day: '2024-10-02', n: 2, id: '2', cost: '7.000000' },
      { _profile_id: '111', day: '2024-10-03', n: 1, id: '2', cost: '4.000000' },
    ];
    expect(await w.sql(query('amazon_ads.sp_campaigns_report_v2'))).toEqual(rows);
    const lake = "read_parquet('LAKE/sp_campaigns_report_v2/**/*.parquet', hive_partitioning = true)";
    expect(await w.lakeSql(query(lake))).toEqual(rows);
    expect(await w.sql('SELECT DISTINCT as_of, final FROM millpond.slices')).toEqual([
      { as_of: '2024-10-20 06:00:00+00', final: false },
    ]);
    expect(await w.sql('SELECT trigger, pipeline, status FROM millpond.runs')).toEqual([
      { trigger: 'import', pipeline: 'daily', status: 'succeeded' },
    ]);
    for (const one of files) expect((await fs.stat(one)).size).toBeGreaterThan(0);
  });

  it('makes one slice of several files, and constants of its name', async () => {
    const files = [
      await file('a.json', `[${reportRow('1', 1)}]`),
      await file('b.json', `[${reportRow('2', 1)}]`, '2024-10-21T06:00:00Z'),
    ];
    const dataset = 'sd_campaigns_report_v2';
    expect(await take(files, { dataset, slice: '2024-10-01/T00020' })).toMatchObject({
      slices: { committed: 1 },
      rows: 2,
    });
    expect(
      await w.sql(`SELECT campaign_id, report_date::VARCHAR AS day, tactic FROM amazon_ads.${dataset} ORDER BY 1`),
    ).toEqual([
      { campaign_id: '1', day: '2024-10-01', tactic: 'T00020' },
      { campaign_id: '2', day: '2024-10-01', tactic: 'T00020' },
    ]);
    const held = `SELECT as_of, (SELECT count(*)::INT FROM millpond.artifacts a WHERE a.dataset = s.dataset) AS files
      FROM millpond.slices s WHERE dataset = '${dataset}'`;
    expect(await w.sql(held)).toEqual([{ as_of: '2024-10-20 06:00:00+00', files: 2 }]);
    // The same again changes nothing, and lands nothing.
    expect(await take(files, { dataset, slice: '2024-10-01/T00020' })).toMatchObject({ bytes: 0, rows: 2 });
  });

  it('never replaces newer data, and says so; a newer file does', async () => {
    const dataset = 'sp_campaigns_snapshot';
    const state = (name: string) => [{ campaignId: 1, name }];
    const names = () => w.sql(`SELECT name, _slice FROM amazon_ads.${dataset}`);
    // Copied later: the slice says when it was asked for.
    const newer = await file('newer.json', state('newer'), '2026-01-01T00:00:00Z');
    await take([newer], { dataset, slice: '2024-11-20' });
    expect(await names()).toEqual([{ name: 'newer', _slice: '2024-11-20' }]);
    const older = await file('older.json.gz', state('older'), '2024-11-19T08:00:00Z');
    const events: RunEvent[] = [];
    const summary = await take([older], { dataset, slice: '2024-11-19' }, events);
    expect(summary).toMatchObject({ slices: { committed: 0, unchanged: 1 }, bytes: 0 });
    expect(summary.warnings).toEqual([
      { code: 'W_SUPERSEDED', message: expect.stringContaining('warehouse holds 2024-11-20 as of 2024-11-20T12:00') },
      { code: 'W_SUPERSEDED', message: expect.stringContaining('lake holds 2024-11-20') },
    ]);
    expect(events.filter(({ type }) => type === 'superseded')).toHaveLength(2);
    expect(await names()).toEqual([{ name: 'newer', _slice: '2024-11-20' }]);
    await take([older], { dataset, slice: '2024-11-21', asOf: '2024-11-21T08:00:00Z' });
    expect(await names()).toEqual([{ name: 'older', _slice: '2024-11-21' }]);
  });

  it('a warehouse that is lost is filled from the copies', async () => {
    const query = 'SELECT dataset, scope, slice, rows, rejects, as_of FROM millpond.slices ORDER BY ALL';
    const held = await w.sql(query);
    await fs.rm(w.warehouse);
    const config = await loadConfig(w.configFile);
    const { summary } = await replayPipelines({ ...EVERYTHING, config, parent: null, onEvent() {} }, w.ctx());
    expect(summary.slices).toMatchObject({ committed: held.length, failed: 0, skipped: 0 });
    expect(await w.sql(query)).toEqual(held);
  });

  it('keeps what is held where the file is no good', async () => {
    const bad = await file('bad.json', `[${reportRow('"a"', 1)},${reportRow('"b"', 1)}]`);
    const cut = await file('cut.json', `[${reportRow('1', 1)}`);
    const summary = await take([bad], { asOf: '2024-11-01T00:00:00Z' });
    expect(summary).toMatchObject({ status: 'failed', errors: [{ code: 'E_TOO_MANY_REJECTS' }] });
    expect(await take([cut], { asOf: '2024-11-01T00:00:00Z' })).toMatchObject({ errors: [{ code: 'E_ARTIFACT_CUT' }] });
    const rows = "SELECT count(*)::INT AS n FROM amazon_ads.sp_campaigns_report_v2 WHERE _slice = '2024-10-01'";
    expect(await w.sql(rows)).toEqual([{ n: 2 }]);
    expect(await fs.readdir(path.join(w.folder, 'landing/damaged'))).toHaveLength(1);
  });

  it.each<[string, string, Partial<ImportOptions>, string, string]>([
    ['a dataset', 'x.json', { dataset: 'sp_campaign_report_v2' }, 'E_NOT_FOUND', 'There is no dataset'],
    ['a pipeline', 'x.json', { pipeline: 'dayly' }, 'E_NOT_FOUND', 'did you mean daily?'],
    ['a connection', 'x.json', { connection: 'adds' }, 'E_NOT_FOUND', 'There is no connection adds'],
    ['a file', 'nowhere.json', {}, 'E_NOT_FOUND', 'There is no file'],
    ['a scope', 'x.json', { scope: 'ACME' }, 'E_USAGE', "a profile's id"],
    ['a day', 'x.json', { slice: '2024-02-30' }, 'E_USAGE', 'is a day such as 2026-10-01'],
    ['a part that there is not', 'x.json', { slice: '2024-10-01/T00020' }, 'E_USAGE', 'has no parts'],
    [
      'a wrong part',
      'x.json',
      { dataset: 'sd_campaigns_report_v2', slice: '2024-10-01/T0002' },
      'E_USAGE',
      'did you mean 2024-10-01/T00020?',
    ],
    ['no day in a name', 'x.json', { slice: '{date}' }, 'E_USAGE', 'no day in its name'],
    ['two days in a name', '2024-10-01_to_2024-10-02.json', { slice: '{date}' }, 'E_USAGE', 'which of the days'],
    ['an instant', 'x.json', { asOf: 'yesterday' }, 'E_USAGE', 'write an instant'],
    ['a time to come', 'x.json', { asOf: '2999-01-01T00:00:00Z' }, 'E_USAGE', 'still to come'],
    ['an instant before the day', 'x.json', { asOf: '2024-09-01T00:00:00Z' }, 'E_USAGE', 'cannot be of'],
    ['what is no JSON', 'x.csv', {}, 'E_USAGE', 'neither a JSON array'],
  ])('refuses %s before anything is done', async (_, name, options, code, message) => {
    if (name !== 'nowhere.json') await file(name, name.endsWith('.csv') ? 'a,b' : '[]');
    const refused = take([path.join(w.folder, name)], options);
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
