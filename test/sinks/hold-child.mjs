import { setTimeout as sleep } from 'node:timers/promises';
import { Database } from '../../dist/base/duckdb/database.js';

/** Holds a DuckDB file for some milliseconds: `hold-child.mjs FILE MS`. Says `held` once it does. */
const [file = '', ms = '0'] = process.argv.slice(2);
const database = await Database.open({ path: file, threads: 1, memoryBytes: 128e6 });
process.stdout.write('held\n');
await sleep(Number(ms));
database.close();
