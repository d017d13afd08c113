import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { entryFor } from '../../src/config/select.js';
import { load, refused, STARS, TIDES, temporaryFolder, yamlOf } from './fixture.js';

describe('a right file', () => {
  test('is read with every default', async () => {
    const folder = await temporaryFolder();
    const config = await load(yamlOf(), folder);
    expect(config).toMatchObject({
      file: path.join(folder, 'millpond.yaml'),
      landing: { path: path.join(folder, 'landing'), keepMs: 30 * 86_400_000, maxBytes: undefined },
      memoryBytes: 1e9,
      connections: { north: { name: 'north', connector: 'tides', schema: 'tide_tables' } },
      sinks: {
        warehouse: {
          name: 'warehouse',
          sink: 'duckdb',
          path: path.join(folder, 'warehouse.duckdb'),
          lockWaitMs: 60_000,
        },
      },
    });
    expect(config.pipelines.daily).toEqual({
      name: 'daily',
      connections: ['north'],
      sinks: ['warehouse'],
      since: { kind: 'age', days: 30 },
      until: undefined,
      lookback: { kind: 'auto' },
      schedule: undefined,
      schemaPolicy: 'evolve',
      maxRejects: { kind: 'share', share: 0.5 },
      shrink: { action: 'warn', share: 0.5 },
      datasets: [{ pattern: 'gauges', columns: undefined, filter: undefined, types: {} }],
    });
  });

  test('may use every key, merge keys, anchors and x- keys', async () => {
    const folder = await temporaryFolder();
    const config = await load(
      `
version: 1
x-common: &common
  connector: tides
  limits: { requests_per_second: 2.5 }
connections:
  north:
    <<: *common
    region: north
    schema: tides_north
    profiles: { ids: [9007199254740993, 12], exclude: ["5"] }
  south: { <<: *common, region: south, limits: { requests_per_second: 7 } }
landing: { path: ./files, keep: 12h, max: 50GB }
memory: 512MiB
sinks:
  warehouse: { sink: duckdb, path: ../w.duckdb, lock_wait: 5m }
  lake: { sink: parquet, path: /srv/lake }
pipelines:
  all:
    connection: [north, south]
    sinks: lake
    since: 2026-10-01
    until: 2026-10-31
    lookback: 14d
    schedule: { cron: "15 6 * * *", timezone: America/Los_Angeles }
    schema_policy: freeze
    max_rejects: 100
    datasets:
      - "*_report"
      - "!waves_report"
      - { name: levels_report, columns: [height], filter: { state: open }, types: { newMetric: "decimal(18,6)" } }
      - storm_events
`,
      folder,
    );
    expect(config.landing).toEqual({ path: path.join(folder, 'files'), keepMs: 12 * 3_600_000, maxBytes: 50e9 });
    expect(config.memoryBytes).toBe(512 * 1024 ** 2);
    expect(config.sinks.warehouse).toMatchObject({ path: path.join(folder, '../w.duckdb'), lockWaitMs: 300_000 });
    expect(config.sinks.lake).toMatchObject({ sink: 'parquet', path: '/srv/lake' });
    const all = config.pipelines.all!;
    expect(all).toMatchObject({
      connections: ['north', 'south'],
      sinks: ['lake'],
      since: { kind: 'day', day: '2026-10-01' },
      until: '2026-10-31',
      lookback: { kind: 'days', days: 14 },
      schedule: { cron: '15 6 * * *', timezone: 'America/Los_Angeles' },
      schemaPolicy: 'freeze',
      maxRejects: { kind: 'count', count: 100 },
    });
    expect(config.connections.north!.schema).toBe('tides_north');
    // Ids beyond 2^53 are exact; a number stays a number.
    expect(config.connections.north!.resolve()).toEqual({
      region: 'north',
      limits: { requests_per_second: 2.5 },
      profiles: { ids: ['9007199254740993', '12'], exclude: ['5'] },
    });
    expect(config.connections.south!.resolve()).toEqual({ region: 'south', limits: { requests_per_second: 7 } });

    const [, levels, waves, events] = TIDES.datasets;
    expect(entryFor(levels!, all.datasets)).toMatchObject({ columns: ['height'], filter: { state: ['open'] } });
    expect(entryFor(waves!, all.datasets)).toBeUndefined();
    expect(entryFor(events!, all.datasets)?.pattern).toBe('storm_events');
  });

  test('may list nothing but exclusions, which means all others', async () => {
    const { pipelines } = await load(yamlOf({ pipelines: '\n  daily: { datasets: ["!*_report"] }' }));
    const chosen = TIDES.datasets.filter((dataset) => entryFor(dataset, pipelines.daily!.datasets));
    expect(chosen.map((dataset) => dataset.name)).toEqual(['gauges', 'events']);
  });

  test('may give `connection` connectors of different kinds: each dataset is of one of them', async () => {
    const config = await load(
      yamlOf({
        connections: '\n  a: { connector: tides, region: north }\n  b: { connector: stars, catalog: far }',
        pipelines: '\n  daily: { connection: [a, b], datasets: [gauges, constellations] }',
      }),
    );
    expect(config.connections.b!.schema).toBe(STARS.schema);
  });

  test('takes a word or a share for what shrinks', async () => {
    for (const [text, expected] of [
      ['fail', { action: 'fail', share: 0.5 }],
      ['12.5%', { action: 'fail', share: 0.125 }],
      ['0%', { action: 'fail', share: 0 }],
    ] as const) {
      const config = await load(yamlOf({ pipelines: `\n  daily: { shrink: ${text}, datasets: [gauges] }` }));
      expect(config.pipelines.daily!.shrink).toEqual(expected);
    }
  });

  test('takes a share or a count of rejects', async () => {
    for (const [text, expected] of [
      ['12.5%', { kind: 'share', share: 0.125 }],
      ['0', { kind: 'count', count: 0 }],
      ['"7"', { kind: 'count', count: 7 }],
    ] as const) {
      const config = await load(yamlOf({ pipelines: `\n  daily: { max_rejects: ${text}, datasets: [gauges] }` }));
      expect(config.pipelines.daily!.maxRejects).toEqual(expected);
    }
  });
});

describe('a wrong file', () => {
  test('that is not there is told by its own code', async () => {
    const { loadConfig } = await import('../../src/config/load.js');
    await expect(loadConfig('/nowhere/millpond.yaml', [TIDES])).rejects.toMatchObject({
      code: 'E_CONFIG_MISSING',
      exit: 2,
      hint: expect.stringContaining('millpond init'),
    });
    await expect(loadConfig('/', [TIDES])).rejects.toMatchObject({ code: 'E_CONFIG' });
  });

  test('is answered with every problem at once, each with line, column, path and the nearest right word', async () => {
    const { code, lines, error } = await refused(`version: 1
conections: {}
connections:
  north:
    connector: tides
    region: nort
    tokn: abc
  south: { connector: tidez, region: south }
sinks:
  warehouse: { sink: duckbd, path: ./w.duckdb }
  lake: { sink: parquet, path: ./lake, lock_wait: 60 }
pipelines:
  daily:
    connection: nroth
    sinks: [lake, wharehouse]
    since: 2026-02-30
    lookback: sometimes
    schedule: { cron: "61 * * * *", timezone: Mars/Base }
    schema_policy: evolv
    max_rejects: 120%
    datasets:
      - gauges
      - { name: levels_report, colums: [height], types: { a: int } }
  weekly:
    since: 2026-10-02
    until: 2026-10-01
    connection: north
    sinks: lake
    datasets:
      - level_report
      - "wind_*"
      - { name: levels_report, columns: [height, heigth] }
  empty: { connection: north, datasets: [] }
`);
    expect(code).toBe('E_CONFIG');
    expect(error.at).toMatchObject({ line: 2, column: 1 });
    expect(lines).toEqual([
      'millpond.yaml:2:1: conections: unknown key; did you mean `connections`?',
      'millpond.yaml:6:13: connections.north.region: unknown value; did you mean `north`?',
      'millpond.yaml:7:5: connections.north.tokn: unknown key; did you mean `token`?',
      'millpond.yaml:8:23: connections.south.connector: unknown connector; did you mean `tides`?',
      'millpond.yaml:10:22: sinks.warehouse.sink: unknown value; did you mean `duckdb`?',
      'millpond.yaml:11:51: sinks.lake.lock_wait: expected a duration such as 5s, 2m, 6h or 30d',
      'millpond.yaml:14:17: pipelines.daily.connection: there is no connection `nroth`; did you mean `north`?',
      'millpond.yaml:15:19: pipelines.daily.sinks[1]: there is no sink `wharehouse`; did you mean `warehouse`?',
      'millpond.yaml:16:12: pipelines.daily.since: expected a day that exists, such as 2026-10-01',
      'millpond.yaml:17:15: pipelines.daily.lookback: expected auto, none, or an age such as 14d',
      'millpond.yaml:18:23: pipelines.daily.schedule.cron: expected a cron expression of five fields, such as "15 6 * * *"',
      'millpond.yaml:18:47: pipelines.daily.schedule.timezone: expected an IANA zone such as America/Los_Angeles or UTC',
      'millpond.yaml:19:20: pipelines.daily.schema_policy: unknown value; did you mean `evolve`?',
      'millpond.yaml:20:18: pipelines.daily.max_rejects: a share lies between 0% and 100%',
      'millpond.yaml:23:32: pipelines.daily.datasets[1].colums: unknown key; did you mean `columns`?',
      'millpond.yaml:23:62: pipelines.daily.datasets[1].types.a: expected bigint, double, boolean, varchar, date, timestamptz, json or decimal(P,S) with S ≤ P ≤ 38',
      'millpond.yaml:26:12: pipelines.weekly.until: lies before `since` (2026-10-02)',
      'millpond.yaml:30:9: pipelines.weekly.datasets[0]: there is no dataset `level_report` in tides; did you mean `levels_report`?',
      'millpond.yaml:31:9: pipelines.weekly.datasets[1]: `wind_*` matches no dataset of tides; `millpond datasets` lists them',
      "millpond.yaml:32:50: pipelines.weekly.datasets[2].columns[1]: levels_report has no column 'heigth'",
      'millpond.yaml:33:41: pipelines.empty.datasets: the list must not be empty',
    ]);
  });

  test('names unknown references with the nearest right one', async () => {
    const { lines } = await refused(
      yamlOf({ pipelines: '\n  daily:\n    connection: nroth\n    sinks: [warehose]\n    datasets: [gauges]' }),
    );
    expect(lines).toEqual([
      'millpond.yaml:8:17: pipelines.daily.connection: there is no connection `nroth`; did you mean `north`?',
      'millpond.yaml:9:12: pipelines.daily.sinks: there is no sink `warehose`; did you mean `warehouse`?',
    ]);
  });

  test.each([
    ['a tab', 'version: 1\nsinks:\n\twarehouse: {}\n', /:3:\d+: a tab stands where/],
    ['a duplicate key', 'version: 1\nsinks: {}\nsinks: {}\n', /:3:1: this key stands twice/],
    ['an unclosed bracket', 'version: 1\nsinks: { a: 1\npipelines: {}\n', /:\d+:\d+: /],
    ['an unknown anchor', 'version: 1\nsinks: *nobody\n', /:2:8: .*nobody/],
    ['two documents', 'version: 1\n---\nversion: 1\n', /more than one YAML document/],
    ['nothing', '# nothing\n', /the file is empty/],
    ['a list', '- a\n', /must be a mapping/],
    ['a merge of text', 'version: 1\nsinks:\n  <<: text\n', /[Mm]erge/],
    ['a bomb of aliases', bomb(), /[Aa]lias/],
  ])('that holds %s is told with its line', async (_, yaml, expected) => {
    const { code, lines } = await refused(yaml);
    expect(code).toBe('E_CONFIG');
    expect(lines.join('\n')).toMatch(expected);
  });

  test.each([
    ['version: 2', 'version: expected `version: 1`'],
    ['memory: lots', 'memory: expected a size'],
    ['landing: { path: ./l, keep: 30 }', 'landing.keep: expected a duration'],
    ['landing: { path: ./l, max: 5 }', 'landing.max: expected a size such as 500MB or 1GB, or none'],
    ['landing: { pth: ./l }', 'landing.pth: unknown key; did you mean `path`?'],
    ['landing: []', 'landing: expected a folder'],
  ])('%s', async (line, expected) => {
    const yaml = line.startsWith('version') ? yamlOf().replace('version: 1', line) : yamlOf({ rest: line });
    const { lines } = await refused(yaml);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(expected);
  });

  test.each([
    ['connections', { connections: ' {}' }, 'connections: name at least one'],
    ['a section that holds nothing', { sinks: '' }, 'sinks: expected a mapping, found nothing'],
    ['a name with a slash', { sinks: '\n  a/b: { sink: parquet, path: ./x }' }, 'sinks.a/b: a name has letters'],
    [
      'a schema of Millpond',
      { connections: '\n  n: { connector: tides, region: north, schema: millpond }' },
      'is taken',
    ],
    [
      'an exclusion with options',
      { pipelines: '\n  d: { datasets: [gauges, { name: "!events", columns: [kind] }] }' },
      'an exclusion takes no',
    ],
    ['no dataset list', { pipelines: '\n  d: {}' }, 'pipelines.d.datasets: is missing'],
    [
      'a connection left open',
      { connections: '\n  a: { connector: tides, region: north }\n  b: { connector: tides, region: south }' },
      'pipelines.daily: name its `connection`; there are `a`, `b`',
    ],
  ])('%s is told', async (_, parts, expected) => {
    const { lines } = await refused(yamlOf(parts));
    expect(lines.join('\n')).toContain(expected);
  });

  test('a wrong value that came in by a merge key is found where it was written', async () => {
    const { lines } = await refused(`version: 1
x-common: &common
  connector: tides
  region: wst
connections:
  north: { <<: *common }
sinks: { lake: { sink: parquet, path: ./lake } }
`);
    expect(lines).toEqual(['millpond.yaml:4:11: connections.north.region: unknown value; known are `north`, `south`']);
  });
});

/** Anchors that grow to 10^9 values. */
function bomb(): string {
  const levels = Array.from({ length: 9 }, (_, i) => {
    const inner = i === 0 ? '"x"' : `*a${i - 1}`;
    return `x-${i}: &a${i} [${Array(10).fill(inner).join(', ')}]`;
  });
  return `version: 1\n${levels.join('\n')}\n`;
}
