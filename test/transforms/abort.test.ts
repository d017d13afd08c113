import { expect, test } from 'vitest';
import type { Artifact } from '../../src/contracts/index.js';
import { askOf, column, EVOLVE, TestBench, tableOf, testCtx } from './support.js';

/** Instants are no plain text: DuckDB stages it. */
const table = tableOf([
  column('id', 'bigint'),
  column('at', 'timestamptz'),
  ...Array.from({ length: 30 }, (_, i) => column(`c${i}`, 'decimal(18,6)')),
]);
const ask = askOf();
const request = { artifactId: 'a', ask, tables: [table], format: 'array', policy: EVOLVE } as const;
const artifact = { id: 'a', ask } as Artifact;

/** A piece of a list with enough work in it to be interrupted. */
const cells = Array.from({ length: 30 }, (_, i) => `"c${i}":${i}.25`).join(',');
const piece = Buffer.from(
  Array.from({ length: 20_000 }, (_, i) => `{"id":${i},"at":"2026-11-01T00:00:00Z",${cells}},`).join(''),
);

test('an abort while chunks are staged ends soon and leaves no file', async () => {
  const bench = new TestBench({ chunkBytes: 4 << 20 });
  const writer = bench.stager.open(request, testCtx());
  await writer.write(Buffer.from('['));
  await writer.write(piece);
  await writer.write(piece);
  expect(bench.files('.json').length).toBeGreaterThan(1);
  const start = performance.now();
  await writer.abort();
  await writer.abort();
  expect(performance.now() - start).toBeLessThan(2000);
  expect(bench.files()).toEqual([]);
  await expect(writer.write(piece)).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  await expect(writer.close(artifact)).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
});

test("the caller's signal interrupts a close under way", async () => {
  const bench = new TestBench();
  const controller = new AbortController();
  const writer = bench.stager.open(request, testCtx(controller.signal));
  await writer.write(Buffer.from('['));
  await writer.write(piece);
  await writer.write(Buffer.from('{"id":0}]'));
  const closing = writer.close(artifact);
  setTimeout(() => controller.abort(), 30);
  await expect(closing).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  await writer.abort();
  expect(bench.files()).toEqual([]);
});

test('other artifacts go on', async () => {
  const bench = new TestBench({ budget: { memoryBytes: 512e6, threads: 1 } });
  const writer = bench.stager.open(request, testCtx());
  await writer.write(Buffer.from('['));
  await writer.write(piece);
  const other = bench.stage('[{"id":1}]', table);
  await writer.abort();
  const stage = await other;
  expect(await bench.rows(stage)).toMatchObject([{ row: 1, cells: { id: '1' } }]);
  await stage.discard();
  expect(bench.files()).toEqual([]);
});

test('an abort after close leaves the stages alone', async () => {
  const bench = new TestBench();
  const writer = bench.stager.open(request, testCtx());
  await writer.write(Buffer.from('[{"id":1}]'));
  const [stage] = await writer.close(artifact);
  await writer.abort();
  expect(await bench.rows(stage!)).toHaveLength(1);
});

test('closing the stager ends what is still to do', async () => {
  const bench = new TestBench();
  const staging = bench.stage(Buffer.concat([Buffer.from('['), piece, Buffer.from('{"id":0}]')]), table);
  const settled = expect(staging).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  setTimeout(() => void bench.stager.close(), 30);
  await settled;
});

test('a writer waits while more text lands than is staged', async () => {
  const bench = new TestBench({ chunkBytes: 1 << 20, budget: { memoryBytes: 512e6, threads: 1 } });
  const writer = bench.stager.open(request, testCtx());
  await writer.write(Buffer.from('['));
  let most = 0;
  for (let i = 0; i < 4; i += 1) {
    for (let at = 0; at < piece.length; at += 1 << 20) {
      await writer.write(piece.subarray(at, at + (1 << 20)));
      most = Math.max(most, bench.files('.json').length);
    }
  }
  await writer.write(Buffer.from('{"id":0}]'));
  const [stage] = await writer.close(artifact);
  expect(stage!.totals.read).toBe(80_001);
  expect(most).toBeLessThan(8);
  expect(bench.files('.json')).toEqual([]);
});
