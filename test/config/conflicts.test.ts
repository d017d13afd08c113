import { describe, expect, test } from 'vitest';
import { load, refused, yamlOf } from './fixture.js';

const NORTH = '\n  north: { connector: tides, region: north }';

/** A file of two connections of `tides`, both loaded into one sink. */
const twoConnections = (one: string, other: string, sinks = '[warehouse]') =>
  yamlOf({
    connections: `\n  one: { connector: tides, ${one} }\n  other: { connector: tides, ${other} }`,
    sinks: '\n  warehouse: { sink: duckdb, path: ./w.duckdb }\n  lake: { sink: parquet, path: ./lake }',
    pipelines: `\n  a: { connection: one, sinks: [warehouse], datasets: [gauges] }\n  b: { connection: other, sinks: ${sinks}, datasets: [levels_report] }`,
  });

describe('two connections', () => {
  test.each([
    ['the same region', 'region: north', 'region: north'],
    [
      'filters that share an id',
      'region: north, profiles: { ids: [1, 2] }',
      'region: north, profiles: { ids: [2, 3] }',
    ],
    ['a filter on one side', 'region: north, profiles: { ids: [1] }', 'region: north'],
    ['schemas of their own', 'region: north, schema: a', 'region: north, schema: b'],
  ])('with %s conflict in one sink', async (_, one, other) => {
    const { code, lines } = await refused(twoConnections(one, other));
    expect(code).toBe('E_CONFLICT');
    expect(lines).toEqual([
      expect.stringMatching(/^millpond.yaml:4:10: connections.other: it and the connection `one` fill the same scopes/),
    ]);
  });

  test.each([
    ['different regions', 'region: north', 'region: south', undefined],
    ['ids that differ', 'region: north, profiles: { ids: [1] }', 'region: north, profiles: { ids: [2] }', undefined],
    [
      'countries that differ',
      'region: north, profiles: { countries: [US] }',
      'region: north, profiles: { countries: [CA] }',
      undefined,
    ],
    [
      'ids that the other excludes',
      'region: north, profiles: { ids: [1] }',
      'region: north, profiles: { exclude: [1, 5] }',
      undefined,
    ],
    ['accounts of their own', 'region: north, token: one', 'region: north, token: other', undefined],
    ['sinks of their own', 'region: north', 'region: north', '[lake]'],
  ])('with %s do not', async (_, one, other, sinks) => {
    await expect(load(twoConnections(one, other, sinks))).resolves.toBeDefined();
  });
});

describe('two accounts of one catalog', () => {
  const accounts = (b: string, sinks = '[warehouse]', sinksOfB = sinks) =>
    yamlOf({
      connections: `\n  a: { connector: stars, catalog: far, profile: one }\n  b: { connector: stars, ${b} }`,
      sinks: '\n  warehouse: { sink: duckdb, path: ./w.duckdb }\n  lake: { sink: parquet, path: ./lake }',
      pipelines: `\n  a: { connection: a, sinks: ${sinks}, datasets: ["*"] }\n  b: { connection: b, sinks: ${sinksOfB}, datasets: ["*"] }`,
    });

  test.each([
    [
      'one schema',
      'catalog: far, profile: two',
      undefined,
      /fill the schema `stars` of the sink `warehouse` from the same catalog far; give one of them another `schema`/,
    ],
    ['one schema in other letters', 'catalog: far, profile: two, schema: Stars', undefined, /fill the schema `stars`/],
    [
      'one lake',
      'catalog: far, profile: two, schema: b',
      '[warehouse, lake]',
      /into the same files of the lake `lake`; give the second account a lake of its own/,
    ],
  ])('cannot share %s', async (_, b, sinks, expected) => {
    const { code, lines } = await refused(accounts(b, sinks));
    expect(code).toBe('E_CONFLICT');
    expect(lines).toEqual([expect.stringMatching(expected)]);
    expect(lines[0]).toMatch(/^millpond.yaml:4:\d+: connections.b: it and the connection `a`/);
  });

  test.each([
    ['schemas of one warehouse', 'catalog: far, profile: two, schema: b', '[warehouse]', undefined],
    ['sinks of their own', 'catalog: far, profile: two', '[warehouse]', '[lake]'],
    ['catalogs of their own', 'catalog: near, profile: one', '[warehouse, lake]', undefined],
  ])('can fill %s', async (_, b, sinks, sinksOfB) => {
    await expect(load(accounts(b, sinks, sinksOfB))).resolves.toBeDefined();
  });
});

describe('two pipelines', () => {
  const two = (a: string, b: string, sinksOfB = 'warehouse') =>
    yamlOf({
      connections: NORTH,
      sinks: '\n  warehouse: { sink: duckdb, path: ./w.duckdb }\n  lake: { sink: parquet, path: ./lake }',
      pipelines: `\n  a: { sinks: warehouse, datasets: [${a}] }\n  b: { sinks: ${sinksOfB}, datasets: [${b}] }`,
    });

  test.each([
    ['columns', '{ name: levels_report, columns: [height] }', '"*_report"'],
    ['filters', '{ name: gauges, filter: { state: [on] } }', '{ name: gauges, filter: { state: [off] } }'],
    ['filters of parts that overlap', '{ name: waves_report, filter: { tactic: [calm], x: [y] } }', 'waves_report'],
  ])('that ask for different %s conflict', async (_, a, b) => {
    const { code, lines } = await refused(two(a, b));
    expect(code).toBe('E_CONFLICT');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^millpond.yaml:9:\d+: pipelines.b.datasets: .* than the pipeline `a`/);
  });

  test.each([
    [
      'ask for the same in other words',
      '{ name: levels_report, columns: [wind, height] }',
      '{ name: "levels*", columns: [height, wind] }',
      undefined,
    ],
    ['fill different sinks', '{ name: levels_report, columns: [height] }', 'levels_report', 'lake'],
    [
      'take parts of their own',
      '{ name: waves_report, filter: { tactic: [calm], x: [y] } }',
      '{ name: waves_report, filter: { tactic: [rough] } }',
      undefined,
    ],
    ['exclude what the other takes', '{ name: levels_report, columns: [height] }', '"*", "!levels_report"', undefined],
  ])('that %s do not', async (_, a, b, sinks) => {
    await expect(load(two(a, b, sinks))).resolves.toBeDefined();
  });
});

describe('places', () => {
  test.each([
    [
      'one path for two sinks',
      '\n  a: { sink: parquet, path: ./x }\n  b: { sink: duckdb, path: ./y/../x }',
      '',
      'sinks.b.path: the sink `a` has the same path',
    ],
    [
      'a lake in a lake',
      '\n  a: { sink: parquet, path: ./x/y }\n  b: { sink: parquet, path: ./x }',
      '',
      'lie inside one another',
    ],
    [
      'landing inside a lake',
      '\n  a: { sink: parquet, path: ./lake }',
      'landing: ./lake/landing',
      'landing: the landing folder lies in the sink `a`',
    ],
    [
      'landing where a sink is',
      '\n  a: { sink: parquet, path: ./lake }',
      'landing: { path: ./lake }',
      'landing: the landing folder lies in',
    ],
    [
      'a sink inside the landing folder',
      '\n  a: { sink: duckdb, path: ./landing/w.duckdb }',
      '',
      'sinks.a.path: it lies in the landing folder',
    ],
  ])('%s conflict', async (_, sinks, rest, expected) => {
    const { code, lines } = await refused(yamlOf({ sinks, rest }));
    expect(code).toBe('E_CONFLICT');
    expect(lines.join('\n')).toContain(expected);
  });

  test.each(['millpond.duckdb', 'tide_tables.db', 'MILLPOND.v2.duckdb', 'Tide_Tables'])(
    'a warehouse called %s is refused',
    async (name) => {
      const { code, lines } = await refused(yamlOf({ sinks: `\n  a: { sink: duckdb, path: "./x/${name}" }` }));
      expect(code).toBe('E_WAREHOUSE_NAME');
      expect(lines).toEqual([
        expect.stringContaining('sinks.a.path: a warehouse file must not be named like the schema'),
      ]);
    },
  );

  test('a lake may be called like a schema, and a warehouse stand beside it', async () => {
    await expect(
      load(
        yamlOf({
          sinks: '\n  a: { sink: parquet, path: ./millpond }\n  b: { sink: duckdb, path: ./millpond_warehouse.duckdb }',
        }),
      ),
    ).resolves.toBeDefined();
  });
});
