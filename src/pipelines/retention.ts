import fs from 'node:fs/promises';
import path from 'node:path';
import { crashPoint } from '../base/crash-points.js';
import { dayIn } from '../base/days.js';
import { asMillpondError } from '../base/errors.js';
import { formatBytes } from '../base/units.js';
import type { Config, PipelineConfig } from '../config/types.js';
import { grows } from '../contracts/growth.js';
import { type Ctx, dayOfSlice } from '../contracts/index.js';
import { isWantedDay, LATEST_ZONE } from './due.js';
import { Journal } from './journal.js';
import { type Answer, readAnswers } from './landed-files.js';
import { artifactBeside, Landing, recordBeside } from './landing.js';
import { type LandingFile, totalBytes } from './landing-files.js';
import { ownersOf } from './owners.js';
import type { RunReport } from './report.js';
import { choosePruned, type Filled, HeldIndex } from './retention-plan.js';
import { catalogueOf, openSinks } from './workspace.js';

/** No write lasts this long: a temporary file, or one without its record, that is older is nobody's. */
const DAY_MS = 86_400_000;
/** How long a look into another pipeline's sink is waited for; without it, its files stay. */
const LOOK_WAIT_MS = 2_000;

/**
 * Prunes the landing folder at the end of a run: what is past `landing.keep`, and the oldest of
 * what is more than `landing.max`. Only what every sink has that the configuration fills from it;
 * never what is in flight. What cannot be done is told, and left to the next run: throws nothing.
 * @param listed the folder's files: whoever has something to do meanwhile may look them up before.
 */
export async function pruneLanding(
  config: Config,
  listed: Promise<readonly LandingFile[]>,
  report: Pick<RunReport, 'warn' | 'event'>,
  ctx: Ctx,
): Promise<void> {
  try {
    const landing = await Landing.open(config.landing.path);
    const now = ctx.now();
    const files = await listed;
    const waste = new Set(wasteOf(files, { config, now }));
    for (const file of waste) await fs.rm(path.join(landing.path, file.path), { force: true });
    const kept = files.filter((file) => !waste.has(file));
    const pruned = await pruneAnswers(config, landing, kept, ctx);
    const removed = [...waste, ...pruned.removed];
    if (removed.length > 0) report.event({ type: 'pruned', files: removed.length, bytes: totalBytes(removed) });
    const { maxBytes } = config.landing;
    const left = totalBytes(kept) - totalBytes(pruned.removed);
    if (maxBytes === undefined || left <= maxBytes) return;
    report.warn(
      'W_LANDING_FULL',
      `The landing folder holds ${formatBytes(left)}, landing.max is ${formatBytes(maxBytes)}: what is left is in flight, or not in every sink yet${pruned.unseen.length > 0 ? ` (${pruned.unseen.join(', ')} could not be looked into)` : ''}`,
    );
  } catch (error) {
    ctx.log.warn(`Pruning the landing folder: ${asMillpondError(error).message}`);
  }
}

/** What was never named, lost its other half, or was set aside and is past its keeping. */
function wasteOf(files: readonly LandingFile[], { config, now }: { config: Config; now: Date }): LandingFile[] {
  const { keepMs, maxBytes } = config.landing;
  const paths = new Set(files.map((file) => file.path));
  const isCrowded = maxBytes !== undefined && totalBytes(files) > maxBytes;
  const isOlder = ({ modified }: LandingFile, ms: number) => now.getTime() - modified.getTime() > ms;
  const isWaste: Readonly<Record<LandingFile['kind'], (file: LandingFile) => boolean>> = {
    temporary: (file) => isOlder(file, DAY_MS),
    damaged: (file) => isCrowded || isOlder(file, keepMs),
    // A file lands before its record and goes before it: a record alone is of a file that went.
    record: (file) => !paths.has(artifactBeside(file.path)),
    artifact: (file) => isOlder(file, Math.max(keepMs, DAY_MS)) && !paths.has(recordBeside(file.path)),
  };
  return files.filter((file) => isWaste[file.kind](file));
}

/** Removes whole answers. @returns what went, and the sinks that could not be asked. */
async function pruneAnswers(
  config: Config,
  landing: Landing,
  files: readonly LandingFile[],
  ctx: Ctx,
): Promise<{ removed: LandingFile[]; unseen: string[] }> {
  const { keepMs, maxBytes } = config.landing;
  const keepSince = new Date(ctx.now().getTime() - keepMs).toISOString();
  const excess = maxBytes === undefined ? 0 : Math.max(0, totalBytes(files) - maxBytes);
  const datasets = datasetsOf(excess > 0 ? files : files.filter((file) => mayBeOlder(file, keepSince)));
  if (datasets.size === 0) return { removed: [], unseen: [] };
  // The journal is read first: what ends after that stands in a ledger, and what begins is not old.
  const { entries } = await (await Journal.open(landing.path)).entries();
  const answers = await readAnswers(landing, datasets);
  const filled = new Map(answers.map((answer) => [answer, filledFrom(config, answer, ctx.now())]));
  const sinks = new Set([...filled.values()].flatMap((one) => one.sinks));
  const { held, unseen } = await lookIntoSinks(config, [...sinks], [...datasets], ctx);
  const byPath = new Map(files.map((file) => [file.path, file]));
  const own = (answer: Answer) =>
    answer.files.flatMap((file) => [file.path, recordBeside(file.path)].flatMap((one) => byPath.get(one) ?? []));
  const chosen = choosePruned({
    answers,
    filled: (answer) => filled.get(answer)!,
    held,
    inFlight: new Set(entries.map(({ id }) => id)),
    keepSince,
    excess,
    bytesOf: (answer) => totalBytes(own(answer)),
  });
  for (const answer of chosen) {
    for (const file of answer.files) await removeArtifact(landing, file.path);
  }
  return { removed: chosen.flatMap(own), unseen };
}

/** The file goes before its record: a record alone is known for what it is. */
async function removeArtifact(landing: Landing, relative: string): Promise<void> {
  await fs.rm(path.join(landing.path, relative), { force: true });
  crashPoint('retention.file.removed');
  await fs.rm(landing.recordOf(relative), { force: true });
}

/** Whether a file may have landed before an instant: its name says as of when it is, and it landed after that. */
function mayBeOlder({ kind, path: relative }: LandingFile, instant: string): boolean {
  const stamp = /^[0-9a-f]+-(\d{17})/.exec(path.basename(relative))?.[1];
  return kind === 'artifact' && (stamp === undefined || stamp < instant.replace(/\D/g, ''));
}

/** Names of the folders of datasets. */
function datasetsOf(files: readonly LandingFile[]): Set<string> {
  return new Set(files.filter(({ kind }) => kind === 'artifact').map((file) => file.path.split('/')[1]!));
}

/** Which sinks the configuration's pipelines fill from an answer. */
function filledFrom(config: Config, answer: Answer, now: Date): Filled {
  const { connection, dataset: name, files } = answer;
  const settings = config.connections[connection];
  const dataset = settings && catalogueOf(config, connection).find((one) => one.name === name);
  if (!settings || !dataset) return { schema: '', fills: 'slice', sinks: [] };
  const imported = files[0]?.imported;
  const { pipelines, by } = ownersOf(config, connection, dataset, imported?.pipeline);
  const today = dayIn(LATEST_ZONE, now);
  const isDay = dataset.slicing.kind === 'day';
  // A day that a pipeline does not want (any more) is not loaded into its sinks; an import says what it wants.
  const isFilled = (pipeline: PipelineConfig) =>
    !isDay || imported || answer.slices.some(({ slice }) => isWantedDay(pipeline, dayOfSlice(slice) ?? today, today));
  return {
    schema: settings.schema,
    fills: grows(dataset.tables) ? 'growing' : dataset.slicing.kind === 'as-of' ? 'state' : 'slice',
    sinks: by === 'default' ? [] : [...new Set(pipelines.filter(isFilled).flatMap(({ sinks }) => sinks))],
  };
}

async function lookIntoSinks(
  config: Config,
  sinks: readonly string[],
  datasets: readonly string[],
  ctx: Ctx,
): Promise<{ held: Map<string, HeldIndex>; unseen: string[] }> {
  const held = new Map<string, HeldIndex>();
  const unseen: string[] = [];
  for (const sink of openSinks(config, { sinks }, ctx, LOOK_WAIT_MS)) {
    try {
      held.set(sink.name, new HeldIndex(await sink.ledger.slices({ datasets }, ctx)));
    } catch (error) {
      unseen.push(sink.name);
      ctx.log.debug(`Retention: ${sink.name}: ${asMillpondError(error).message}`);
    } finally {
      await sink.close();
    }
  }
  return { held, unseen };
}
