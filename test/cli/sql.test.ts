import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeWarehouse } from '../queries/warehouse.js';
import { ended, millpond, spawned, start, testFolder, yamlFor } from './millpond.js';

const cwd = await testFolder();
const QUERY = 'SELECT campaign_id, name, cost FROM campaigns ORDER BY 1';
let file: string;
beforeAll(async () => {
  file = await makeWarehouse(cwd);
  await fs.writeFile(path.join(cwd, 'millpond.yaml'), yamlFor('./warehouse.duckdb'));
});

describe('sql', () => {
  it('prints a table, and what is for people on stderr', async () => {
    expect(await millpond(['sql', QUERY], { cwd })).toEqual({
      exit: 0,
      stdout: `     campaign_id  name                             cost
────────────────  ────────────────  ───────────────────
               7                                   NULL
               8  NULL              123456789012.123456
9007199254740993  a "quoted", name            12.340000
`,
      stderr: '(3 rows)\n',
    });
  });

  it.each([
    ['csv', 'campaign_id,name,cost\n7,"",\n8,,123456789012.123456\n9007199254740993,"a ""quoted"", name",12.340000\n'],
    [
      'ndjson',
      '{"campaign_id":7,"name":"","cost":null}\n{"campaign_id":8,"name":null,"cost":"123456789012.123456"}\n{"campaign_id":"9007199254740993","name":"a \\"quoted\\", name","cost":"12.340000"}\n',
    ],
  ])('prints %s exactly', async (format, stdout) => {
    expect(await millpond(['sql', QUERY, '--format', format], { cwd })).toEqual({ exit: 0, stdout, stderr: '' });
  });

  it('reads the query from stdin, and answers --json in JSON', async () => {
    const { exit, stdout } = await spawned(['sql', '-', '--json'], { cwd, input: 'SELECT 1 AS a;\n' });
    expect({ exit, rows: JSON.parse(stdout) }).toEqual({ exit: 0, rows: [{ a: 1 }] });
  });

  it('says on two lines what is wrong', async () => {
    expect(await millpond(['sql', 'SELECT\nnope FROM campaigns'], { cwd })).toEqual({
      exit: 2,
      stdout: '',
      stderr: expect.stringMatching(/^error\[E_QUERY\]: Binder Error: .*nope.* \(line 2, column 1\)\nhint: .*\n$/),
    });
    expect(await millpond(['sql', 'DELETE FROM campaigns', '--json'], { cwd })).toMatchObject({
      exit: 2,
      stdout: expect.stringContaining('"E_QUERY_FORBIDDEN"'),
    });
    expect(await millpond(['sql', 'SELECT 1', '--sink', 'warehous'], { cwd })).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('Did you mean warehouse?'),
    });
  });

  it('ends quietly when its reader goes away', async () => {
    const child = start(['sql', 'FROM range(20000000)', '--format', 'csv'], cwd);
    await once(child.stdout, 'data');
    child.stdout.destroy();
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    const [exit] = await once(child, 'close');
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
  });

  it('is interrupted within three seconds, with 130', async () => {
    const child = start(
      ['sql', 'SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range * b.range % 7 = 3'],
      cwd,
    );
    const end = ended(child);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const asked = performance.now();
    child.kill('SIGINT');
    expect(await end).toMatchObject({ exit: 130, stderr: expect.stringContaining('E_INTERRUPTED') });
    expect(performance.now() - asked).toBeLessThan(3000);
  });

  it('waits for another holder and names it, then gives up with 75', async () => {
    const writer = fileURLToPath(new URL('../queries/writer.mjs', import.meta.url));
    const holder = spawn(process.execPath, [writer, file], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(holder.stdout, 'data');
    const { exit, stderr } = await millpond(['sql', 'SELECT 1', '--lock-wait', '300ms'], { cwd });
    expect(exit).toBe(75);
    expect(stderr).toContain(`held by pid ${holder.pid}; waiting`);
    expect(stderr).toMatch(/error\[E_LOCKED\]: .*\nhint: /);
    holder.kill('SIGTERM');
    await once(holder, 'exit');
  });
});

describe('export', () => {
  it('writes one file, and says how much', async () => {
    const { exit, stdout } = await millpond(['export', QUERY, '--to', 'out.csv'], { cwd });
    expect({ exit, stdout }).toEqual({
      exit: 0,
      stdout: `Wrote ${path.join(cwd, 'out.csv')}: 4 rows, ${(await fs.stat(path.join(cwd, 'out.csv'))).size} B\n`,
    });
    expect(await millpond(['export', QUERY, '--to', 'out.csv'], { cwd })).toMatchObject({
      exit: 2,
      stderr: expect.stringContaining('--force'),
    });
    const again = await millpond(['export', QUERY, '--to', 'out.csv', '--force', '--json'], { cwd });
    expect(JSON.parse(again.stdout)).toMatchObject({ rows: 4, file: path.join(cwd, 'out.csv') });
  });
});
