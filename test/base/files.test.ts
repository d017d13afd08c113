import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFileAtomic, writeFileAtomic } from '../../src/base/files.js';
import { OpenFile } from '../../src/base/open-file.js';
import { acquireLock, lockOwner } from '../../src/base/process-lock.js';

let folder: string;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-base-'));
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));
const signal = new AbortController().signal;

describe('atomic files', () => {
  it('replace, or create only once, and leave nothing else', async () => {
    const file = path.join(folder, 'a.json');
    await writeFileAtomic(file, '1');
    await writeFileAtomic(file, '2');
    expect(await fs.readFile(file, 'utf8')).toBe('2');
    const created = await Promise.all(
      Array.from({ length: 10 }, (_, i) => createFileAtomic(path.join(folder, 'b'), `${i}`)),
    );
    expect(created.filter(Boolean)).toHaveLength(1);
    expect(await createFileAtomic(file, '3')).toBe(false);
    expect((await fs.readdir(folder)).sort()).toEqual(['a.json', 'b']);
  });
});

describe('an open file', () => {
  it('takes what is short and what is long, one behind the other, and tells all of it', async () => {
    const file = await OpenFile.open(path.join(folder, 'a'), 'wx+');
    const long = 'é'.repeat(50_000);
    await file.write('short ');
    await file.write(long);
    await file.write(Buffer.from(' end'));
    expect(await file.readText()).toBe(`short ${long} end`);
    await file.close();
    await file.close();
    expect(await fs.readFile(path.join(folder, 'a'), 'utf8')).toBe(`short ${long} end`);
  });

  it('is not closed under a call that is under way: the next file would get its number', async () => {
    const long = Buffer.alloc(16 << 20, 'a');
    const file = await OpenFile.open(path.join(folder, 'a'), 'wx');
    const writing = file.write(long);
    const closing = file.close();
    const others = await Promise.all(
      Array.from({ length: 20 }, (_, i) => OpenFile.open(path.join(folder, `other-${i}`), 'wx')),
    );
    await Promise.all([writing, closing]);
    for (const other of others) await other.close();
    expect((await fs.stat(path.join(folder, 'a'))).size).toBe(long.length);
    for (let i = 0; i < others.length; i++) expect((await fs.stat(path.join(folder, `other-${i}`))).size).toBe(0);
  });

  it('says what the system says', async () => {
    await expect(OpenFile.open(path.join(folder, 'none'), 'r')).rejects.toMatchObject({ code: 'ENOENT' });
    await fs.writeFile(path.join(folder, 'a'), 'x');
    const file = await OpenFile.open(path.join(folder, 'a'), 'r');
    await expect(file.write('y')).rejects.toMatchObject({ code: 'EBADF' });
    await file.close();
  });
});

describe('a lock between processes', () => {
  /** A process that holds the lock until it is killed. */
  async function holder(file: string): Promise<{ pid: number; kill(): Promise<void> }> {
    const code = `import { acquireLock } from ${JSON.stringify(path.resolve('src/base/process-lock.ts'))};
      await acquireLock(${JSON.stringify(file)}, { waitMs: 0, signal: new AbortController().signal });
      console.log('held'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await new Promise<void>((resolve, reject) => {
      child.stdout.once('data', () => resolve());
      child.once('exit', (status) => reject(new Error(`holder ended with ${status}`)));
    });
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    return {
      pid: child.pid!,
      async kill() {
        child.kill('SIGKILL');
        await gone;
      },
    };
  }

  it('names its holder, and is free the moment the holder is killed', async () => {
    const file = path.join(folder, 'locks', 'p.lock');
    const other = await holder(file);
    expect(await lockOwner(file)).toBe(String(other.pid));
    const waits: string[] = [];
    const refused = acquireLock(file, { waitMs: 300, signal, onWait: (pid) => waits.push(pid) });
    await expect(refused).rejects.toMatchObject({
      code: 'E_LOCKED',
      exit: 75,
      message: expect.stringContaining(`pid ${other.pid}`),
    });
    expect(waits).toEqual([String(other.pid)]);
    const waiting = acquireLock(file, { waitMs: 10_000, signal });
    await other.kill();
    const lock = await waiting;
    expect(await lockOwner(file)).toBe(String(process.pid));
    lock.release();
    expect(await lockOwner(file)).toBeUndefined();
  });

  it('holds within a process, too', async () => {
    const file = path.join(folder, 'p.lock');
    const first = await acquireLock(file, { waitMs: 0, signal });
    await expect(acquireLock(file, { waitMs: 0, signal })).rejects.toMatchObject({ code: 'E_LOCKED' });
    first.release();
    (await acquireLock(file, { waitMs: 0, signal })).release();
  });
});
