import fs from 'node:fs/promises';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { exampleYaml } from '../../src/config/examples.js';
import { jsonSchema } from '../../src/config/json-schema.js';
import { configurationPage } from '../../src/config/reference.js';

const read = (file: string) => fs.readFile(new URL(`../../${file}`, import.meta.url), 'utf8');
const HINT = 'out of date: node --import tsx scripts/write-schema.ts';

test('millpond.schema.json is printed from the schema', async () => {
  expect(await read('millpond.schema.json'), HINT).toBe(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
});

test('docs/configuration.md is printed from the schema, and no key lacks a meaning', async () => {
  const page = await read('docs/configuration.md');
  expect(page, HINT).toBe(configurationPage());
  expect(page.split('\n').filter((line) => /\|\s+\|$/.test(line))).toEqual([]);
});

describe('the JSON Schema', () => {
  let validate: ValidateFunction;
  beforeAll(() => {
    validate = new Ajv2020({ strict: false, validateFormats: false }).compile(jsonSchema());
  });
  const accepts = (yaml: string) => validate(parse(yaml, { merge: true }));

  test.each([false, true])('accepts the examples (sandbox: %s)', (sandbox) => {
    expect(accepts(exampleYaml({ sandbox })), JSON.stringify(validate.errors)).toBe(true);
  });

  test('accepts references where a form is asked for, merge keys and x- keys', () => {
    expect(
      accepts(`
version: 1
x-lwa: &lwa { connector: amazon-ads, client_id: "\${env:A}", client_secret: "\${env:B}", refresh_token: "\${file:c}" }
connections:
  ads: { <<: *lwa, region: "\${env:REGION:-na}", profiles: { ids: [9007199254740993] } }
memory: "\${env:MEMORY}"
sinks: { lake: { sink: "\${env:KIND}", path: ./lake } }
`),
      JSON.stringify(validate.errors),
    ).toBe(true);
  });

  test.each([
    ['an unknown key', 'sinks: { a: { sink: parquet, path: ./a, pth: 1 } }'],
    ['an unknown sink', 'sinks: { a: { sink: csv, path: ./a } }'],
    ['a wrong duration', 'sinks: { a: { sink: parquet, path: ./a, lock_wait: soon } }'],
    ['an unknown key of a connector', 'connections: { a: { connector: amazon-ads, region: na, catalog: AWS } }'],
    ['an unknown section', 'pipeline: {}'],
  ])('refuses %s', (_, yaml) => {
    const right = {
      version: 1,
      connections: parse(exampleYaml({ sandbox: true })).connections,
      sinks: { a: { sink: 'parquet', path: './a' } },
    };
    expect(validate(right), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...right, ...parse(yaml) })).toBe(false);
  });
});
