import { Readable } from 'node:stream';
import type { Body } from '../../contracts/index.js';
import { oneLine } from './raw-json.js';

/** Records that are there already as a body: one JSON object a line. */
export function bodyOf(records: readonly string[]): Body {
  const bytes = Buffer.from(records.map((record) => `${oneLine(record)}\n`).join(''));
  return { stream: Readable.from([bytes], { objectMode: false }), format: 'ndjson', length: bytes.length };
}

/** Records as they come as a body. */
export function bodyFrom(records: AsyncIterable<string>): Body {
  return { stream: Readable.from(lines(records), { objectMode: false }), format: 'ndjson' };
}

async function* lines(records: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const record of records) yield Buffer.from(`${oneLine(record)}\n`);
}

/** The record with one more member, which the service says elsewhere. */
export function withMember(record: string, name: string, value: string): string {
  const rest = record.trimStart().slice(1).trimStart();
  return `{${JSON.stringify(name)}:${JSON.stringify(value)}${rest.startsWith('}') ? '' : ','}${rest}`;
}

/** A record that names its catalog, as nearly all do. */
export function ofCatalog(record: string, parsed: Readonly<Record<string, unknown>>, catalog: string): string {
  return typeof parsed.Catalog === 'string' ? record : withMember(record, 'Catalog', catalog);
}
