import fs from 'node:fs/promises';
import path from 'node:path';
import { sqlType } from '../../base/duckdb/quote.js';
import { systemCode } from '../../base/errors.js';
import { writeFileAtomic } from '../../base/files.js';
import type { Ctx, Outcome, RunNotes, RunRecord, SliceKey } from '../../contracts/index.js';
import { fileStem, ownPaths } from './paths.js';

/** A line of `outcomes.json`, with the instant of the last note: a later commit of the slice ends it. */
export interface OutcomeLine extends Outcome {
  readonly notedAt: string;
}

/** A line of `columns.json`, named as in `millpond.columns`. */
export interface ColumnLine {
  readonly dataset: string;
  readonly column_name: string;
  readonly source_name: string;
  readonly type: string;
  readonly documented: boolean;
  readonly suggested_type: string | null;
  readonly first_seen_at: string;
  readonly first_run_id: string;
  readonly table_name: string;
  readonly description: string | null;
}

/** Writes the run's own file; no lock, for nobody else writes it. */
export async function writeRun(root: string, run: RunRecord): Promise<void> {
  await fs.mkdir(ownPaths(root).runs, { recursive: true });
  await writeFileAtomic(runFile(root, run.runId), `${JSON.stringify(run)}\n`);
}

/** Writes a run that nobody has noted yet: rows are never there without their run. */
export async function announceRun(root: string, run: RunRecord): Promise<void> {
  if (!(await runFiles(root)).includes(runFile(root, run.runId))) await writeRun(root, run);
}

function runFile(root: string, runId: string): string {
  return path.join(ownPaths(root).runs, `${fileStem(runId)}.json`);
}

/** The runs' files, absolute. */
export async function runFiles(root: string): Promise<string[]> {
  const { runs } = ownPaths(root);
  try {
    const names = await fs.readdir(runs);
    return names.filter((name) => /^[^.].*\.json$/.test(name)).map((name) => path.join(runs, name));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** Every run noted here; a file that is damaged is left out with a warning. */
export async function readRuns(root: string, ctx: Pick<Ctx, 'log'>): Promise<RunRecord[]> {
  const found = await Promise.all((await runFiles(root)).map((file) => readJson<RunRecord>(file, ctx)));
  return found.filter((run) => run !== undefined);
}

/** The outcomes as noted, whether or not their slices were committed since. */
export async function readOutcomes(root: string, ctx: Pick<Ctx, 'log'>): Promise<OutcomeLine[]> {
  return (await readJson<OutcomeLine[]>(ownPaths(root).outcomes, ctx)) ?? [];
}

/**
 * Adds a run's outcomes: a slice has one, which counts on while run after run gives the same
 * reason. Under the lock.
 */
export async function addOutcomes(root: string, notes: RunNotes, ctx: Ctx): Promise<void> {
  if (notes.outcomes.length === 0) return;
  const lines = new Map((await readOutcomes(root, ctx)).map((line) => [keyOf(line), line] as const));
  const now = ctx.now().toISOString();
  const { runId } = notes.run;
  for (const outcome of notes.outcomes) {
    const before = lines.get(keyOf(outcome));
    const again = before?.reason === outcome.reason ? before : undefined;
    const attempts = again ? again.attempts + (again.runId === runId ? 0 : 1) : 1;
    lines.set(keyOf(outcome), { ...outcome, attempts, since: again?.since ?? now, runId, notedAt: now });
  }
  await writeJson(ownPaths(root).outcomes, [...lines.values()]);
}

/** Forgets the outcomes of slices that were committed. Under the lock. */
export async function clearOutcomes(root: string, committed: readonly SliceKey[], ctx: Ctx): Promise<void> {
  const gone = new Set(committed.map(keyOf));
  const lines = await readOutcomes(root, ctx);
  const left = lines.filter((line) => !gone.has(keyOf(line)));
  if (left.length < lines.length) await writeJson(ownPaths(root).outcomes, left);
}

/** Describes the columns of a run's tables, and those it met unannounced. Under the lock. */
export async function addColumns(root: string, notes: RunNotes, ctx: Ctx): Promise<void> {
  const file = ownPaths(root).columns;
  const before = (await readJson<ColumnLine[]>(file, ctx)) ?? [];
  const lines = new Map(before.map((line) => [columnKey(line), line] as const));
  for (const line of columnLines(notes, ctx.now().toISOString())) {
    const known = lines.get(columnKey(line));
    if (known?.documented && !line.documented) continue;
    const { first_seen_at, first_run_id } = known ?? line;
    lines.set(columnKey(line), { ...line, first_seen_at, first_run_id });
  }
  const after = [...lines.values()];
  if (JSON.stringify(after) !== JSON.stringify(before)) await writeJson(file, after);
}

function columnLines(notes: RunNotes, now: string): ColumnLine[] {
  const first = { first_seen_at: now, first_run_id: notes.run.runId };
  const documented = notes.tables.flatMap(({ dataset, table }) =>
    table.columns.map((column) => ({
      dataset,
      column_name: column.name,
      source_name: column.source,
      type: sqlType(column.type),
      documented: true,
      suggested_type: null,
      ...first,
      table_name: table.name,
      description: column.description ?? null,
    })),
  );
  const unknown = notes.unknown.map((column) => ({
    dataset: column.dataset,
    column_name: column.name,
    source_name: column.source,
    type: 'VARCHAR',
    documented: false,
    suggested_type: sqlType(column.suggestedType),
    ...first,
    table_name: column.table,
    description: null,
  }));
  return [...documented, ...unknown];
}

function keyOf(key: SliceKey): string {
  return JSON.stringify([key.dataset, key.scope, key.slice]);
}

function columnKey(line: ColumnLine): string {
  return JSON.stringify([line.dataset, line.table_name, line.column_name]);
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value)}\n`);
}

async function readJson<T>(file: string, ctx: Pick<Ctx, 'log'>): Promise<T | undefined> {
  let text: string;
  try {
    text = await fs.readFile(file, 'utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    ctx.log.warn(`${file} is damaged; it is left out`, { path: file });
    return undefined;
  }
}

function isAbsent(error: unknown): boolean {
  return systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR';
}
