import type { ColumnDrift, Sink } from '../contracts/index.js';

/** A column that changed on the source's side, as `millpond status` shows it. */
export interface DriftReport {
  readonly sink: string;
  readonly schema: string;
  readonly dataset: string;
  readonly table: string;
  readonly column: string;
  /** The source's spelling, or path. */
  readonly source: string;
  /** `new`: the catalogue does not know it. `vanished`: no record of the last run that loaded the table had a value. */
  readonly drift: 'new' | 'vanished';
  /** ISO instant: first seen, or since when there is no value. */
  readonly since: string;
  /** ISO instant of the last run that saw a value; null where that was not noted yet. */
  readonly last_seen: string | null;
  /** Of a new one: the type that every value seen would fit, for `types:`. */
  readonly suggested_type: string | null;
}

/** One line of a sink's drift; a new column that is gone again has vanished. */
export function driftReport(sink: Pick<Sink, 'name'>, found: ColumnDrift): DriftReport {
  const { schema, dataset, table, column, source, suggestedType, firstSeenAt, lastSeenAt, vanishedSince } = found;
  const place = { sink: sink.name, schema, dataset, table, column, source };
  const known = { last_seen: lastSeenAt, suggested_type: suggestedType };
  if (vanishedSince !== null && lastSeenAt !== null)
    return { ...place, drift: 'vanished', since: vanishedSince, ...known };
  return { ...place, drift: 'new', since: firstSeenAt, ...known };
}
