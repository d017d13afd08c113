import { expect, test } from 'vitest';
import { load, refused, yamlOf } from './fixture.js';

const ENTRY = 'engagement: eng-0123456789abcd, resource: O123, template: OpportunitySummaryView';
const CONNECTIONS = `
  sea: { connector: tides, region: north }
  one: { connector: stars, catalog: far }
  two: { connector: stars, catalog: near }`;

const withSnapshots = (snapshots: string, connection = '[sea, one]', datasets = '"*"') =>
  yamlOf({
    connections: CONNECTIONS,
    pipelines: `\n  daily: { connection: ${connection}, datasets: [${datasets}], snapshots: ${snapshots} }`,
  });

test('a pipeline over two connectors names datasets of both, and the one that can makes its snapshots', async () => {
  const config = await load(
    withSnapshots(`{ create: [{ ${ENTRY}, client_token: once }] }`, undefined, 'gauges, constellations'),
  );
  expect(config.pipelines.daily?.snapshots).toEqual({
    create: [
      {
        connection: 'one',
        engagement: 'eng-0123456789abcd',
        resource: 'O123',
        template: 'OpportunitySummaryView',
        clientToken: 'once',
      },
    ],
    max: 20,
  });
});

test('without the key nothing is made', async () => {
  const { pipelines } = await load(yamlOf());
  expect(pipelines.daily).not.toHaveProperty('snapshots');
});

test('of several that can, the entry names one', async () => {
  const { pipelines } = await load(withSnapshots(`{ create: [{ ${ENTRY}, connection: two }], max: 3 }`, '[one, two]'));
  expect(pipelines.daily?.snapshots).toMatchObject({ create: [{ connection: 'two' }], max: 3 });
});

test.each([
  [
    'an engagement',
    ENTRY.replace('eng-', 'eng'),
    '[one]',
    /create\[0\]\.engagement: expected an engagement such as eng-/,
  ],
  [
    'a resource',
    ENTRY.replace('O123', 'o123'),
    '[one]',
    /create\[0\]\.resource: expected an opportunity such as O1234567/,
  ],
  [
    'a template',
    ENTRY.replace('SummaryView', 'SumaryView'),
    '[one]',
    /create\[0\]\.template: unknown value; did you mean `OpportunitySummaryView`/,
  ],
  ['a token', `${ENTRY}, client_token: "a b"`, '[one]', /client_token: expected a token of up to 255 printable/],
  ['tags', `${ENTRY}, tags: { team: sales }`, '[one]', /tags: a snapshot takes no tags at AWS/],
  ['no connection of two', ENTRY, '[one, two]', /create\[0\]: name its `connection`; `one` and `two` can make it/],
  ['no connection that can', ENTRY, '[sea]', /create\[0\]: no connection of this pipeline can make snapshots/],
  [
    'a connection that cannot',
    `${ENTRY}, connection: sea`,
    '[sea, one]',
    /connection: the connection `sea` cannot make snapshots/,
  ],
  [
    'a connection of another pipeline',
    `${ENTRY}, connection: two`,
    '[one]',
    /connection: the pipeline has no connection `two`/,
  ],
  ['one view twice', `${ENTRY} }, { ${ENTRY}`, '[one]', /create\[1\]: the same as entry 1/],
])('%s that does not fit is told with its line', async (_, entry, connection, expected) => {
  const { code, lines } = await refused(withSnapshots(`{ create: [{ ${entry} }] }`, connection));
  expect(code).toBe('E_CONFIG');
  expect(lines.join('\n')).toMatch(expected);
  expect(lines.join('\n')).toMatch(/^millpond.yaml:9:\d+: pipelines.daily.snapshots.create/m);
});

test('max is a whole number from 1', async () => {
  const { lines } = await refused(withSnapshots(`{ create: [{ ${ENTRY} }], max: 0 }`));
  expect(lines).toEqual([expect.stringContaining('snapshots.max: expected a whole number from 1')]);
});
