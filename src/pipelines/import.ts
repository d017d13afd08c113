import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { asMillpondError } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import { settleAll } from '../base/settle.js';
import type { Config } from '../config/types.js';
import { grows } from '../contracts/growth.js';
import { type Ask, type Ctx, dayOfSlice, formatSliceKey, type SliceKey } from '../contracts/index.js';
import { makeAsk } from './asks.js';
import { commitSlices } from './commit-slices.js';
import { isFinal, LATEST_ZONE } from './due.js';
import type { RunEvent, RunResult } from './events.js';
import { type FoundFile, findFile } from './import-files.js';
import { asOfOf, checkScope, sliceOf } from './import-slice.js';
import { type ImportTarget, importTarget } from './import-target.js';
import { type LandSource, placeOf } from './land.js';
import type { Landing } from './landing.js';
import { isSpoilt } from './obtain.js';
import { Session, type SessionEnv } from './session.js';
import { closeWriters, landBody, rewrite, setAside, type Written } from './stage-artifacts.js';

/** What is imported, and as what. */
export interface ImportOptions {
  readonly config: Config;
  /** Paths; gzip or plain, a JSON array or NDJSON. */
  readonly files: readonly string[];
  readonly dataset: string;
  readonly scope: string;
  /** A slice, or a template with `{date}` and `{part}`, which are read from each file's name. */
  readonly slice: string;
  /** Instant at which the source was asked; absent: when each file was last written. */
  readonly asOf?: string;
  /** Where several pipelines or connections have the dataset. */
  readonly pipeline?: string;
  readonly connection?: string;
  readonly lockWaitMs?: number;
  /** Id of whatever called it, for `millpond.runs`. */
  readonly parent: string | null;
  onEvent(event: RunEvent): void;
}

/** Files that make one slice together. */
interface ImportItem {
  readonly key: SliceKey;
  readonly files: readonly (FoundFile & { readonly asOf: string })[];
  /** Of the oldest of them. */
  readonly asOf: string;
}

/**
 * Takes stored files the way of all others: a copy lands, with a record, and is staged and
 * committed into the tables of its dataset, in every sink of the pipeline. What is held as of a
 * later instant stays. Asks no source and needs no secret.
 * @returns a summary as of `runPipelines`; what cannot be read or typed is told there.
 * @throws MillpondError `E_NOT_FOUND`, `E_USAGE` where files, dataset, scope, slice or instant are
 *   none, before anything is done.
 */
export async function importFiles(options: ImportOptions, ctx: Ctx): Promise<RunResult> {
  const target = importTarget(options.config, options);
  checkScope(target.selected, options.scope);
  const items = await itemsOf(target, options, ctx);
  const session = new Session(target.pipeline, { ...options, trigger: 'import' }, ctx);
  try {
    const { schema } = options.config.connections[target.connection]!;
    const landing = await session.begin();
    await session.openSinks([{ schema, dataset: target.selected.dataset }]);
    session.tellStart();
    const slices = items.length;
    session.report.event({
      type: 'planned',
      pipeline: target.pipeline.name,
      slices,
      jobs: 0,
      skipped: 0,
      estimate_seconds: 0,
    });
    const env = session.env({ schema, scopes: new Map() });
    await settleAll(items.map((item) => importItem(env, target, landing, item)));
  } catch (error) {
    session.fault(error);
  }
  return session.end();
}

/** The files by the slices they make, in the order given; of one slice named more than once each file once. */
async function itemsOf({ selected }: ImportTarget, options: ImportOptions, ctx: Ctx): Promise<ImportItem[]> {
  const items = new Map<string, { key: SliceKey; files: Map<string, ImportItem['files'][number]> }>();
  for (const file of new Set(options.files)) {
    const slice = sliceOf(selected, options.slice, file);
    const found = await findFile(file, ctx);
    const asOf = asOfOf(selected, slice, options.asOf, found.modified, ctx.now());
    const key = { dataset: selected.dataset.name, scope: options.scope, slice };
    const item = items.get(slice) ?? { key, files: new Map() };
    item.files.set(found.sha256, { ...found, asOf });
    items.set(slice, item);
  }
  return [...items.values()].map(({ key, files }) => {
    const all = [...files.values()];
    return { key, files: all, asOf: all.map(({ asOf }) => asOf).sort()[0]! };
  });
}

/** Lands, stages and commits one slice. What becomes of it goes into the report; nothing is thrown but interruption. */
async function importItem(env: SessionEnv, target: ImportTarget, landing: Landing, item: ImportItem): Promise<void> {
  try {
    if (isSuperseded(env, target, item)) return;
    await env.lanes.staging(() => bringIn(env, target, landing, item));
  } catch (error) {
    throwIfAborted(env.ctx.signal);
    env.report.failed([item.key], asMillpondError(error));
  }
}

/** Tells which sinks hold something newer. @returns whether all do. */
function isSuperseded(env: SessionEnv, { selected }: ImportTarget, { key, asOf }: ImportItem): boolean {
  const { slicing, tables } = selected.request;
  // What only grows takes older rows as well.
  if (grows(tables)) return false;
  const newer = env.sinks.flatMap(({ sink, state }) => {
    const held = state.held(key, slicing.kind === 'as-of');
    return held && held.asOf > asOf ? [{ sink: sink.name, held }] : [];
  });
  for (const { sink, held } of newer) {
    const { rows, rejects } = held;
    env.report.event({ type: 'superseded', sink, rows, rejects, ...key });
    env.report.warn(
      'W_SUPERSEDED',
      `${formatSliceKey(key)}: ${sink} holds ${held.slice} as of ${held.asOf}, newer than the file (${asOf}); it stays`,
    );
  }
  if (newer.length < env.sinks.length) return false;
  env.report.done(key, 'unchanged', { rows: 0, rejects: 0 });
  return true;
}

async function bringIn(env: SessionEnv, target: ImportTarget, landing: Landing, item: ImportItem): Promise<void> {
  throwIfAborted(env.ctx.signal);
  const { key, asOf } = item;
  const { selected } = target;
  const { request, dataset } = selected;
  const ask = askOf(target, item);
  const written: Written[] = [];
  try {
    for (const source of sourcesOf(target, landing, item, ask)) written.push(await landed(env, target, source));
    const stages = await closeWriters(env, dataset.name, written);
    const artifacts = written.map(({ artifact }) => artifact);
    const final = isFinal(request.slicing, dayOfSlice(key.slice), asOf, LATEST_ZONE);
    const again = grows(request.tables) ? {} : { again: new Map([[formatSliceKey(key), { asOf, final }]]) };
    try {
      await commitSlices(env, { selected, ask, artifacts, stages, ...again });
    } finally {
      await Promise.all(stages.map((stage) => stage.discard()));
    }
  } catch (error) {
    if (isSpoilt(error)) for (const { artifact } of written) await setAside(env, artifact);
    throw error;
  } finally {
    await Promise.all(written.map(({ writer }) => writer.abort()));
  }
}

/** A copy in the landing folder, its content in a writer; a file that was imported before is there already. */
async function landed(env: SessionEnv, { selected }: ImportTarget, source: FileSource): Promise<Written> {
  const { found, ...facts } = source;
  const there = await env.landing.read(placeOf(env.landing, facts).path);
  if (there?.sha256 === found.sha256) return rewrite(env, selected, there);
  return env.lanes.landing(() => {
    const stream = createReadStream(found.file, { highWaterMark: 1 << 20 });
    return landBody(env, selected, { ...facts, body: { stream, format: found.format, length: found.bytes } });
  });
}

/** What is landed of one file. */
type FileSource = Omit<LandSource, 'body'> & { readonly found: FoundFile };

function sourcesOf(target: ImportTarget, landing: Landing, { files }: ImportItem, ask: Ask): FileSource[] {
  const parts = files.map((_, i) => (files.length > 1 ? { part: String(i + 1) } : {}));
  const artifacts = files.map(({ asOf }, i) => landing.artifactPath(ask, asOf, parts[i]?.part).id);
  return files.map(({ asOf, ...found }, i) => ({
    ask,
    asOf,
    found,
    imported: { name: path.basename(found.file), ...parts[i], artifacts, pipeline: target.pipeline.name },
  }));
}

/**
 * The ask that would have brought these files: constants and columns are those of today's request.
 * What tells it from others is the content, so that the same files again are the same artifacts.
 */
function askOf({ connection, selected }: ImportTarget, { key, files }: ImportItem): Ask {
  const { dataset, request } = selected;
  const content = createHash('sha256')
    .update(files.map(({ sha256 }) => sha256).join())
    .digest('hex');
  const drafts = dataset.fetch.coalesce(request, [key]);
  const { columns, params, constants } = drafts.find(({ slices }) =>
    slices.some((slice) => formatSliceKey(slice) === formatSliceKey(key)),
  ) ?? { columns: request.columns, params: request.params, constants: {} };
  const draft = { slices: [key], columns, params, constants };
  return makeAsk({ connection, identity: `import ${content}` }, selected, draft);
}
