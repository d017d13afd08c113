import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exampleYaml } from '../../src/config/examples.js';
import { loadConfig } from '../../src/config/load.js';
import { entryFor } from '../../src/config/select.js';
import { connectorNamed } from '../../src/connectors/registry.js';
import { SANDBOX_CREDENTIALS } from '../../src/sandbox/index.js';
import { SANDBOX_AWS_ACCOUNTS } from '../../src/sandbox/partner-central/identities.js';
import { temporaryFolder } from './fixture.js';

const SECRETS = ['ADS_CLIENT_ID', 'ADS_CLIENT_SECRET', 'ADS_REFRESH_TOKEN'];
let before: (string | undefined)[];

beforeEach(() => {
  before = SECRETS.map((name) => process.env[name]);
  for (const name of SECRETS) delete process.env[name];
});

afterEach(() => {
  for (const [i, name] of SECRETS.entries()) {
    if (before[i] === undefined) delete process.env[name];
    else process.env[name] = before[i];
  }
});

async function write(text: string): Promise<string> {
  const file = path.join(await temporaryFolder(), 'millpond.yaml');
  await fs.writeFile(file, text);
  return file;
}

test('the real example loads without its secrets, and resolves with them', async () => {
  const config = await loadConfig(await write(exampleYaml({ sandbox: false })));
  const connection = config.connections.ads_na!;
  expect(() => connection.resolve()).toThrowError(/ADS_CLIENT_ID is not set[\s\S]*ADS_REFRESH_TOKEN is not set/);
  for (const name of SECRETS) process.env[name] = `value-of-${name}`;
  expect(connection.resolve()).toMatchObject({ region: 'na', refresh_token: 'value-of-ADS_REFRESH_TOKEN' });
});

test('everything that the real example holds in comments loads, too', async () => {
  const text = exampleYaml({ sandbox: false })
    .replaceAll(/^(\s+)# (profiles:|schema:|poll:|limits:|lake:|schedule:|max_rejects:)/gm, '$1$2')
    .replaceAll(/^(\s+)# {3}(ids:|exclude:|countries:|types:)/gm, '$1  $2')
    .replaceAll(
      /^ {2}# ( *(?:partners|connector|catalog|profile|schema|connection|datasets|snapshots|create|max):)/gm,
      '  $1',
    );
  const config = await loadConfig(await write(text));
  expect(config.pipelines.ads_daily!.schedule).toEqual({ cron: '15 6 * * *', timezone: 'America/Los_Angeles' });
  expect(Object.keys(config.sinks)).toEqual(['warehouse', 'lake']);
  for (const name of SECRETS) process.env[name] = `value-of-${name}`;
  expect(config.connections.ads_na!.resolve()).toMatchObject({ profiles: { ids: ['1234567890123456'] } });
  expect(config.connections.partners!.resolve()).toMatchObject({ catalog: 'AWS', profile: 'acme' });
  expect(config.pipelines.partners!.snapshots?.create).toMatchObject([
    { connection: 'partners', resource: 'O1234567' },
  ]);
});

test('the sandbox example needs nothing, and shows all three products', async () => {
  const config = await loadConfig(await write(exampleYaml({ sandbox: true })));
  expect(config.connections.ads_na!.resolve()).toMatchObject({
    endpoints: { api: 'http://127.0.0.1:8701', token: 'http://127.0.0.1:8701/auth/o2/token' },
    download_hosts: ['127.0.0.1:8702'],
    client_id: SANDBOX_CREDENTIALS.clientId,
    client_secret: SANDBOX_CREDENTIALS.clientSecret,
    refresh_token: SANDBOX_CREDENTIALS.refreshToken,
  });
  const [{ accessKeyId, secretAccessKey }] = SANDBOX_AWS_ACCOUNTS;
  expect(config.connections.partners!.resolve()).toMatchObject({
    endpoint: 'http://127.0.0.1:8703',
    access_key_id: accessKeyId,
    secret_access_key: secretAccessKey,
  });
  const datasets = connectorNamed('amazon-ads')!.datasets;
  const loaded = Object.values(config.pipelines).flatMap((pipeline) =>
    datasets.filter((dataset) => entryFor(dataset, pipeline.datasets)).map((dataset) => dataset.name),
  );
  for (const product of ['sp', 'sb', 'sd']) {
    for (const kind of ['snapshot', 'report_v2']) {
      expect(loaded.filter((name) => name.startsWith(product) && name.endsWith(kind)).length).toBeGreaterThan(0);
    }
  }
});

test('the first line leads editors to the schema that is there', async () => {
  for (const file of ['/somewhere/else/millpond.yaml', 'millpond.yaml', '../millpond.yaml']) {
    const [line] = exampleYaml({ sandbox: false, file }).split('\n');
    const named = /^# yaml-language-server: \$schema=(.+)$/.exec(line!)![1]!;
    const schema = path.resolve(path.dirname(path.resolve(file)), named);
    expect(JSON.parse(await fs.readFile(schema, 'utf8')).title).toBe('Millpond configuration');
  }
});
