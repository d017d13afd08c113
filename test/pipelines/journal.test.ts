import { spawn } from 'node:child_process';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Ask, Phase } from '../../src/contracts/index.js';
import { Journal } from '../../src/pipelines/journal.js';

const ASK: Ask = {
  connection: 'ads',
  dataset: 'sp_campaigns_report_v2',
  slices: [{ dataset: 'sp_campaigns_report_v2', scope: '111', slice: '2026-10-01' }],
  columns: ['campaignId'],
  params: {},
  constants: { report_date: '2026-10-01' },
  fingerprint: 'a'.repeat(32),
  requestFingerprint: 'b'.repeat(32),
};
const INTENT: Phase = { phase: 'intent', token: 't', jobs: [] };
const NOW = new Date('2026-11-01T00:00:00Z');

let folder: string;
let journal: Journal;
beforeEach(async () => {
  folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-journal-'));
  journal = await Journal.open(folder);
});
afterEach(() => fs.rm(folder, { recursive: true, force: true }));

describe('journal', () => {
  it('keeps an entry through claim, move and end', async () => {
    const { entry, created } = await journal.claim(ASK, 'daily', INTENT, NOW);
    expect(created).toBe(true);
    const asked: Phase = { phase: 'asked', token: 't', jobs: [{ id: 'j1', asOf: NOW.toISOString() }] };
    await journal.move(entry, { state: asked });
    const { entries } = await journal.entries();
    expect(entries).toEqual([{ ...entry, revision: 2, state: asked }]);
    await journal.end(entries[0]!);
    expect((await journal.entries()).entries).toEqual([]);
  });

  it('gives an ask to whoever claims it first; the other one joins', async () => {
    const claims = await Promise.all(
      Array.from({ length: 8 }, (_, i) => journal.claim(ASK, `pipeline-${i}`, INTENT, NOW)),
    );
    expect(claims.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(claims.map(({ entry }) => entry.owner)).size).toBe(1);
  });

  it('refuses a move from a revision that is not the newest', async () => {
    const { entry } = await journal.claim(ASK, 'daily', INTENT, NOW);
    const moves = await Promise.all([journal.move(entry, { owner: 'x' }), journal.move(entry, { owner: 'y' })]);
    expect(moves.filter((moved) => moved !== undefined)).toHaveLength(1);
  });

  it('sets a damaged entry aside, says why, and goes on', async () => {
    const { entry } = await journal.claim(ASK, 'daily', INTENT, NOW);
    const file = path.join(folder, 'journal', `${entry.id}.jsonl`);
    await fs.writeFile(file, (await fs.readFile(file, 'utf8')).replace('"daily"', '"dai1y"'));
    const { entries, damaged } = await journal.entries();
    expect(entries).toEqual([]);
    expect(damaged).toHaveLength(1);
    expect(damaged[0]!.why).toContain('checksum');
    expect(await fs.readFile(damaged[0]!.file, 'utf8')).toContain('dai1y');
  });

  it('goes on from the revision before a move that was torn', async () => {
    const { entry } = await journal.claim(ASK, 'daily', INTENT, NOW);
    const file = path.join(folder, 'journal', `${entry.id}.jsonl`);
    const before = (await fs.stat(file)).size;
    await journal.move(entry, { attempts: 7 });
    await fs.truncate(file, (before + (await fs.stat(file)).size) / 2);
    expect(await journal.entries()).toEqual({ entries: [entry], damaged: [] });
    const moved = await journal.move(entry, { attempts: 8 });
    expect(moved).toEqual({ ...entry, revision: 2, attempts: 8 });
    expect(await journal.find(entry.id)).toEqual(moved);
  });

  it('keeps an entry that is longer than one piece of reading', async () => {
    const columns = Array.from({ length: 4_000 }, (_, i) => `column${i}`);
    const { entry } = await journal.claim({ ...ASK, columns }, 'daily', INTENT, NOW);
    const moved = await journal.move(entry, { attempts: 1 });
    expect(moved).toEqual({ ...entry, revision: 2, attempts: 1 });
    expect(await journal.find(entry.id)).toEqual(moved);
  });

  it('refuses a move of an entry that has ended', async () => {
    const { entry } = await journal.claim(ASK, 'daily', INTENT, NOW);
    await journal.end(entry);
    expect(await journal.move(entry, { attempts: 1 })).toBeUndefined();
    expect((await journal.entries()).entries).toEqual([]);
  });

  it('refuses what a newer Millpond wrote', async () => {
    await fs.writeFile(
      path.join(folder, 'journal', `${ASK.fingerprint}.jsonl`),
      '{"format":99,"sha256":"x","entry":{}}\n',
    );
    await expect(journal.entries()).rejects.toMatchObject({ code: 'E_FORMAT_NEWER' });
  });

  it('survives SIGKILL between any two moves: the newest revision that is whole counts', async () => {
    const script = path.join(import.meta.dirname, 'journal-child.ts');
    for (let round = 0; round < 5; round++) {
      const child = spawn(process.execPath, ['--import', 'tsx', script, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let moves = 0;
      await new Promise<void>((resolve) => {
        child.stdout.on('data', (data: Buffer) => {
          moves = Number(data.toString().trim().split('\n').at(-1));
          if (moves > 20 + round * 7) child.kill('SIGKILL');
        });
        child.on('close', () => resolve());
      });
      const { entries, damaged } = await journal.entries();
      expect(damaged).toEqual([]);
      expect(entries).toHaveLength(1);
      // What the child was told is durable is there; at most one move more was under way.
      expect(entries[0]!.revision).toBeGreaterThanOrEqual(moves);
      await journal.end(entries[0]!);
    }
  });
});
