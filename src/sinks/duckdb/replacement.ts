import { isAppend, isGrowing } from '../../contracts/growth.js';
import type { Artifact, SliceKey, SliceWrite, Stage, Table } from '../../contracts/index.js';
import { totalsOf } from '../../contracts/stage-counts.js';
import type { Held } from './plan.js';

/** A slice that will be written. */
export interface Replacement {
  readonly schema: string;
  readonly key: SliceKey;
  readonly currentState: boolean;
  /** Whose rows and rejects come, the oldest artifact first. */
  readonly stages: readonly Stage[];
  /** Tables whose rows of the slice go first. */
  readonly replaced: readonly string[];
  /** Artifacts, and rejects of tables that are not replaced, stay beside those that come. */
  readonly grows: boolean;
  /** Tables whose rows are the slice's: the one named like the dataset, else all. */
  readonly counted: readonly Table[];
  /** Not all that comes is added: how many rows and rejects there are then is to be counted. */
  readonly measured: boolean;
  /** By the counts of the stages. */
  readonly rows: number;
  readonly rejects: number;
  /** Those that come, each once, the newest last. */
  readonly artifacts: readonly ArtifactShare[];
  /** How many artifacts stay beside them. */
  readonly artifactsKept: number;
  /** The newest of all, and the size of all. */
  readonly artifactSha256: string | null;
  readonly bytes: number;
  readonly asOf: string;
  readonly requestFingerprint: string;
  readonly final: boolean;
  /** The newest artifact of what was there before. */
  readonly replacedSha256: string | null;
  /** The very same as what is held: written again, but no new event. */
  readonly again: boolean;
}

/** What an artifact brought to a slice: rows of the dataset's own table, rejects of all. */
export interface ArtifactShare {
  readonly artifact: Artifact;
  readonly rows: number;
  readonly rejects: number;
}

/**
 * The writes of one slice as one: all artifacts for the tables that only grow, and of the other
 * tables what the newest says.
 * @param writes all growing, but for one at most that they add to; the oldest first.
 */
export function merged(writes: readonly SliceWrite[]): SliceWrite {
  const newest = writes.at(-1)!;
  if (writes.length === 1) return newest;
  const seen = new Set<string>();
  const appended = writes
    .flatMap((write) => write.stages.filter(isAppend))
    .filter(({ table, artifact }) => {
      const id = `${table.name} ${artifact.sha256}`;
      if (seen.has(id)) return false;
      seen.add(id);
      return true;
    });
  const { rebuild: _, ...facts } = newest;
  const stages = [...appended, ...newest.stages.filter((stage) => !isAppend(stage))];
  return { ...facts, stages, ...(writes.every(isGrowing) ? {} : { rebuild: true }) };
}

/**
 * What becomes of a slice that grows, or that replaces nothing newer.
 * @param held what stands in its place: of current state every slice of its scope.
 * @returns undefined where nothing is to be written.
 */
export function replacementOf(write: SliceWrite, held: readonly Held[]): Replacement | undefined {
  const before = [...held].sort((a, b) => time(a.asOf) - time(b.asOf)).at(-1);
  const grows = isGrowing(write);
  const older = before !== undefined && time(write.asOf) < time(before.asOf);
  const kept = grows ? held : [];
  const known = new Set(kept.flatMap((row) => row.artifacts));
  const isNew = (stage: Stage) => !known.has(stage.artifact.sha256);
  const brought = write.stages.filter(isNew);
  if (older && brought.length === 0) return undefined;

  const stages = write.stages.filter((stage) => (grows && isAppend(stage) ? isNew(stage) : !older));
  const replaced = stages.filter((stage) => !(grows && isAppend(stage))).map((stage) => stage.table.name);
  const counted = countedTables(write);
  const artifacts = sharesOf(brought, write.key, counted);
  const rows = sum(artifacts.map((share) => share.rows));
  const rejects = sum(artifacts.map((share) => share.rejects));
  const last = artifacts.at(-1);
  const newestKept = kept.length > 0 && before && time(before.newestArtifactAsOf) > time(last?.artifact.asOf);
  const measured = write.stages.some(isAppend);
  const again =
    !older &&
    before !== undefined &&
    before.slice === write.key.slice &&
    time(before.asOf) === time(write.asOf) &&
    before.requestFingerprint === write.requestFingerprint &&
    (grows ? brought.length === 0 : isSame(before, artifacts, measured ? before : { rows, rejects }));
  return {
    schema: write.schema,
    key: write.key,
    currentState: write.currentState,
    stages: stages.sort((a, b) => time(a.artifact.asOf) - time(b.artifact.asOf)),
    replaced: [...new Set(replaced)],
    grows,
    counted,
    measured,
    rows,
    rejects,
    artifacts,
    artifactsKept: sum(kept.map((row) => row.artifacts.length)),
    artifactSha256: (newestKept ? before.artifacts.at(-1) : last?.artifact.sha256) ?? null,
    bytes: sum(kept.map((row) => row.bytes)) + sum(artifacts.map((share) => share.artifact.bytes)),
    asOf: older ? before.asOf : write.asOf,
    requestFingerprint: older ? before.requestFingerprint : write.requestFingerprint,
    final: older ? before.final : write.final,
    replacedSha256: before?.artifacts.at(-1) ?? null,
    again,
  };
}

function countedTables({ stages, key }: SliceWrite): Table[] {
  const tables = new Map(stages.map(({ table }) => [table.name, table]));
  const own = tables.get(key.dataset);
  return own ? [own] : [...tables.values()];
}

function sharesOf(stages: readonly Stage[], key: SliceKey, counted: readonly Table[]): ArtifactShare[] {
  const shares = new Map<string, ArtifactShare>();
  for (const stage of stages) {
    const { artifact, table } = stage;
    const { rows, rejects } = totalsOf(stage, key);
    const share = shares.get(artifact.id);
    shares.set(artifact.id, {
      artifact,
      rows: (share?.rows ?? 0) + (counted.some(({ name }) => name === table.name) ? rows : 0),
      rejects: (share?.rejects ?? 0) + rejects,
    });
  }
  return [...shares.values()].sort((a, b) => time(a.artifact.asOf) - time(b.artifact.asOf));
}

function isSame(
  before: Held,
  artifacts: readonly ArtifactShare[],
  counts: { readonly rows: number; readonly rejects: number },
): boolean {
  const shas = artifacts.map((share) => share.artifact.sha256);
  return before.artifacts.join() === shas.join() && before.rows === counts.rows && before.rejects === counts.rejects;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}

function time(iso: string | undefined): number {
  return iso === undefined ? Number.NEGATIVE_INFINITY : Date.parse(iso);
}
