import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/base/duckdb/database.js';
import { loadConfig, runPipeline } from '../../src/index.js';
import { startSandbox } from '../../src/sandbox/index.js';
import { partnerYaml } from '../support/partner-central.js';
import { blocks, page } from './pages.js';

/** What the pages' queries read, from the sandbox that listens now. */
function yaml(sandbox: Awaited<ReturnType<typeof startSandbox>>): string {
  return `
version: 1
connections:
  ads_na:
    connector: amazon-ads
    region: na
    profiles: { countries: [US] }
    client_id: ${JSON.stringify(sandbox.clientId)}
    client_secret: ${JSON.stringify(sandbox.clientSecret)}
    refresh_token: ${JSON.stringify(sandbox.refreshToken)}
    endpoints: { api: "${sandbox.apiUrl}", token: "${sandbox.tokenUrl}" }
    download_hosts: ["${sandbox.downloadHost}"]
    poll: { first: 50ms, max: 500ms, deadline: 5m, give_up: 1h }
    limits: { requests_per_second: 500, jobs_in_flight: 100 }
  partners: ${partnerYaml(sandbox)}
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
  both:
    connection: [ads_na, partners]
    since: 2d
    datasets: [sp_campaigns_snapshot, sp_campaigns_report_v2, sp_keywords_query_report_v2, resource_snapshots]
`;
}

describe('queries in pages, on a warehouse loaded from the sandbox', () => {
  let folder: string;
  let database: Database;

  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-docs-'));
    const sandbox = await startSandbox({
      rows: 30,
      jobSeconds: 0,
      partnerCentral: { engagements: 2, opportunities: 8, snapshots: 40 },
    });
    try {
      const file = path.join(folder, 'millpond.yaml');
      await fs.writeFile(file, yaml(sandbox));
      const { summary } = await runPipeline({ config: await loadConfig(file), pipeline: 'both' });
      expect(summary).toMatchObject({ status: 'succeeded', errors: [] });
    } finally {
      await sandbox.close();
    }
    const warehouse = path.join(folder, 'warehouse.duckdb');
    database = await Database.open({ path: warehouse, threads: 2, memoryBytes: 256e6, readOnly: true });
  });
  afterAll(async () => {
    database?.close();
    await fs.rm(folder, { recursive: true, force: true });
  });

  const queries = ['README.md', 'docs/partner-central.md', 'docs/warehouse.md'].flatMap((name) =>
    blocks(page(name), 'sql').map(({ code }, i) => ({ name: `${name}, number ${i + 1}`, code })),
  );

  it.each(queries)('$name finds something', async ({ code }) => {
    const rows = await database.rows(code.replaceAll("'lake/", `'${folder}/lake/`));
    expect(rows.length).toBeGreaterThan(0);
  });

  it('three of them are in the README', () => {
    expect(queries.filter(({ name }) => name.startsWith('README.md')).length).toBe(3);
  });
});
