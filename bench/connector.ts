import { request } from 'undici';
import { z } from 'zod';
import type { Connector, Dataset, DatasetRequest, Slicing } from '../dist/contracts/index.js';
import { REPORT } from './columns.js';

/** Where the files are served, by slice. */
export interface Served {
  readonly url: string;
  readonly slices: readonly string[];
}

/** A source whose jobs are done the moment they are asked for: what is measured is ours alone. */
export function benchConnector(served: Served): Connector {
  const slicing: Slicing = { kind: 'day', parts: [], maxDays: 1, retentionDays: 100_000, ages: [] };
  const wanted: DatasetRequest = {
    columns: REPORT.columns.map(({ source }) => source),
    params: {},
    tables: [REPORT],
    slicing,
  };
  const dataset: Dataset = {
    name: REPORT.name,
    title: REPORT.name,
    state: { kind: 'alive' },
    tables: [REPORT],
    slicing,
    filters: {},
    limits: [],
    request: () => wanted,
    unavailable: () => undefined,
    fetch: {
      kind: 'job',
      coalesce: (made, slices) =>
        slices.map((key) => ({ slices: [key], columns: made.columns, params: {}, constants: {} })),
      request: async (ask, _attempt, ctx) => ({
        job: { id: ask.slices[0]!.slice, asOf: ctx.now().toISOString() },
        adopted: false,
        more: false,
      }),
      poll: async () => ({ state: 'ready' }),
      async download(_ask, job) {
        const { body, headers } = await request(`${served.url}/${served.slices.indexOf(job.id)}`);
        return { stream: body, format: 'array', length: Number(headers['content-length']) };
      },
    },
  };
  return {
    name: 'bench',
    schema: 'bench',
    config: z.strictObject({}),
    secrets: [],
    datasets: [dataset],
    open: async () => ({
      datasets: [dataset],
      official: false,
      identity: 'bench',
      timing: { firstMs: 0, maxMs: 10, deadlineMs: 600_000, giveUpMs: 600_000 },
      scopes: async () => ({
        scopes: [{ id: '1', timezone: 'UTC', label: 'bench', facts: {} }],
        missing: [],
        visible: ['1'],
      }),
      async *check() {},
      close: async () => {},
    }),
  };
}
