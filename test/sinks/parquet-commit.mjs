/** Child of tests: commits the write that a file holds as JSON, and says what became of it. */
import fs from 'node:fs/promises';
import { MillpondError } from '../../dist/base/errors.js';
import { trialCtx, trialRun } from '../../dist/contracts/conformance/sink-trial.js';
import { createParquetSink } from '../../dist/sinks/parquet/index.js';

const [root = '', file = ''] = process.argv.slice(2);
const write = JSON.parse(await fs.readFile(file, 'utf8'));
const sink = createParquetSink({ name: 'lake', path: root, lockWaitMs: 10_000, memoryBytes: 512e6, threads: 2 });
const ctx = trialCtx('2026-11-02T06:00:00.000Z');
const run = trialRun(`run-${process.pid}`);
try {
  process.stdout.write('begins\n');
  const prepared = await sink.prepare([write], run, ctx);
  const [committed] = await sink.commit([prepared], run, ctx);
  process.stdout.write(`${committed?.result}\n`);
} catch (error) {
  process.stdout.write(error instanceof MillpondError ? `${error.code} ${error.message}\n` : `not ours: ${error}\n`);
  process.exitCode = 1;
} finally {
  await sink.close();
}
