import { randomUUID } from 'node:crypto';
import { createReadStream, openSync, readSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Connector, Dataset, DatasetRequest, Slicing, Table } from 'millpond';
import { z } from 'zod';

/** What the source has, and how fast it sends. */
export interface Offer {
  readonly table: Table;
  /** The file of a slice. */
  fileOf(slice: string): string;
  readonly bytesPerSecond?: number;
}

/** A source that sends files of this machine: its jobs are done the moment they are asked for. */
export class BenchSource {
  /** When a slow source had sent its last byte, had nobody held it up; of `performance.now()`. */
  sentBy = 0;

  constructor(private readonly offer: Offer) {}

  connector(): Connector {
    const { table } = this.offer;
    const slicing: Slicing = { kind: 'day', parts: [], maxDays: 1, retentionDays: 100_000, ages: [] };
    const columns = table.columns.map(({ source }) => source);
    const wanted: DatasetRequest = { columns, params: {}, tables: [table], slicing };
    const dataset: Dataset = {
      name: table.name,
      title: table.name,
      state: { kind: 'alive' },
      tables: [table],
      slicing,
      filters: {},
      limits: [],
      request: () => wanted,
      unavailable: () => undefined,
      fetch: {
        kind: 'job',
        coalesce: (_, slices) => slices.map((key) => ({ slices: [key], columns, params: {}, constants: {} })),
        request: async (ask, _attempt, ctx) => ({
          job: { id: `${ask.slices[0]!.slice} ${randomUUID()}`, asOf: ctx.now().toISOString() },
          adopted: false,
          more: false,
        }),
        poll: async () => ({ state: 'ready' }),
        download: async (ask) => {
          const file = this.offer.fileOf(ask.slices[0]!.slice);
          return { stream: this.#send(file), format: 'array', length: statSync(file).size };
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
        timing: { firstMs: 0, maxMs: 10, deadlineMs: 3_600_000, giveUpMs: 3_600_000 },
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

  #send(file: string): Readable {
    const rate = this.offer.bytesPerSecond;
    const { size } = statSync(file);
    // No more memory for a piece than it has bytes, and no asking for what is behind the last.
    if (rate === undefined) return createReadStream(file, { highWaterMark: Math.min(size, 1 << 18), end: size - 1 });
    const began = performance.now();
    this.sentBy = began + (size / rate) * 1000;
    return Readable.from(drip(file, rate, began));
  }
}

/** The file as it would come over a slow line: by each moment, what the rate allows. */
async function* drip(file: string, bytesPerSecond: number, began: number): AsyncGenerator<Buffer> {
  const descriptor = openSync(file, 'r');
  const { size } = statSync(file);
  for (let sent = 0; sent < size; ) {
    const due = Math.min(size, Math.floor(((performance.now() - began) / 1000) * bytesPerSecond));
    const buffer = Buffer.allocUnsafe(Math.min(due - sent, 1 << 18));
    if (buffer.length === 0) {
      await sleep(5);
      continue;
    }
    sent += readSync(descriptor, buffer, 0, buffer.length, sent);
    yield buffer;
  }
}
