import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config/types.js';
import { type Ctx, formatSliceKey } from '../contracts/index.js';
import { type DriftReport, driftReport } from './drift.js';
import { passes } from './filters.js';
import type { Filters, StatusReport } from './index.js';
import { Journal } from './journal.js';
import { listLandingFiles, sizeOf } from './landing-files.js';
import { nextRun } from './schedule.js';
import { selectDatasets } from './select.js';
import { catalogueOf, openSinks } from './workspace.js';

/** What is there, what is on its way and what is missing: from ledgers and journal alone. */
export async function readStatus(options: Filters & { readonly config: Config }, ctx: Ctx): Promise<StatusReport> {
  const { config } = options;
  const chosen = Object.values(config.pipelines).filter((pipeline) => passes(pipeline.name, options.pipelines));
  const sinkNames = [...new Set(chosen.flatMap((pipeline) => pipeline.sinks))];
  const fingerprints = requestFingerprints(config, chosen);
  const freshness: StatusReport['freshness'][number][] = [];
  const gaps: StatusReport['gaps'][number][] = [];
  const drift: DriftReport[] = [];
  const last = new Map<string, StatusReport['pipelines'][number]['last']>();
  let requestChanged = 0;
  const sinks = openSinks(config, { sinks: sinkNames }, ctx);
  try {
    for (const sink of sinks) {
      const groups = new Map<string, StatusReport['freshness'][number]>();
      for (const slice of await sink.ledger.slices({}, ctx)) {
        if (!passes(slice.dataset, options.datasets) || !passes(slice.scope, options.scopes)) continue;
        const wanted = fingerprints.get(slice.dataset);
        if (wanted && !wanted.has(slice.requestFingerprint)) requestChanged += 1;
        const id = `${slice.dataset}\0${slice.scope}`;
        const so = groups.get(id);
        groups.set(id, {
          sink: sink.name,
          dataset: slice.dataset,
          scope: slice.scope,
          first_slice: so && so.first_slice < slice.slice ? so.first_slice : slice.slice,
          last_slice: so && so.last_slice > slice.slice ? so.last_slice : slice.slice,
          slices: (so?.slices ?? 0) + 1,
          rows: (so?.rows ?? 0) + slice.rows,
          rejects: (so?.rejects ?? 0) + slice.rejects,
          as_of: so && so.as_of > slice.asOf ? so.as_of : slice.asOf,
        });
      }
      freshness.push(...groups.values());
      for (const outcome of await sink.ledger.outcomes({}, ctx)) {
        if (!passes(outcome.dataset, options.datasets) || !passes(outcome.scope, options.scopes)) continue;
        const { dataset, scope, slice, reason, message, since } = outcome;
        gaps.push({ sink: sink.name, dataset, scope, slice, reason, message, since });
      }
      for (const found of await sink.ledger.drift({}, ctx)) {
        if (passes(found.dataset, options.datasets)) drift.push(driftReport(sink, found));
      }
      for (const run of await sink.ledger.lastRuns(ctx)) {
        const newest = last.get(run.pipeline);
        if (newest && newest.started_at >= run.startedAt) continue;
        const { runId: run_id, status, startedAt: started_at, endedAt: ended_at, rows, rejects, errors } = run;
        last.set(run.pipeline, { run_id, status, started_at, ended_at, rows, rejects, errors });
      }
    }
  } finally {
    await Promise.all(sinks.map((sink) => sink.close()));
  }
  const { inFlight, notes } = await readJournal(config, options);
  return {
    pipelines: chosen.map((pipeline) => ({
      name: pipeline.name,
      schedule: pipeline.schedule ? `${pipeline.schedule.cron} (${pipeline.schedule.timezone})` : null,
      next: pipeline.schedule ? (nextRun(pipeline.schedule)?.toISOString() ?? null) : null,
      last: last.get(pipeline.name) ?? null,
    })),
    freshness,
    in_flight: inFlight,
    gaps,
    drift,
    landing: await readLanding(config),
    request_changed: requestChanged,
    notes,
  };
}

async function readLanding({ landing }: Config): Promise<StatusReport['landing']> {
  const { files, bytes, oldest } = sizeOf(await listLandingFiles(landing.path));
  return { path: landing.path, files, bytes, oldest, max_bytes: landing.maxBytes ?? null };
}

async function readJournal(
  config: Config,
  filters: Filters,
): Promise<{ inFlight: StatusReport['in_flight']; notes: string[] }> {
  // A look must not make folders.
  if (!existsSync(path.join(config.landing.path, 'journal'))) return { inFlight: [], notes: [] };
  const { entries, damaged } = await (await Journal.open(config.landing.path)).entries();
  const wanted = entries.filter(
    ({ ask }) =>
      passes(ask.dataset, filters.datasets) && ask.slices.some((key) => passes(formatSliceKey(key), filters.slices)),
  );
  const inFlight = wanted.map(({ ask, state, askedAt, owner }) => ({
    dataset: ask.dataset,
    scope: [...new Set(ask.slices.map(({ scope }) => scope))].join(','),
    slices: ask.slices.map(({ slice }) => slice),
    phase: state.phase,
    jobs: state.jobs.map(({ id }) => id),
    asked_at: askedAt,
    owner,
  }));
  return { inFlight, notes: damaged.map(({ file, why }) => `A journal entry was set aside (${why}): ${file}`) };
}

/** What the configuration asks for today, by dataset. */
function requestFingerprints(
  config: Config,
  pipelines: readonly Config['pipelines'][string][],
): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const pipeline of pipelines) {
    for (const connection of pipeline.connections) {
      for (const { dataset, requestFingerprint } of selectDatasets(pipeline, catalogueOf(config, connection), [])) {
        const known = found.get(dataset.name) ?? new Set();
        found.set(dataset.name, known.add(requestFingerprint));
      }
    }
  }
  return found;
}
