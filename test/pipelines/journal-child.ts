/** Moves one entry for ever, saying after each move how far it is: to be killed. */
import fs from 'node:fs';
import { Journal } from '../../src/pipelines/journal.js';

const journal = await Journal.open(process.argv[2]!);
const key = { dataset: 'd', scope: '1', slice: '2026-10-01' };
let { entry } = await journal.claim(
  {
    connection: 'c',
    dataset: 'd',
    slices: [key],
    columns: [],
    params: {},
    constants: {},
    fingerprint: 'c'.repeat(32),
    requestFingerprint: 'd',
  },
  'child',
  { phase: 'intent', token: 't', jobs: [] },
  new Date(),
);
for (;;) {
  entry = (await journal.move(entry, { attempts: entry.attempts + 1 }))!;
  fs.writeSync(1, `${entry.revision}\n`);
}
