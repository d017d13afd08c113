import { describe, it } from 'vitest';
import { sinkChecks } from '../../src/contracts/conformance/sink.js';
import { duckdbHarness } from './duckdb-harness.js';

describe('the DuckDB sink, as every sink', () => {
  for (const check of sinkChecks) it(check.name, () => check.run(duckdbHarness));
});
