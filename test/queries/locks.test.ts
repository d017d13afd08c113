import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeWarehouse, openOptions, queryText, testFolder } from './warehouse.js';

const folder = await testFolder();
const writer = fileURLToPath(new URL('./writer.mjs', import.meta.url));
let file: string;
beforeEach(async () => {
  for (const name of await fs.readdir(folder)) await fs.rm(`${folder}/${name}`);
  file = await makeWarehouse(folder);
});

/** Another process that has the file open for writing, and has committed one row to its log. */
async function startWriter(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [writer, file], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  return child;
}

async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

describe('a warehouse that another process holds', () => {
  it('is waited for, once the holder is named', async () => {
    const child = await startWriter();
    const waits: string[] = [];
    setTimeout(() => void stop(child, 'SIGTERM'), 500);
    const text = await queryText(
      'SELECT count(*) AS n FROM campaigns',
      openOptions(file, { lockWaitMs: 20_000, onWait: (pid) => waits.push(pid) }),
    );
    expect(JSON.parse(text)).toEqual([{ n: 4 }]);
    expect(waits).toEqual([String(child.pid)]);
  });

  it('ends with 75 and the holder’s pid when the wait is over', async () => {
    const child = await startWriter();
    await expect(queryText('SELECT 1', openOptions(file, { lockWaitMs: 300 }))).rejects.toMatchObject({
      code: 'E_LOCKED',
      exit: 75,
      message: expect.stringContaining(`pid ${child.pid}`),
    });
    await stop(child, 'SIGTERM');
  });

  it('can be read when the holder was killed and left its log', async () => {
    await stop(await startWriter(), 'SIGKILL');
    expect(await fs.readdir(folder)).toContain('warehouse.duckdb.wal');
    const text = await queryText('SELECT count(*) AS n FROM campaigns', openOptions(file));
    expect(JSON.parse(text)).toEqual([{ n: 4 }]);
  });
});

describe('a warehouse that is none', () => {
  it('says that nothing was loaded yet', async () => {
    await expect(queryText('SELECT 1', openOptions(`${folder}/other.duckdb`))).rejects.toMatchObject({
      code: 'E_NOT_FOUND',
      hint: expect.stringContaining('millpond run'),
    });
  });

  it('says that the file is something else', async () => {
    await fs.writeFile(`${folder}/text.duckdb`, 'not a database, but long enough to be one\n'.repeat(500));
    await expect(queryText('SELECT 1', openOptions(`${folder}/text.duckdb`))).rejects.toMatchObject({
      code: 'E_NOT_A_WAREHOUSE',
      exit: 2,
    });
  });
});
