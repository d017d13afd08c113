/**
 * A connector for tests that has what Amazon's v2 files lack: a report of 31 days in one file, a
 * current-state dataset, and an append table fed by direct reads. Its source is a plain object in
 * the process, or in a child that loads this module.
 */
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import { daysBetween } from '../../src/base/days.js';
import type {
  Ask,
  AskDraft,
  Body,
  Column,
  Connector,
  Ctx,
  Dataset,
  DatasetRequest,
  Held,
  Job,
  SliceKey,
  Table,
} from '../../src/contracts/index.js';

/** What a test does to the source, and what the source saw. */
export interface TestSource {
  /** Jobs in the order made: the ask's dataset and slices. */
  readonly made: string[];
  readonly downloads: string[];
  /** Keys whose record was read directly. */
  readonly reads: string[];
  /** Polls that say `pending` before a job is ready. */
  pendingPolls: number;
  /** Changes the metric of every row: a restatement. */
  bump: number;
  /** Event ids that there are to read. */
  events: number;
  /** Rows per day of the report. */
  rowsPerDay: number;
  /** What the rows of the report say besides, or instead, by `itemId`. */
  extra: (item: number) => Record<string, unknown>;
  /** Ends the keys of events: another record in the same slice. */
  suffix: string;
}

const USUAL = {
  pendingPolls: 0,
  bump: 0,
  events: 3,
  rowsPerDay: 2,
  extra: () => ({}),
  suffix: '',
} satisfies Partial<TestSource>;

export const testSource: TestSource = {
  made: [],
  downloads: [],
  reads: [],
  ...USUAL,
};

/** Polls seen so far, by job. */
const polls = new Map<string, number>();

/** Back to the start between tests. */
export function resetTestSource(): void {
  Object.assign(testSource, USUAL);
  polls.clear();
  for (const list of [testSource.made, testSource.downloads, testSource.reads]) list.length = 0;
}

const SCOPES = ['1', '9007199254740993'];

const column = (source: string, name: string, type: Column['type'], role: Column['role'], nullable = true): Column => ({
  name,
  source,
  type,
  role,
  nullable,
});

const scopeColumn = { name: '_profile_id', type: 'bigint' } as const;

const monthly: Table = {
  name: 'test_report',
  columns: [
    column('date', 'date', 'date', 'dimension', false),
    column('itemId', 'item_id', 'bigint', 'dimension', false),
    column('cost', 'cost', 'decimal(18,6)', 'metric'),
  ],
  key: ['date', 'item_id'],
  mode: 'replace',
  scopeColumn,
  sliceOf: 'date',
};

const state: Table = {
  name: 'test_state',
  columns: [column('itemId', 'item_id', 'bigint', 'dimension', false), column('name', 'name', 'varchar', 'metric')],
  key: ['item_id'],
  mode: 'replace',
  scopeColumn,
};

const events: Table = {
  name: 'test_events',
  columns: [column('eventId', 'event_id', 'varchar', 'dimension', false), column('note', 'note', 'varchar', 'metric')],
  key: ['event_id'],
  mode: 'append',
  scopeColumn,
};

function records(ask: Ask): unknown[] {
  if (ask.dataset === 'test_state') {
    return [
      { itemId: '$9007199254740995', name: `item of ${ask.slices[0]!.scope}` },
      { itemId: 2, name: `v${testSource.bump}` },
    ];
  }
  return ask.slices.flatMap(({ slice }) =>
    Array.from({ length: testSource.rowsPerDay }, (_, i) => ({
      date: slice,
      itemId: i + 1,
      cost: `${testSource.bump}.00000${i}`,
      ...testSource.extra(i + 1),
    })),
  );
}

/** JSON in which `"$123"` is the integer 123, beyond what a JavaScript number holds. */
function text(values: unknown): Buffer {
  return Buffer.from(JSON.stringify(values).replace(/"\$(\d+)"/g, '$1'));
}

function request(table: Table, slicing: DatasetRequest['slicing']): DatasetRequest {
  return { columns: table.columns.map(({ source }) => source), params: {}, tables: [table], slicing };
}

function draft(request: DatasetRequest, slices: readonly SliceKey[]): AskDraft {
  return { slices, columns: request.columns, params: {}, constants: {} };
}

function jobDataset(table: Table, slicing: DatasetRequest['slicing'], maxDays: number): Dataset {
  return {
    name: table.name,
    title: table.name,
    state: { kind: 'alive' },
    tables: [table],
    slicing,
    filters: {},
    limits: [],
    request: () => request(table, slicing),
    unavailable: () => undefined,
    fetch: {
      kind: 'job',
      coalesce(wanted, slices) {
        const groups: SliceKey[][] = [];
        for (const key of [...slices].sort((a, b) => (a.slice < b.slice ? 1 : -1))) {
          const group = groups.at(-1);
          if (group && daysBetween(key.slice, group[0]!.slice) < maxDays) group.push(key);
          else groups.push([key]);
        }
        return groups.map((group) => draft(wanted, group));
      },
      async request(ask: Ask, _attempt, ctx: Ctx) {
        const id = `job-${testSource.made.length + 1}-${process.pid}`;
        testSource.made.push(`${ask.dataset} ${ask.slices[0]!.scope} ${ask.slices.length}`);
        return { job: { id, asOf: ctx.now().toISOString() }, adopted: false, more: false };
      },
      async poll(_ask: Ask, job: Job) {
        const seen = (polls.get(job.id) ?? 0) + 1;
        polls.set(job.id, seen);
        return seen > testSource.pendingPolls ? { state: 'ready' } : { state: 'pending', afterMs: 5 };
      },
      async download(ask: Ask, job: Job): Promise<Body> {
        testSource.downloads.push(job.id);
        return { stream: Readable.from([gzipSync(text(records(ask)))]), format: 'array' };
      },
    },
  };
}

const eventsDataset: Dataset = {
  name: 'test_events',
  title: 'events',
  state: { kind: 'alive' },
  tables: [events],
  slicing: { kind: 'cursor' },
  filters: {},
  limits: [],
  request: () => request(events, { kind: 'cursor' }),
  unavailable: () => undefined,
  fetch: {
    kind: 'direct',
    coalesce: (wanted, slices) => [draft(wanted, slices)],
    async *read(ask: Ask, held: Held, ctx: Ctx) {
      for (const { scope } of ask.slices) {
        for (let event = 1; event <= testSource.events; event++) {
          const key = { dataset: 'test_events', scope, slice: `e-${event}` };
          if (!held.reload && (await held.has(key))) continue;
          testSource.reads.push(`${scope} ${key.slice}`);
          yield {
            body: {
              stream: Readable.from([
                Buffer.concat([
                  text({ eventId: `${key.slice}${testSource.suffix}`, note: 'a\n"note"' }),
                  Buffer.from('\n'),
                ]),
              ]),
              format: 'ndjson' as const,
            },
            slices: [key],
            gaps: [],
            asOf: ctx.now().toISOString(),
          };
        }
      }
    },
  },
};

const DAY = { kind: 'day', parts: [], maxDays: 31, retentionDays: 90, ages: [1, 2, 3, 7] } as const;
const datasets = [jobDataset(monthly, DAY, 31), jobDataset(state, { kind: 'as-of' }, 1), eventsDataset];

/** Registered by tests with `registerConnector`. */
export const testConnector: Connector = {
  name: 'test',
  schema: 'test',
  config: z.strictObject({ secret: z.string().optional() }),
  secrets: ['secret'],
  datasets,
  async open() {
    return {
      datasets,
      official: false,
      identity: 'test',
      timing: { firstMs: 1, maxMs: 20, deadlineMs: 5_000, giveUpMs: 60_000 },
      async scopes() {
        const scopes = SCOPES.map((id) => ({ id, timezone: 'UTC', label: id, facts: {} }));
        return { scopes, missing: [], visible: SCOPES };
      },
      async *check() {
        yield { ok: true, what: 'test', detail: 'there' };
      },
      async close() {},
    };
  },
};
