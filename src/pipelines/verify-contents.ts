import { settleAll } from '../base/settle.js';
import { stagesInForce } from '../contracts/growth.js';
import {
  type Artifact,
  type AuditFinding,
  type AuditSlice,
  formatSliceKey,
  type LedgerSlice,
  type Sink,
  type SliceKey,
  type Stage,
} from '../contracts/index.js';
import type { LandedFile } from './landed-files.js';
import type { Selected } from './select.js';
import { findArtifact, type Restaged, restage } from './verify-files.js';
import type { View } from './verify-held.js';
import type { StagingEnv } from './work-env.js';

/** Slices whose files are staged side by side, and the bytes of those files: what a batch may take of the disk. */
const MOST_SLICES = 1000;
const MOST_BYTES = 256e6;

/** A slice in one sink. */
interface Unit {
  readonly sink: Sink;
  readonly held: LedgerSlice;
  readonly selected: Selected;
}

/** What holding slices against their artifacts came to. */
export interface Contents {
  readonly verified: number;
  readonly noArtifact: number;
  /** By sink; null is the landing folder. */
  readonly findings: readonly (AuditFinding & { readonly sink: string | null })[];
}

/** Types the artifacts of every slice anew, batch by batch, and has each sink compare. */
export async function verifyContents(env: StagingEnv, view: View, only?: ReadonlySet<string>): Promise<Contents> {
  const keptOf = keptFiles(view);
  let verified = 0;
  let noArtifact = 0;
  const findings: Contents['findings'][number][] = [];
  const damaged = new Map<string, AuditFinding>();
  for (const batch of batches(unitsOf(view, only))) {
    const staged = new Staging(env);
    try {
      const found = await settleAll(
        batch.map(async (unit) => ({ unit, parts: await staged.partsOf(unit, keptOf(unit.held)) })),
      );
      const bySink = new Map<Sink, AuditSlice[]>();
      for (const { unit, parts } of found) {
        const broken = parts.findIndex(({ kind }) => kind === 'damaged');
        if (broken >= 0) {
          const { path } = unit.held.artifacts[broken]!;
          const part = parts[broken] as Extract<Restaged, { kind: 'damaged' }>;
          if (!damaged.has(path)) damaged.set(path, damageOf(unit.held, path, part.why));
        } else if (parts.length > 0 && parts.every(({ kind }) => kind === 'staged')) {
          verified += 1;
          const stages = parts.flatMap((part) => (part.kind === 'staged' ? part.stages : []));
          bySink.set(unit.sink, [...(bySink.get(unit.sink) ?? []), auditSlice(unit, stagesInForce(stages))]);
        } else {
          noArtifact += 1;
        }
      }
      for (const [sink, slices] of bySink) {
        for (const one of await sink.audit.contents(slices, env.ctx)) findings.push({ ...one, sink: sink.name });
      }
    } finally {
      await staged.discard();
    }
  }
  return {
    verified,
    noArtifact,
    findings: [...findings, ...[...damaged.values()].map((one) => ({ ...one, sink: null }))],
  };
}

/** Stages of one batch: each file is read once, however many slices and sinks are made of it. */
class Staging {
  readonly #env: StagingEnv;
  readonly #files = new Map<string, Promise<Restaged>>();

  constructor(env: StagingEnv) {
    this.#env = env;
  }

  /** What became of each file of a slice, in their order. */
  partsOf({ held, selected }: Unit, others: readonly LandedFile[]): Promise<Restaged[]> {
    return Promise.all(
      held.artifacts.map(async (named) => {
        const found = await findArtifact(this.#env.landing, named, others);
        if (found.kind !== 'kept') return found;
        const restaged = await this.#stage(selected, found.artifact);
        if (restaged.kind !== 'staged') return restaged;
        // Rejects name the file that the ledger names, also where another of the same content stands in for it.
        const stages = restaged.stages.map((stage) => ({
          ...stage,
          artifact: { ...stage.artifact, sha256: named.sha256 },
        }));
        return { ...restaged, stages };
      }),
    );
  }

  #stage(selected: Selected, artifact: Artifact): Promise<Restaged> {
    const known = this.#files.get(artifact.path);
    if (known) return known;
    const staged = this.#env.lanes.staging(() => restage(this.#env, selected, artifact));
    this.#files.set(artifact.path, staged);
    return staged;
  }

  async discard(): Promise<void> {
    const files = await Promise.allSettled(this.#files.values());
    const stages = files.flatMap((file) =>
      file.status === 'fulfilled' && file.value.kind === 'staged' ? file.value.stages : [],
    );
    await Promise.all(stages.map((stage) => stage.discard()));
  }
}

/** What the landing folder keeps of each slice; of current state, of its scope. */
function keptFiles(view: View): (held: LedgerSlice) => readonly LandedFile[] {
  const states = new Set(view.datasets.filter(({ currentState }) => currentState).map(({ dataset }) => dataset));
  const nameOf = ({ dataset, scope, slice }: SliceKey) => [dataset, scope, states.has(dataset) ? '' : slice].join('\0');
  const kept = new Map<string, LandedFile[]>();
  for (const { slices, files } of view.answers) {
    for (const name of slices.map(nameOf)) kept.set(name, [...(kept.get(name) ?? []), ...files]);
  }
  return (held) => kept.get(nameOf(held)) ?? [];
}

/** Every slice of every sink; those that share a file side by side. */
function unitsOf(view: View, only: ReadonlySet<string> | undefined): Unit[] {
  const units = view.sinks.flatMap(({ sink, slices }) =>
    slices.flatMap((held): Unit[] => {
      const selected = view.selected(held);
      return selected && (!only || only.has(formatSliceKey(held))) ? [{ sink, held, selected }] : [];
    }),
  );
  const rank = ({ held }: Unit) => held.artifacts.at(-1)?.path ?? '';
  return units.sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

function* batches(units: readonly Unit[]): Generator<readonly Unit[]> {
  let batch: Unit[] = [];
  let files = new Set<string>();
  let bytes = 0;
  for (const unit of units) {
    const fresh = unit.held.artifacts.filter((artifact) => !files.has(idOf(artifact)));
    const more = fresh.reduce((sum, artifact) => sum + artifact.bytes, 0);
    if (batch.length >= MOST_SLICES || (batch.length > 0 && more > 0 && bytes + more > MOST_BYTES)) {
      yield batch;
      batch = [];
      files = new Set();
      bytes = 0;
    }
    batch.push(unit);
    for (const artifact of unit.held.artifacts) {
      if (!files.has(idOf(artifact))) bytes += artifact.bytes;
      files.add(idOf(artifact));
    }
  }
  if (batch.length > 0) yield batch;
}

function auditSlice({ held, selected }: Unit, stages: readonly Stage[]): AuditSlice {
  const { schema, dataset, scope, slice } = held;
  return { schema, dataset, scope, slice, currentState: selected.request.slicing.kind === 'as-of', stages };
}

/** A file as a ledger names it: two ledgers can name one place for two files. */
function idOf({ path, sha256 }: LedgerSlice['artifacts'][number]): string {
  return `${sha256} ${path}`;
}

function damageOf({ schema, dataset, scope, slice }: LedgerSlice, path: string, why: string): AuditFinding {
  const place = { schema, dataset, scope, slice, table: null, column: null };
  return { ...place, what: 'artifact', expected: 'the file that was committed', found: `${path}: ${why}` };
}
