import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Artifact, StageWriter } from '../../src/contracts/index.js';
import { askOf, column, EVOLVE, TestBench, tableOf, testCtx } from './support.js';

const bench = new TestBench();
const table = tableOf([column('id', 'bigint'), column('note', 'varchar')]);
const ask = askOf();

const open = (): StageWriter =>
  bench.stager.open({ artifactId: 'a', ask, tables: [table], format: 'array', policy: EVOLVE }, testCtx());
const close = async (writer: StageWriter) => (await writer.close({ id: 'a', ask } as Artifact))[0]!;
const listOf = (rows: number, note: (i: number) => unknown = (i) => `${i}`) =>
  JSON.stringify(Array.from({ length: rows }, (_, i) => ({ id: i, note: note(i) })));
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test.each([
  ['short', listOf(1)],
  ['as long as a few pieces', listOf(80_000)],
  ['empty', ''],
])('says what is in a file: %s', async (_, text) => {
  const writer = open();
  expect(await writer.writeGzip(gzipSync(text))).toEqual({ bytes: text.length, sha256: sha256(text) });
  await writer.abort();
});

test('takes all members of a file, whatever the last one says of its length', async () => {
  const writer = open();
  const parts = ['[{"id":1},', `{"id":2,"note":"${'x'.repeat(200_000)}"}`, ']'];
  const content = await writer.writeGzip(Buffer.concat(parts.map((part) => gzipSync(part))));
  expect(content).toEqual({ bytes: parts.join('').length, sha256: sha256(parts.join('')) });
  const stage = await close(writer);
  expect((await bench.rows(stage)).map(({ cells }) => cells?.id)).toEqual(['1', '2']);
  await stage.discard();
});

test.each([
  ['by its trailer', (text: string) => gzipSync(text)],
  ['by its content', (text: string) => Buffer.concat([gzipSync(text), gzipSync(' ')])],
])('leaves a file to its caller that is too long, %s', async (_, make) => {
  const writer = open();
  const text = listOf(2, () => 'x'.repeat(3 << 20));
  expect(await writer.writeGzip(make(text))).toBeUndefined();
  await writer.write(Buffer.from(text));
  const stage = await close(writer);
  expect(stage.totals.read).toBe(2);
  await stage.discard();
});

test.each([
  ['whose end is missing', (file: Buffer) => Buffer.concat([file.subarray(0, -100), file.subarray(-4)])],
  [
    'whose checksum is wrong',
    (file: Buffer) => Buffer.concat([file.subarray(0, -8), Buffer.alloc(4), file.subarray(-4)]),
  ],
  ['that is none', (file: Buffer) => Buffer.concat([file.subarray(0, 10), randomBytes(2000), file.subarray(-4)])],
])('refuses a file %s', async (_, spoil) => {
  const writer = open();
  const spoilt = writer.writeGzip(spoil(gzipSync(listOf(1000))));
  await expect(spoilt).rejects.toMatchObject({ code: 'E_ARTIFACT_CORRUPT' });
  await writer.abort();
  expect((await bench.stage(listOf(3), table, { gzip: true })).totals.read).toBe(3);
});

test('what is not plain is judged as ever', async () => {
  const text = listOf(3000, (i) => (i % 2 === 0 ? { deep: i } : '\u0000'.repeat(i % 3)));
  const rows = async (gzip: boolean) => {
    const stage = await bench.stage(text, table, { gzip });
    const seen = await bench.rows(stage);
    await stage.discard();
    return seen;
  };
  const seen = await rows(true);
  expect(seen).toHaveLength(3000);
  expect(seen).toEqual(await rows(false));
});

test('gives up what it holds', async () => {
  const writer = open();
  const writing = writer.writeGzip(gzipSync(listOf(10)));
  await writer.abort();
  await expect(writing).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  await expect(close(writer)).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
});
