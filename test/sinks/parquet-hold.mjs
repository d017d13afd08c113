/** Child of tests: holds a lake's lock for so many milliseconds. */
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLock } from '../../dist/base/process-lock.js';
import { ownPaths } from '../../dist/sinks/parquet/paths.js';

const [root = '', holdMs = '0'] = process.argv.slice(2);
const lock = await acquireLock(ownPaths(root).lock, { waitMs: 0, signal: new AbortController().signal });
process.stdout.write('held\n');
await sleep(Number(holdMs));
lock.release();
