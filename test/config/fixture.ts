// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration are written so
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach } from 'vitest';
import { z } from 'zod';
import { MillpondError } from '../../src/base/errors.js';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/types.js';
import type { Connector, Dataset, DatasetOptions, Slicing } from '../../src/contracts/index.js';

const folders: string[] = [];

afterEach(async () => {
  await Promise.all(folders.splice(0).map((folder) => fs.rm(folder, { recursive: true, force: true })));
});

/** A folder of its own for this test, removed after it. */
export async function temporaryFolder(): Promise<string> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-config-'));
  folders.push(folder);
  return folder;
}

function dataset(name: string, columns: readonly string[], slicing: Slicing, tables = [name]): Dataset {
  const tactics = slicing.kind === 'day' ? slicing.parts : [];
  return {
    name,
    title: name,
    state: { kind: 'alive' },
    tables: tables.map((table) => ({
      name: table,
      columns: [],
      key: [],
      mode: 'replace',
      scopeColumn: { name: '_profile_id', type: 'bigint' },
    })),
    slicing,
    filters: {},
    limits: [],
    request({ columns: wanted = columns, filter = {} }: DatasetOptions) {
      for (const column of wanted) {
        if (!columns.includes(column)) throw new MillpondError('E_CONFIG', `${name} has no column '${column}'`);
      }
      const { tactic, ...params } = filter;
      return {
        columns: wanted,
        params,
        tables: [],
        slicing: slicing.kind === 'day' ? { ...slicing, parts: tactic ?? tactics } : slicing,
      };
    },
    unavailable: () => undefined,
    fetch: {
      kind: 'direct',
      coalesce: () => [],
      async *read() {},
    },
  };
}

const DAYS = { kind: 'day', maxDays: 1, retentionDays: 60, ages: [1] } as const;

/** A connector whose settings take every kind of value that a file can hold. */
export const TIDES: Connector = {
  name: 'tides',
  schema: 'tide_tables',
  config: z.strictObject({
    region: z.enum(['north', 'south']).describe('Which sea.'),
    token: z.string().optional().describe('A secret.'),
    host: z.url().optional(),
    profiles: z
      .strictObject({
        ids: z.array(z.union([z.bigint(), z.string().regex(/^\d+$/)]).transform(String)).optional(),
        exclude: z.array(z.union([z.bigint(), z.string()]).transform(String)).optional(),
        countries: z.array(z.string()).optional(),
      })
      .optional(),
    limits: z.strictObject({ requests_per_second: z.number().positive().default(5) }).prefault({}),
  }),
  secrets: ['token'],
  datasets: [
    dataset('gauges', ['gauge_id', 'name'], { kind: 'as-of' }),
    dataset('levels_report', ['gauge_id', 'height', 'wind'], { ...DAYS, parts: [] }),
    dataset('waves_report', ['height'], { ...DAYS, parts: ['calm', 'rough'] }),
    dataset('events', ['kind'], { kind: 'cursor' }, ['events', 'storm_events']),
  ],
  open: () => Promise.reject(new Error('no test opens it')),
};

/** A second connector: its schema and datasets are its own, its scopes are catalogs, and it makes snapshots. */
export const STARS: Connector = {
  ...TIDES,
  name: 'stars',
  schema: 'stars',
  config: z.strictObject({ catalog: z.enum(['near', 'far']), profile: z.string().optional() }),
  secrets: [],
  making: { scopeKey: 'catalog', policy: () => ({}) },
  datasets: [dataset('constellations', ['name'], { kind: 'as-of' })],
};

/** Writes a configuration into a folder of its own and loads it. */
export async function load(yaml: string, folder?: string): Promise<Config> {
  const file = path.join(folder ?? (await temporaryFolder()), 'millpond.yaml');
  await fs.writeFile(file, yaml);
  return loadConfig(file, [TIDES, STARS]);
}

/** The error that a configuration is answered with, its message with the folder taken away. */
export async function refused(yaml: string): Promise<{ code: string; lines: string[]; error: MillpondError }> {
  const folder = await temporaryFolder();
  try {
    await load(yaml, folder);
  } catch (error) {
    if (!(error instanceof MillpondError)) throw error;
    const lines = error.message
      .split('\n')
      .filter((line) => line.includes('.yaml:'))
      .map((line) => line.trim().replace(`${folder}/`, ''));
    return { code: error.code, lines, error };
  }
  throw new Error('the configuration was accepted');
}

/** A right configuration; `parts` replace its sections. */
export function yamlOf(
  parts: {
    readonly connections?: string;
    readonly sinks?: string;
    readonly pipelines?: string;
    readonly rest?: string;
  } = {},
): string {
  return [
    'version: 1',
    `connections:${parts.connections ?? '\n  north: { connector: tides, region: north, token: "${env:TIDES_TEST_TOKEN}" }'}`,
    `sinks:${parts.sinks ?? '\n  warehouse: { sink: duckdb, path: ./warehouse.duckdb }'}`,
    `pipelines:${parts.pipelines ?? '\n  daily: { datasets: [gauges] }'}`,
    parts.rest ?? '',
  ].join('\n');
}
