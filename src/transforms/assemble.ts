import { identifier, literal, sqlType } from '../base/duckdb/quote.js';
import { MillpondError } from '../base/errors.js';
import { type Artifact, type Ask, STAGE_COLUMNS, type Stage } from '../contracts/index.js';
import { joined, NOTHING, type Outcome, type StagedPart } from './outcome.js';
import type { Part } from './parts.js';
import type { TableWork } from './table-work.js';
import type { TypedColumn } from './typed-columns.js';

/** The outcome of a chunk, and how many records were thought to stand before it. */
export interface ChunkOutcome {
  readonly outcome: Outcome;
  readonly firstRow: number;
}

/** Writes the rows of a query to a part. */
export type WriteRows = (query: string) => Promise<Part>;

/**
 * Makes one stage of the outcomes of an artifact's chunks. Parts whose row numbers rest on a
 * wrong count, or that lack a column found later, are written anew.
 * @throws MillpondError `E_SCHEMA_FROZEN`.
 */
export async function assembleStage(
  artifact: Artifact,
  work: TableWork,
  outcomes: readonly ChunkOutcome[],
  ask: Ask,
  write: WriteRows,
): Promise<Stage> {
  const { drift, table } = work;
  if (drift.frozen.length > 0) {
    const names = drift.frozen.join(', ');
    throw new MillpondError('E_SCHEMA_FROZEN', `${table.name}: the source sends columns that are not known: ${names}`);
  }
  const parts: Part[] = [];
  let read = 0;
  for (const { outcome, firstRow } of outcomes) {
    // Of a table within records not every record counts: the number of those before is what was thought.
    const shift = table.within ? 0 : read - firstRow;
    for (const staged of outcome.parts) parts.push(await finalPart(staged, shift, work, write));
    read += outcome.read;
  }
  const all = outcomes.map(({ outcome }) => outcome).reduce(joined, NOTHING);
  return {
    artifact,
    table,
    columns: [...work.columns, ...drift.kept].map(({ column }) => column),
    parts: parts.map(({ uri }) => ({ uri })),
    totals: { read, slices: sliceTotals(ask, all), unknown: drift.unknown, vanished: vanished(ask, work, all) },
    discard: discardOnce(parts),
  };
}

function discardOnce(parts: readonly Part[]): () => Promise<void> {
  let done: Promise<unknown> | undefined;
  return async () => {
    done ??= Promise.all(parts.map((part) => part.release()));
    await done;
  };
}

/** The part as it is, or a new one with right row numbers and all columns. */
async function finalPart(staged: StagedPart, shift: number, work: TableWork, write: WriteRows): Promise<Part> {
  const there = new Set(staged.unknown.map(({ column }) => column.name));
  const wanted = work.drift.columns;
  if (shift === 0 && wanted.length === there.size) return staged.part;
  const unknown = wanted.map(({ column }) => {
    const name = identifier(column.name);
    return there.has(column.name) ? name : `NULL::${sqlType(column.type)} AS ${name}`;
  });
  const columns = [
    ...STAGE_COLUMNS.map((name) => (name === '_row' ? `_row + ${shift} AS _row` : name)),
    ...work.columns.map(({ column }) => identifier(column.name)),
    ...unknown,
  ];
  const part = await write(
    `SELECT ${columns.join(', ')} FROM read_parquet(${literal(staged.part.uri)}) WHERE _artifact = ${literal(work.artifactId)}`,
  );
  await staged.part.release();
  return part;
}

function sliceTotals({ slices }: Ask, { slices: counts }: Outcome): Stage['totals']['slices'] {
  return slices.map((key) => {
    const own = counts.filter((count) => count.scope === key.scope && count.slice === key.slice);
    return {
      key,
      rows: own.reduce((sum, { rows }) => sum + rows, 0),
      rejects: own.reduce((sum, { rejects }) => sum + rejects, 0),
    };
  });
}

/** Columns asked for of which no typed row had a value; of nothing read, none. */
function vanished(ask: Ask, { columns }: TableWork, { slices, seen }: Outcome): string[] {
  if (!slices.some(({ rows }) => rows > 0)) return [];
  const isAsked = ({ column, sources }: TypedColumn) =>
    column.role !== 'constant' && (ask.columns.length === 0 || sources.some((source) => ask.columns.includes(source)));
  return columns.filter((typed) => isAsked(typed) && !seen.has(typed.column.name)).map(({ column }) => column.name);
}
