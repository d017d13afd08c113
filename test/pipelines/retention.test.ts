import fs from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { registerConnector } from '../../src/connectors/registry.js';
import type { LedgerSlice } from '../../src/contracts/index.js';
import { pipelineStatus, type RunEvent } from '../../src/pipelines/index.js';
import type { Answer } from '../../src/pipelines/landed-files.js';
import { choosePruned, HeldIndex, type RetentionInput } from '../../src/pipelines/retention-plan.js';
import { resetTestSource, testConnector, testSource } from '../support/test-connector.js';
import { EVERYTHING, Workspace } from '../support/workspace.js';

registerConnector(testConnector);

const yaml = (landing: string, pipelines: string) => `
version: 1
connections: { t: { connector: test } }
landing: { path: ./landing, ${landing} }
sinks:
  warehouse: { sink: duckdb, path: ./warehouse.duckdb }
  lake: { sink: parquet, path: ./lake }
pipelines:
${pipelines}
`;
const pipeline = (name: string, sink: string) =>
  `  ${name}: { sinks: [${sink}], since: 2026-10-31, until: 2026-10-31, lookback: none, datasets: [test_report] }`;
const ONE = pipeline('one', 'warehouse');
const TWO = `${ONE}\n${pipeline('two', 'lake')}`;

describe('with real files', () => {
  let w: Workspace;
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-04T12:00:00Z') });
    resetTestSource();
    w = await Workspace.make();
  });
  afterEach(async () => {
    vi.useRealTimers();
    await w.remove();
  });

  const folder = () => path.join(w.folder, 'landing/artifacts/test_report');
  async function names(): Promise<string[]> {
    return (await fs.readdir(folder(), { recursive: true })).filter(
      (name) => name.endsWith('.gz') || name.endsWith('.json'),
    );
  }
  const pruned = (events: RunEvent[]) => events.filter((event) => event.type === 'pruned');

  it('prunes what is past its keeping once every sink has it, and nothing sooner', async () => {
    await w.write(yaml('keep: 10d', TWO));
    await w.run({ pipelines: ['one'] });
    expect(await names()).toHaveLength(4);
    const aside = path.join(w.folder, 'landing/damaged/old.json.gz');
    const nameless = path.join(folder(), `1/.tmp-${process.pid}-0-x.json.gz`);
    await fs.mkdir(path.dirname(aside), { recursive: true });
    for (const file of [aside, nameless]) {
      await fs.writeFile(file, 'x');
      await fs.utimes(file, new Date(), new Date());
    }
    // Old enough, but the lake lacks it.
    vi.setSystemTime(new Date('2026-11-15T12:00:00Z'));
    await w.run({ pipelines: ['one'] });
    expect(await fs.readdir(path.dirname(aside))).toEqual([]);
    expect(await names()).toHaveLength(4);
    expect((await names()).filter((name) => name.includes('.tmp-'))).toEqual([]);
    const events: RunEvent[] = [];
    const { summary } = await w.run({ pipelines: ['two'] }, events);
    expect(summary).toMatchObject({ jobs: { requested: 0 }, slices: { committed: 2 } });
    expect(pruned(events)).toEqual([{ type: 'pruned', files: 4, bytes: expect.any(Number) }]);
    expect(await names()).toEqual([]);
    // What is held needs no file.
    expect((await w.run()).summary).toMatchObject({ status: 'nothing_to_do', jobs: { requested: 0 } });
  });

  it('makes room for landing.max, the oldest first, and says when it cannot', async () => {
    await w.write(yaml('keep: 90d', ONE));
    for (const hour of ['12', '13', '14']) {
      vi.setSystemTime(new Date(`2026-11-04T${hour}:00:00Z`));
      testSource.bump += 1;
      await w.run({ reload: true });
    }
    const before = await names();
    expect(before).toHaveLength(12);
    const size = async () => (await pipelineStatus({ ...EVERYTHING, config: await w.config() }, w.ctx())).landing;
    const full = await size();
    expect(full).toMatchObject({ files: 6, oldest: expect.stringMatching(/^2\d{3}-/) });
    // Room for a third of it: the newest pair.
    await w.write(yaml(`keep: 90d, max: ${Math.ceil(full.bytes / 3) + 100}B`, ONE));
    const events: RunEvent[] = [];
    expect((await w.run({}, events)).summary.warnings).toEqual([]);
    expect(pruned(events)).toMatchObject([{ files: 8 }]);
    expect((await names()).every((name) => name.includes('-20261104140000'))).toBe(true);
    expect(await size()).toMatchObject({ files: 2 });
    expect(await w.sql('SELECT DISTINCT floor(cost)::INT AS cost FROM test.test_report')).toEqual([{ cost: 3 }]);
    // The lake lacks it now: it stays, however full.
    await w.write(yaml('keep: 90d, max: 1KB', TWO));
    const { summary } = await w.run({ pipelines: ['one'] });
    expect(summary.warnings).toEqual([
      { code: 'W_LANDING_FULL', message: expect.stringMatching(/holds .* KB, landing\.max is 1\.0 KB/) },
    ]);
    expect(await names()).toHaveLength(4);
  });
});

describe('what goes', () => {
  const key = (slice: string) => ({ dataset: 'd', scope: '1', slice });
  const answer = (id: string, slice: string, asOf: string, change: Partial<Answer> = {}): Answer => ({
    connection: 'c',
    dataset: 'd',
    slices: [key(slice)],
    requestFingerprint: 'r',
    files: [{ id, path: id, sha256: id, contentSha256: id, bytes: 10, asOf, landedAt: asOf, fingerprint: `f-${id}` }],
    isWhole: true,
    asOf,
    ...change,
  });
  const held = (slice: string, asOf: string, made = ''): LedgerSlice => ({
    ...key(slice),
    schema: 's',
    rows: 1,
    rejects: 0,
    artifacts: [{ sha256: made, contentSha256: made, path: made, bytes: 10, rows: 1, rejects: 0, asOf }],
    requestFingerprint: 'r',
    asOf,
    committedAt: asOf,
    runId: 'r',
    final: false,
  });
  const old = answer('a', '2026-10-01', '2026-10-02');
  const restated = answer('b', '2026-10-01', '2026-10-09');
  const young = answer('c', '2026-10-20', '2026-10-21');
  const choose = (change: Partial<RetentionInput>) =>
    choosePruned({
      answers: [young, restated, old],
      filled: () => ({ schema: 's', fills: 'slice', sinks: ['x', 'y'] }),
      held: new Map([
        ['x', new HeldIndex([held('2026-10-01', '2026-10-09'), held('2026-10-20', '2026-10-21')])],
        ['y', new HeldIndex([held('2026-10-01', '2026-10-02'), held('2026-10-20', '2026-10-21')])],
      ]),
      inFlight: new Set(),
      keepSince: '2026-10-10',
      excess: 0,
      bytesOf: ({ files }) => files.length * 10,
      ...change,
    }).map(({ files }) => files[0]?.id);

  it('is what every sink has, or has something newer of', () => {
    expect(choose({})).toEqual(['a']);
    expect(choose({ keepSince: '2026-10-01' })).toEqual([]);
  });

  it('is for more room the oldest of what may go, and no more than needed', () => {
    expect(choose({ keepSince: '2026-10-01', excess: 5 })).toEqual(['a']);
    expect(choose({ keepSince: '2026-10-01', excess: 11 })).toEqual(['a', 'c']);
    expect(choose({ excess: 1000 })).toEqual(['a', 'c']);
  });

  it('is never what is in flight, or what a sink that nobody could look into may lack', () => {
    expect(choose({ inFlight: new Set(['f-a']) })).toEqual([]);
    expect(choose({ held: new Map(), excess: 1000 })).toEqual([]);
  });

  it('is a part without the others, and what no pipeline wants', () => {
    const part = answer('p', '2026-10-05', '2026-10-06', { isWhole: false });
    expect(choose({ answers: [part] })).toEqual(['p']);
    const unwanted = answer('u', '2026-10-05', '2026-10-06');
    expect(choose({ answers: [unwanted] })).toEqual([]);
    expect(choose({ answers: [unwanted], filled: () => ({ schema: 's', fills: 'slice', sinks: [] }) })).toEqual(['u']);
  });

  it('is of current state what is older than what the scope has; of what grows what it is made of', () => {
    const states = new Map([['x', new HeldIndex([held('2026-10-09', '2026-10-09')])]]);
    const asState = () => ({ schema: 's', fills: 'state', sinks: ['x'] }) as const;
    expect(choose({ answers: [old], held: states, filled: asState })).toEqual(['a']);
    const grown = new Map([['x', new HeldIndex([held('2026-10-01', '2026-10-09', 'b')])]]);
    const asGrowing = () => ({ schema: 's', fills: 'growing', sinks: ['x'] }) as const;
    expect(choose({ answers: [old, restated], held: grown, filled: asGrowing })).toEqual(['b']);
  });
});
