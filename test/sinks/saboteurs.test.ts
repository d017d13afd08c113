import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinkChecks } from '../../src/contracts/conformance/sink.js';
import { sinkSaboteurs } from '../../src/contracts/conformance/sink-saboteurs.js';
import { growthSaboteurs } from '../../src/contracts/conformance/sink-saboteurs-growth.js';
import { duckdbHarness } from './duckdb-harness.js';
import { parquetHarness } from './parquet-lake.js';

describe('the conformance suite of sinks catches a sink that', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-saboteurs-'));
  });
  afterAll(() => fs.rm(folder, { recursive: true, force: true }));

  const trials = [
    // What is caught is the spoilt half; which sink is under it does not matter, so each has its share.
    ...sinkSaboteurs.map((saboteur) => ({ saboteur, harness: duckdbHarness, kind: 'DuckDB' })),
    ...growthSaboteurs.map((saboteur) => ({ saboteur, harness: parquetHarness, kind: 'Parquet' })),
  ];
  for (const { saboteur, harness, kind } of trials) {
    it(`${saboteur.name} (${kind}, by "${saboteur.caughtBy}")`, async () => {
      const check = sinkChecks.find((one) => one.name === saboteur.caughtBy);
      expect(check, 'a check of that name').toBeDefined();
      await expect(check?.run(saboteur.spoil(harness, folder))).rejects.toMatchObject({ code: 'ERR_ASSERTION' });
    });
  }
});
