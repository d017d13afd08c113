import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type {
  Committed,
  Ctx,
  LedgerQuery,
  LedgerSlice,
  Outcome,
  RunNotes,
  RunRecord,
  Sink,
  SliceKey,
  SliceTouch,
  SliceWrite,
  Stage,
  Write,
} from '../index.js';
import type { SinkCheck, SinkHarness, TextRow } from './sink.js';
import { StageForge, type StageSpec } from './sink-fixtures.js';

/** The schema that trials fill, and their first scope. */
export const SCHEMA = 'trial_ads';
export const SCOPE = '9007199254740993';
const NO_LOG = { debug() {}, info() {}, warn() {}, error() {} };

/** A check from its name and body. `needs: 'hold'`: passes where the harness cannot hold locks. */
export function check(name: string, body: (trial: Trial) => Promise<void>, needs?: 'hold'): SinkCheck {
  return {
    name,
    async run(harness) {
      if (needs === 'hold' && !harness.hold) return;
      const trial = await Trial.open(harness);
      try {
        await body(trial);
      } finally {
        await trial.close();
      }
    },
  };
}

/** A context whose clock stands at `now` and that gives up with `signal`. */
export function trialCtx(now: string, signal: AbortSignal = new AbortController().signal): Ctx {
  return { signal, now: () => new Date(now), log: NO_LOG, budget: { memoryBytes: 512e6, threads: 2 } };
}

/** A run of that name. */
export function trialRun(runId = 'run-1'): RunRecord {
  return {
    runId,
    pipeline: 'trial',
    trigger: 'manual',
    parent: null,
    status: 'running',
    startedAt: '2026-11-02T00:00:00.000Z',
    endedAt: null,
    version: '0.0.0',
    rows: 0,
    rejects: 0,
    errors: 0,
  };
}

/** What a run notes, nothing but itself unless said otherwise. */
export function trialNotes(more: Partial<RunNotes> = {}): RunNotes {
  return { run: trialRun(), outcomes: [], cleared: [], unknown: [], tables: [], views: [], ...more };
}

/** A slice made of stages, each of which knows its artifact. */
export function slice(key: SliceKey, stages: readonly Stage[], more: Partial<SliceWrite> = {}): SliceWrite {
  const asOf = stages
    .map((stage) => stage.artifact.asOf)
    .sort()
    .at(-1) as string;
  return {
    kind: 'replace',
    key,
    schema: SCHEMA,
    currentState: false,
    stages,
    requestFingerprint: 'request-1',
    asOf,
    final: false,
    ...more,
  };
}

/** One sink in one folder, and the little that checks do with it over and over. */
export class Trial {
  readonly harness: SinkHarness;
  readonly folder: string;
  readonly forge: StageForge;
  sink: Sink;
  now = '2026-11-02T06:00:00.000Z';

  private constructor(harness: SinkHarness, folder: string, forge: StageForge, sink: Sink) {
    this.harness = harness;
    this.folder = folder;
    this.forge = forge;
    this.sink = sink;
  }

  static async open(harness: SinkHarness): Promise<Trial> {
    const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'millpond-sink-'));
    const stages = path.join(folder, 'stages');
    const place = path.join(folder, 'place');
    await fs.mkdir(stages);
    await fs.mkdir(place);
    return new Trial(harness, folder, await StageForge.open(stages), await harness.makeSink(place));
  }

  get place(): string {
    return path.join(this.folder, 'place');
  }

  async close(): Promise<void> {
    this.forge.close();
    await this.sink.close();
    await fs.rm(this.folder, { recursive: true, force: true });
  }

  ctx(signal?: AbortSignal): Ctx {
    return trialCtx(this.now, signal);
  }

  /** A stage from a spec, in one slice, as a write of that slice. */
  async write(
    spec: Omit<StageSpec, 'slices'> & { key: SliceKey },
    more: Partial<SliceWrite> = {},
  ): Promise<SliceWrite> {
    return slice(spec.key, [await this.forge.stage({ ...spec, slices: [spec.key] })], more);
  }

  /** Prepares and commits the writes together. */
  async commit(
    writes: readonly Write[],
    options: { readonly run?: RunRecord; readonly signal?: AbortSignal } = {},
  ): Promise<Committed[]> {
    const run = options.run ?? trialRun();
    const prepared = await this.sink.prepare(writes, run, this.ctx(options.signal));
    try {
      return await this.sink.commit([prepared], run, this.ctx(options.signal));
    } finally {
      await prepared.discard();
    }
  }

  touch(key: SliceKey, asOf: string, final = false): SliceTouch {
    return { kind: 'touch', key, schema: SCHEMA, asOf, final };
  }

  rows(table: string): Promise<TextRow[]> {
    return this.harness.readRows(this.sink, SCHEMA, table);
  }

  rejects(): Promise<TextRow[]> {
    return this.harness.readRejects(this.sink);
  }

  held(query: LedgerQuery = {}): Promise<LedgerSlice[]> {
    return this.sink.ledger.slices(query, this.ctx());
  }

  outcomes(query: LedgerQuery = {}): Promise<Outcome[]> {
    return this.sink.ledger.outcomes(query, this.ctx());
  }

  note(notes: Partial<RunNotes>): Promise<void> {
    return this.sink.note(trialNotes(notes), this.ctx());
  }

  /** Closes the sink and opens another instance over the same place. */
  async reopen(options?: { readonly lockWaitMs?: number }): Promise<void> {
    await this.sink.close();
    this.sink = await this.harness.makeSink(this.place, options);
  }

  /** Asserts a table's rows, narrowed to the columns that `expected` names, in any order. */
  async expectRows(table: string, expected: readonly TextRow[]): Promise<void> {
    const names = [...new Set(expected.flatMap((row) => Object.keys(row)))].sort();
    const rows = await this.rows(table);
    assert.deepEqual(sorted(rows, names), sorted(expected, names), `rows of ${table}`);
  }

  /** Asserts that every slice's count in the ledger is what stands in the table. */
  async expectAgreement(table: string, scopeColumn = '_profile_id'): Promise<void> {
    const found = new Map<string, number>();
    for (const row of await this.rows(table)) {
      const key = `${row[scopeColumn]}:${row._slice}`;
      found.set(key, (found.get(key) ?? 0) + 1);
    }
    const ledger = new Map((await this.held()).map((held) => [`${held.scope}:${held.slice}`, held.rows]));
    for (const [key, rows] of ledger) if (rows === 0) ledger.delete(key);
    assert.deepEqual([...found].sort(), [...ledger].sort(), 'ledger and rows agree');
  }
}

function sorted(rows: readonly TextRow[], names: readonly string[]): TextRow[] {
  return rows
    .map((row) => Object.fromEntries(names.map((name) => [name, row[name] ?? null])))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
