import { describe, it } from 'vitest';
import { sinkChecks } from '../../src/contracts/conformance/sink.js';
import { parquetHarness } from './parquet-lake.js';

describe('the Parquet sink keeps what every sink promises', () => {
  for (const check of sinkChecks) it(check.name, () => check.run(parquetHarness));
});
