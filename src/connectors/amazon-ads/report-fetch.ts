import { MillpondError } from '../../base/errors.js';
import type { Ask, Ctx, Job, JobFetch } from '../../contracts/index.js';
import type { Caller } from './caller.js';
import type { Product } from './catalog/products.js';
import type { ReportEntry } from './catalog/report-entry.js';
import { createJob, downloadJob, type JobKind, pollJob } from './jobs.js';

/**
 * The live part of a v2 report. Most are one job a slice. Two are not:
 * - Sponsored Brands asks for all creatives at once; where a profile is refused that, for the
 *   plain and the video report (which is remembered while the connection is open).
 * - Asins of Sponsored Products are reported for keywords or for targets, never both: Amazon
 *   answers for targets as soon as a target metric is asked for. So it takes one job of each.
 */
export function reportFetch(
  product: Product,
  entry: ReportEntry,
  caller: Caller,
): Pick<JobFetch, 'kind' | 'request' | 'poll' | 'download'> {
  const kind: JobKind = {
    create: `${product.path}/${entry.recordType}/report`,
    status: '/v2/reports',
    idMember: 'reportId',
  };
  /** Metrics that the source refused, though its documents list them. */
  const unsupported = new Set<string>();
  /** Profiles to which all creatives at once are refused. */
  const plainAndVideo = new Set<string>();

  /** One job for the metrics of `part`, leaving out what the source says it does not know. */
  async function create(ask: Ask, part: string | undefined, ctx: Ctx): Promise<Job> {
    const listed = part === undefined || part === 'all' ? undefined : entry.byPart?.[part];
    for (;;) {
      const metrics = ask.columns.filter((c) => (!listed || listed.includes(c)) && !unsupported.has(c));
      try {
        return await createJob(caller, kind, ask, bodyOf(product, entry, ask, metrics, part), ctx, part);
      } catch (error) {
        const metric = part === 'all' ? undefined : unsupportedMetric(error, metrics);
        if (metric === undefined || entry.key.includes(metric)) throw error;
        unsupported.add(metric);
        ctx.log.warn(`Amazon does not support metric ${metric} of ${ask.dataset}: its column stays empty`, { metric });
      }
    }
  }

  async function requestBrands(ask: Ask, made: readonly Job[], ctx: Ctx): Promise<{ job: Job; more: boolean }> {
    if (made.some((job) => job.part === 'plain')) return { job: await create(ask, 'video', ctx), more: false };
    const { scope } = ask.slices[0]!;
    if (!plainAndVideo.has(scope)) {
      try {
        return { job: await create(ask, 'all', ctx), more: false };
      } catch (error) {
        if (!(error instanceof MillpondError) || error.code !== 'E_REQUEST_REJECTED') throw error;
        ctx.log.info(
          `All creatives at once are refused to profile ${scope} for ${ask.dataset}; asking for plain and video`,
          {
            reason: error.message,
          },
        );
      }
    }
    const job = await create(ask, 'plain', ctx);
    plainAndVideo.add(scope);
    return { job, more: true };
  }

  return {
    kind: 'job',
    async request(ask, { made }, ctx) {
      if (product.code === 'sb') return { ...(await requestBrands(ask, made, ctx)), adopted: false };
      const parts = entry.byPart ? Object.keys(entry.byPart) : [undefined];
      const job = await create(ask, parts[made.length], ctx);
      return { job, adopted: false, more: made.length + 1 < parts.length };
    },
    poll: (ask, job, ctx) => pollJob(caller, kind, ask, job, ctx),
    download: (ask, job, ctx) => downloadJob(caller, kind, ask, job, ctx),
  };
}

/** What is posted: one day, the metrics as a list without spaces, and what product and record type demand. */
function bodyOf(
  product: Product,
  entry: ReportEntry,
  ask: Ask,
  metrics: readonly string[],
  part: string | undefined,
): Record<string, string> {
  const body: Record<string, string> = {
    reportDate: ask.constants.report_date!.replaceAll('-', ''),
    metrics: metrics.join(','),
  };
  if (entry.segment) body.segment = entry.segment;
  if (typeof ask.params.stateFilter === 'string') body.stateFilter = ask.params.stateFilter;
  if (product.code === 'sd') body.tactic = ask.constants.tactic!;
  if (product.code === 'sb' && part !== 'plain') body.creativeType = part!;
  if (product.code === 'sp' && entry.recordType === 'asins') body.campaignType = 'sponsoredProducts';
  return body;
}

/** The metric that a refusal names, if it is one of those asked for: `Unsupported metric bidPlus`. */
function unsupportedMetric(error: unknown, metrics: readonly string[]): string | undefined {
  if (!(error instanceof MillpondError) || error.code !== 'E_REQUEST_REJECTED') return undefined;
  const named = /unsupported metrics?:?\s+["']?(\w+)/i.exec(error.message)?.[1];
  return named !== undefined && metrics.includes(named) ? named : undefined;
}
