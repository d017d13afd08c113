import fs from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../base/errors.js';
import { writeFileAtomic } from '../../base/files.js';
import type { Ctx, Outcome, RunNotes, RunRecord, SliceKey } from '../../contracts/index.js';
import { fileStem, ownPaths } from './paths.js';

/** A line of `outcomes.json`, with the instant of the last note: a later commit of the slice ends it. */
export interface OutcomeLine extends Outcome {
  readonly notedAt: string;
}

/** An outcome as it stands in the file: without a schema in lines of old. */
export type StoredOutcome = Omit<OutcomeLine, 'schema'> & { readonly schema?: string };

/** What identifies a slice in a lake. */
type SchemaSlice = SliceKey & { readonly schema: string };

/** What lines speak of that name no schema, where nothing else says it. */
export const DEFAULT_SCHEMA = 'amazon_ads';

/** The schema of lines that name none, from those of what the lake holds: the one that most have. */
export function commonSchema(schemas: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const schema of schemas) counts.set(schema, (counts.get(schema) ?? 0) + 1);
  const [most] = [...counts].sort(([, a], [, b]) => b - a);
  return most?.[0] ?? DEFAULT_SCHEMA;
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
export async function readOutcomes(root: string, ctx: Pick<Ctx, 'log'>): Promise<StoredOutcome[]> {
  return (await readJson<StoredOutcome[]>(ownPaths(root).outcomes, ctx)) ?? [];
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
    const [before] = keysOf(outcome).flatMap((key) => lines.get(key) ?? []);
    for (const key of keysOf(outcome)) lines.delete(key);
    const again = before?.reason === outcome.reason ? before : undefined;
    const attempts = again ? again.attempts + (again.runId === runId ? 0 : 1) : 1;
    lines.set(keyOf(outcome), { ...outcome, attempts, since: again?.since ?? now, runId, notedAt: now });
  }
  await writeJson(ownPaths(root).outcomes, [...lines.values()]);
}

/** Forgets the outcomes of slices that were committed, or are well. Under the lock. */
export async function clearOutcomes(root: string, settled: readonly SchemaSlice[], ctx: Ctx): Promise<void> {
  if (settled.length === 0) return;
  const lines = await readOutcomes(root, ctx);
  if (lines.length === 0) return;
  const gone = new Set(settled.flatMap(keysOf));
  const left = lines.filter((line) => !gone.has(keyOf(line)));
  if (left.length < lines.length) await writeJson(ownPaths(root).outcomes, left);
}

function keyOf({ schema, dataset, scope, slice }: SliceKey & { readonly schema?: string }): string {
  return JSON.stringify([schema ?? null, dataset, scope, slice]);
}

/** How a slice's line can be found: by its schema, or without one where it is of old. */
function keysOf(key: SchemaSlice): [string, string] {
  const { dataset, scope, slice } = key;
  return [keyOf(key), keyOf({ dataset, scope, slice })];
}

/** Writes a file of Millpond's own. */
export async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFileAtomic(file, `${JSON.stringify(value)}\n`);
}

/** Reads a file of Millpond's own; undefined where it is not there or damaged, which is told. */
export async function readJson<T>(file: string, ctx: Pick<Ctx, 'log'>): Promise<T | undefined> {
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
