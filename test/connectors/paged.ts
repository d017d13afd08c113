import { Readable } from 'node:stream';
import { MillpondError } from '../../src/base/errors.js';
import { throwIfAborted } from '../../src/base/retry.js';
import type { ConnectorBench } from '../../src/contracts/conformance/connector.js';
import type { Ctx, Dataset, Source, Table } from '../../src/contracts/index.js';
import { sendJson, startServer } from './server.js';

const TABLE: Table = {
  name: 'events',
  columns: [{ name: 'id', source: 'id', type: 'varchar', role: 'dimension', nullable: false }],
  key: ['id'],
  mode: 'append',
  scopeColumn: { name: '_catalog', type: 'varchar' },
};

/** A source that is read page by page, as small as one can be: the suite is not about one connector only. */
export async function openPagedBench(): Promise<ConnectorBench> {
  let mode: 'pages' | 'repeat' | 'stall' | 'echo' = 'pages';
  const server = await startServer((request, response) => {
    if (mode === 'stall') return;
    if (mode === 'echo') return sendJson(response, 400, { details: JSON.stringify(request.headers) });
    const page = Number(new URL(request.url, 'http://x').searchParams.get('page') ?? 0);
    const next = mode === 'repeat' ? 1 : page < 2 ? page + 1 : undefined;
    sendJson(response, 200, { items: [{ id: `e${page}` }], next });
  });

  async function get(page: number | undefined, ctx: Ctx): Promise<{ items: unknown[]; next?: number }> {
    throwIfAborted(ctx.signal);
    try {
      const url = `${server.url}/events${page === undefined ? '' : `?page=${page}`}`;
      const answer = await fetch(url, { signal: ctx.signal, headers: { authorization: 'Bearer paged-secret-token' } });
      if (!answer.ok) throw new MillpondError('E_REQUEST_REJECTED', `answered ${answer.status}`);
      return (await answer.json()) as { items: unknown[]; next?: number };
    } catch (error) {
      throwIfAborted(ctx.signal);
      throw error;
    }
  }

  const events: Dataset = {
    name: 'events',
    title: 'Events',
    state: { kind: 'alive' },
    tables: [TABLE],
    slicing: { kind: 'as-of' },
    filters: {},
    limits: [],
    request(options) {
      if (options.columns ?? options.filter) throw new MillpondError('E_CONFIG', 'events takes no options');
      return { columns: ['id'], params: {}, tables: [TABLE], slicing: { kind: 'as-of' } };
    },
    unavailable: () => undefined,
    fetch: {
      kind: 'direct',
      coalesce: (request, slices) => [{ slices, columns: request.columns, params: {}, constants: {} }],
      async *read(ask, _held, ctx) {
        const asOf = ctx.now().toISOString();
        const seen = new Set<number>();
        let next: number | undefined;
        do {
          const page = await get(next, ctx);
          next = page.next;
          if (next !== undefined && seen.has(next)) throw new MillpondError('E_PROTOCOL', `page ${next} came twice`);
          if (next !== undefined) seen.add(next);
          const stream = Readable.from([Buffer.from(page.items.map((item) => JSON.stringify(item)).join('\n'))]);
          yield { body: { stream, format: 'ndjson' }, slices: ask.slices, gaps: [], asOf };
        } while (next !== undefined);
      },
    },
  };

  const source: Source = {
    datasets: [events],
    official: false,
    identity: 'paged',
    async scopes(ctx) {
      await get(undefined, ctx);
      const scope = { id: 'Sandbox', timezone: 'UTC', label: 'Sandbox', facts: {} };
      return { scopes: [scope], missing: [], visible: ['Sandbox'] };
    },
    async *check() {},
    close: async () => {},
  };
  return {
    source,
    secrets: ['paged-secret-token'],
    wants: () => [{ dataset: 'events', scope: 'Sandbox', slice: '2026-11-02' }],
    requests: () => server.received.map((request) => ({ ...request, download: false })),
    jobsMade: () => [],
    stall() {
      mode = 'stall';
    },
    repeatPages() {
      mode = 'repeat';
    },
    echo() {
      mode = 'echo';
    },
    close: () => server.close(),
  };
}
