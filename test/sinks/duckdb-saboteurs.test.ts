import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sinkChecks } from '../../src/contracts/conformance/sink.js';
import { sinkSaboteurs } from '../../src/contracts/conformance/sink-saboteurs.js';
import { duckdbHarness } from './duckdb-harness.js';

describe('the conformance suite of sinks catches a sink that', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-saboteurs-'));
  });
  afterAll(() => fs.rm(folder, { recursive: true, force: true }));

  for (const saboteur of sinkSaboteurs) {
    it(`${saboteur.name} (by "${saboteur.caughtBy}")`, async () => {
      const check = sinkChecks.find((one) => one.name === saboteur.caughtBy);
      expect(check, 'a check of that name').toBeDefined();
      await expect(check?.run(saboteur.spoil(duckdbHarness, folder))).rejects.toMatchObject({ code: 'ERR_ASSERTION' });
    });
  }
});
