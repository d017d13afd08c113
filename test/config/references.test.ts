// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the configuration are written so
import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { MillpondError } from '../../src/base/errors.js';
import { redact } from '../../src/base/secrets.js';
import { load, refused, temporaryFolder, yamlOf } from './fixture.js';

const VARIABLES = ['TIDES_TEST_TOKEN', 'TIDES_TEST_REGION', 'TIDES_TEST_PATH', 'TIDES_TEST_EMPTY', 'TIDES_TEST_ID'];

afterEach(() => {
  for (const name of VARIABLES) delete process.env[name];
});

/** What a call throws. */
function thrown(call: () => unknown): MillpondError {
  try {
    call();
  } catch (error) {
    if (error instanceof MillpondError) return error;
    throw error;
  }
  throw new Error('it did not throw');
}

const connection = (fields: string) => `\n  north: { connector: tides, ${fields} }`;

describe('references outside connections', () => {
  test('are resolved when the file is loaded: variable, default, file, literal', async () => {
    process.env.TIDES_TEST_PATH = './from-env';
    process.env.TIDES_TEST_EMPTY = '';
    const folder = await temporaryFolder();
    await fs.writeFile(path.join(folder, 'lake-path'), './from-file\n');
    const config = await load(
      yamlOf({
        sinks: [
          '',
          '  a: { sink: parquet, path: "${env:TIDES_TEST_PATH}/a" }',
          '  b: { sink: parquet, path: "${env:TIDES_TEST_EMPTY:-./fallback}" }',
          '  c: { sink: parquet, path: "${file:lake-path}" }',
          '  d: { sink: parquet, path: "./$${env:X}" }',
          '  e: { sink: parquet, path: "./e${env:TIDES_TEST_EMPTY:-}" }',
        ].join('\n'),
      }),
      folder,
    );
    const paths = Object.values(config.sinks).map((sink) => path.relative(folder, sink.path));
    expect(paths).toEqual(['from-env/a', 'fallback', 'from-file', '${env:X}', 'e']);
  });

  test('that are missing are told together, by name, key and line', async () => {
    process.env.TIDES_TEST_EMPTY = '';
    const { code, lines } = await refused(
      yamlOf({
        sinks: '\n  lake: { sink: parquet, path: "${env:TIDES_TEST_EMPTY}" }',
        rest: 'memory: ${env:TIDES_TEST_PATH}\nlanding: ${file:./nowhere}',
      }),
    );
    expect(code).toBe('E_SECRET_MISSING');
    expect(lines).toEqual([
      'millpond.yaml:5:32: sinks.lake.path: the environment variable TIDES_TEST_EMPTY is not set',
      'millpond.yaml:8:9: memory: the environment variable TIDES_TEST_PATH is not set',
      expect.stringMatching(/^millpond.yaml:9:10: landing: the file \/.*nowhere cannot be read$/),
    ]);
  });

  test.each(['${NAME}', '${envv:NAME}', '${env:}', '${env:A', 'a ${} b'])(
    '%s is no reference, and told so',
    async (text) => {
      const { lines } = await refused(
        yamlOf({ connections: connection(`region: north, token: "${text}"`), rest: `landing: "${text}"` }),
      );
      expect(lines).toEqual([
        expect.stringMatching(/^millpond.yaml:3:\d+: connections.north.token: `\$\{.*is no reference; write/),
        expect.stringMatching(/^millpond.yaml:8:10: landing: `\$\{.*is no reference; write/),
      ]);
    },
  );
});

describe('references of a connection', () => {
  test('are not needed to load the file, and are resolved anew each time', async () => {
    const folder = await temporaryFolder();
    const config = await load(
      yamlOf({ connections: connection('region: "${env:TIDES_TEST_REGION}", token: "${file:./secret}"') }),
      folder,
    );
    const north = config.connections.north!;
    process.env.TIDES_TEST_REGION = 'south';
    await fs.writeFile(path.join(folder, 'secret'), 'first-secret\r\n');
    expect(north.resolve()).toMatchObject({ region: 'south', token: 'first-secret' });
    await fs.writeFile(path.join(folder, 'secret'), 'second-secret\n\n');
    expect(north.resolve()).toMatchObject({ token: 'second-secret\n' });
    expect(north.reload()).toEqual({ region: 'south', token: 'second-secret\n' });
  });

  test('that are missing are told by name, key and line', async () => {
    const folder = await temporaryFolder();
    const config = await load(
      yamlOf({ connections: connection('region: "${env:TIDES_TEST_REGION}", token: "${file:./secret}"') }),
      folder,
    );
    const error = thrown(() => config.connections.north!.resolve());
    expect(error).toMatchObject({ code: 'E_SECRET_MISSING', exit: 2, at: { line: 3 } });
    expect(error.message).toContain('connections.north.region: the environment variable TIDES_TEST_REGION is not set');
    expect(error.message).toContain(`connections.north.token: the file ${path.join(folder, 'secret')} cannot be read`);
  });

  test('are judged by the connector once they are known, without showing them', async () => {
    process.env.TIDES_TEST_REGION = 'sekrit-region';
    const config = await load(yamlOf({ connections: connection('region: "${env:TIDES_TEST_REGION}"') }));
    const error = thrown(() => config.connections.north!.resolve());
    expect(error.code).toBe('E_CONFIG');
    expect(error.message).toMatch(
      /millpond\.yaml:3:38: connections\.north\.region: unknown value; known are `north`, `south`$/,
    );
    expect(error.message).not.toContain('sekrit');
  });

  test('may stand for an id in a list', async () => {
    process.env.TIDES_TEST_ID = '9007199254740993';
    const config = await load(
      yamlOf({ connections: connection('region: north, profiles: { ids: [7, "${env:TIDES_TEST_ID}"] }') }),
    );
    expect(config.connections.north!.resolve()).toMatchObject({ profiles: { ids: ['7', '9007199254740993'] } });
  });
});

describe('secrets', () => {
  test('are blotted out once they are known: by key, from a file, and as a literal', async () => {
    const folder = await temporaryFolder();
    process.env.TIDES_TEST_TOKEN = 'token-from-env';
    process.env.TIDES_TEST_REGION = 'north';
    await fs.writeFile(path.join(folder, 'host'), 'https://file-host.test\n');
    const config = await load(
      yamlOf({
        connections:
          connection('region: "${env:TIDES_TEST_REGION}", token: "a-${env:TIDES_TEST_TOKEN}-b", host: "${file:host}"') +
          '\n  south: { connector: tides, region: south, token: literal-token }',
        pipelines: '\n  daily: { connection: north, datasets: [gauges] }',
      }),
      folder,
    );
    // A literal is known from the file alone.
    expect(redact('x literal-token x')).toBe('x [redacted] x');
    expect(redact('token-from-env')).toBe('token-from-env');
    config.connections.north!.resolve();
    expect(redact('token-from-env, a-token-from-env-b, https://file-host.test')).toBe(
      '[redacted], [redacted], [redacted]',
    );
    // A value that is no secret is left readable.
    expect(redact('north')).toBe('north');
  });
});
