import fs from 'node:fs/promises';
import path from 'node:path';
import { MillpondError } from '../base/errors.js';
import type { Artifact, Ask, Stage, StageWriter } from '../contracts/index.js';
import { factsOf } from './asks.js';
import { type LandSource, land, placeOf, reread } from './land.js';
import type { Selected } from './select.js';
import type { StagingEnv } from './work-env.js';

/** An artifact whose content went into a stage writer that is not closed yet. */
export interface Written {
  readonly artifact: Artifact;
  readonly writer: StageWriter;
}

/** A body from the source, landed; its content stands in a writer. */
export async function landBody(env: StagingEnv, selected: Selected, source: LandSource): Promise<Written> {
  const { ask, body } = source;
  const { id } = placeOf(env.landing, source);
  const writer = openWriter(env, selected, ask, id, body.format);
  try {
    const artifact = await land(env.landing, source, writer, env.ctx);
    env.report.landed(artifact.bytes);
    env.report.event({ type: 'landed', bytes: artifact.bytes, ...factsOf(ask) });
    return { artifact, writer };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** The artifact whose record stands at this path. @throws MillpondError `E_ARTIFACT_MISSING`. */
export async function keptArtifact(env: StagingEnv, path: string): Promise<Artifact> {
  const artifact = await env.landing.read(path);
  if (artifact) return artifact;
  throw new MillpondError('E_ARTIFACT_MISSING', `The landing folder no longer has ${path}`);
}

function openWriter(
  env: StagingEnv,
  selected: Selected,
  ask: Ask,
  artifactId: string,
  format: Artifact['format'],
): StageWriter {
  return env.stager.open(
    { artifactId, ask, tables: selected.request.tables, format, policy: selected.policy },
    env.ctx,
  );
}

/** Feeds a kept artifact to a writer. @throws MillpondError where the file is gone or damaged. */
export async function rewrite(env: StagingEnv, selected: Selected, artifact: Artifact): Promise<Written> {
  const writer = openWriter(env, selected, artifact.ask, artifact.id, artifact.format);
  try {
    await env.lanes.landing(() => reread(env.landing, artifact, writer, env.ctx));
  } catch (error) {
    await writer.abort();
    throw error;
  }
  return { artifact, writer };
}

/** Closes the writers. @returns the stages of all artifacts; none is left behind on an error. */
export async function closeWriters(env: StagingEnv, dataset: string, written: readonly Written[]): Promise<Stage[]> {
  // All at once: each may wait for the others, to be staged in one query.
  const closed = await Promise.allSettled(written.map(({ artifact, writer }) => writer.close(artifact)));
  const stages = closed.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  try {
    for (const result of closed) if (result.status === 'rejected') throw result.reason;
    for (const stage of stages) checkTotals(stage);
  } catch (error) {
    await Promise.all(written.map(({ writer }) => writer.abort()));
    await Promise.all(stages.map((stage) => stage.discard()));
    throw error;
  }
  for (const stage of stages) {
    env.report.staged(dataset, stage);
    const { slices } = stage.totals;
    const rows = slices.reduce((sum, slice) => sum + slice.rows, 0);
    const rejects = slices.reduce((sum, slice) => sum + slice.rejects, 0);
    env.report.event({ type: 'staged', rows, rejects, ...factsOf(stage.artifact.ask) });
  }
  return stages;
}

/**
 * Stages kept artifacts for as long as `use` takes; nothing is left behind, on an error neither.
 * @throws MillpondError as {@link rewrite} and {@link closeWriters}, and what `use` throws.
 */
export async function withStagesOf(
  env: StagingEnv,
  selected: Selected,
  artifacts: readonly Artifact[],
  use: (stages: readonly Stage[]) => Promise<unknown>,
): Promise<void> {
  const written: Written[] = [];
  try {
    for (const artifact of artifacts) written.push(await rewrite(env, selected, artifact));
    const stages = await closeWriters(env, selected.dataset.name, written);
    try {
      await use(stages);
    } finally {
      await Promise.all(stages.map((stage) => stage.discard()));
    }
  } finally {
    await Promise.all(written.map(({ writer }) => writer.abort()));
  }
}

/** An artifact that turned out to be no good is set aside, so that nobody takes it for landed. */
export async function setAside(env: StagingEnv, artifact: Artifact): Promise<void> {
  const damaged = path.join(env.landing.path, 'damaged');
  await fs.mkdir(damaged, { recursive: true });
  await fs.rm(env.landing.recordOf(artifact.path), { force: true });
  await fs.rename(env.landing.file(artifact), path.join(damaged, path.basename(artifact.path)));
}

/** Rows in = rows typed + rows rejected, or it is an error. */
function checkTotals({ artifact, totals }: Stage): void {
  const counted = totals.slices.reduce((sum, slice) => sum + slice.rows + slice.rejects, 0);
  if (counted === totals.read) return;
  throw new MillpondError(
    'E_COUNT_MISMATCH',
    `${artifact.path}: ${totals.read} records were read, but ${counted} typed or rejected`,
  );
}
