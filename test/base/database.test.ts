import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Database } from '../../src/base/duckdb/database.js';
import { asMillpondError } from '../../src/base/errors.js';

const LONG = 'SELECT count(*) FROM range(100000000) a, range(100000) b WHERE a.range * b.range % 7 = 3';

let database: Database;
beforeAll(async () => {
  database = await Database.open({ path: ':memory:', threads: 1, memoryBytes: 128e6 });
});
afterAll(() => database.close());

describe('an abort', () => {
  it('stops the statement under way', async () => {
    const controller = new AbortController();
    const running = database.interruptible(controller.signal, () => database.run(LONG));
    setTimeout(() => controller.abort(), 100);
    await expect(running).rejects.toThrow(/interrupt/i);
  });

  it('stops a statement that begins after it', async () => {
    const controller = new AbortController();
    const running = database.interruptible(controller.signal, async () => {
      controller.abort();
      await sleep(10);
      await database.run(LONG);
    });
    await expect(running).rejects.toThrow(/interrupt/i);
  });

  it('leaves later statements alone', async () => {
    await sleep(120);
    expect(await database.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});

it('says what to raise where the memory is too little', async () => {
  await database.run("SET max_temp_directory_size='0KiB'");
  const big = database.run(
    'CREATE TABLE big AS SELECT repeat(i::VARCHAR, 100) AS t, i FROM range(20000000) r(i) ORDER BY t',
  );
  const error = await big.then(
    () => undefined,
    (thrown: unknown) => asMillpondError(thrown),
  );
  expect(error).toMatchObject({ code: 'E_CONFIG', exit: 2, hint: 'Raise `memory`.' });
});
