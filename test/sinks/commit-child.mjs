import { readFile } from 'node:fs/promises';
import { MillpondError } from '../../dist/base/errors.js';
import { trialCtx, trialRun } from '../../dist/contracts/conformance/sink-trial.js';
import { createDuckdbSink } from '../../dist/sinks/duckdb/index.js';

/**
 * Commits what a file of JSON describes: `commit-child.mjs WAREHOUSE WRITES.json`. Says `ready`,
 * waits for a line, commits, and says `done` or the error's code.
 */
const [file = '', plan = ''] = process.argv.slice(2);
process.on('SIGXFSZ', () => {
  // The write itself fails then, as on a full disk.
});
const writes = JSON.parse(await readFile(plan, 'utf8')).map((write) => ({
  ...write,
  stages: write.stages.map((stage) => ({ ...stage, discard: async () => {} })),
}));
const sink = createDuckdbSink({ name: 'w', path: file, lockWaitMs: 5000, memoryBytes: 256e6, threads: 2 });
const ctx = trialCtx('2026-11-02T06:00:00.000Z');
const prepared = await sink.prepare(writes, trialRun('child'), ctx);
process.stdout.write('ready\n');
process.stdin.once('data', async () => {
  try {
    await sink.commit([prepared], trialRun('child'), ctx);
    process.stdout.write('done\n');
  } catch (error) {
    process.stdout.write(`${error instanceof MillpondError ? error.code : String(error)}\n`);
  }
  process.exit(0);
});
