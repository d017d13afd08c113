import { dayIn, daysBetween, isDay } from '../base/days.js';
import { gatewayOf, json, refusal } from './answers.js';
import { metricsOf, partsIn, REPORTS, type ReportKind, TACTICS } from './data/catalog.js';
import type { Damage } from './data/damage.js';
import { renderReport } from './data/render.js';
import type { Answer, Call } from './http.js';
import type { Job, JobDraft } from './jobs.js';
import { Refused, readBody, readList } from './request-checks.js';
import type { Oracle } from './truth.js';
import type { Product, SandboxProfile } from './types.js';
import { RETENTION_DAYS, ruleAgainst } from './world.js';

/** What a report request asks for. @throws Refused where Amazon would refuse it. */
export function readReportRequest(
  call: Call,
  product: Product,
  recordType: string,
  profile: SandboxProfile,
  oracle: Oracle,
  asOf: Date,
  damage: Damage | null,
): Omit<JobDraft, 'fate' | 'details'> {
  const gateway = gatewayOf(product);
  const refuse = (status: number, details: string) => new Refused(refusal(status, details, gateway));
  const enforce = (rule: ReturnType<typeof ruleAgainst>) => {
    if (rule) throw refuse(rule.status, rule.details);
  };
  enforce(ruleAgainst(profile, product));
  const types = REPORTS.filter((report) => report.product === product && report.recordType === recordType);
  if (types.length === 0) throw refuse(400, `Invalid record type: ${recordType}`);
  const body = readBody(call, gateway);
  const segment = body.segment ?? null;
  const kind = types.find((report) => report.segment === segment);
  if (!kind) throw refuse(400, `Segment ${String(segment)} is not supported for ${recordType} reports`);
  const day = reportDay(body.reportDate, profile, asOf, refuse);
  const tactic = product === 'sd' ? tacticOf(body.tactic, refuse) : null;
  enforce(ruleAgainst(profile, product, kind, tactic));
  const states = product === 'sp' ? stateFilter(body, kind, refuse) : null;
  const metrics = metricList(body.metrics, refuse);
  const part = partOf(body, kind, profile, metrics, refuse);
  const known = partsIn(kind, part).flatMap((each) => metricsOf(kind, each));
  const unknown = metrics.find((metric) => !known.includes(metric));
  if (unknown !== undefined) throw refuse(400, `Unsupported metric ${unknown}`);
  const today = dayIn(profile.timezone, asOf);
  const walks = partsIn(kind, part).map((each) => ({
    spec: oracle.reportSpec(kind, profile, { day, today, part: each, tactic, states }),
    columns: [...kind.unasked, ...metrics.filter((metric) => metricsOf(kind, each).includes(metric))],
  }));
  return {
    ...{ what: 'report', product, recordType, dataset: kind.dataset, profileId: profile.profileId },
    ...{ slice: tactic ? `${day}/${tactic}` : day, part: part || null, path: call.path, body: call.body },
    render: (totals) => renderReport(walks, damage, totals),
  };

  function stateFilter(fields: typeof body, report: ReportKind, no: typeof refuse): ReadonlySet<string> | null {
    if (fields.stateFilter === undefined) return null;
    if (report.segment !== null) throw no(422, 'stateFilter and segment cannot be used in the same report request');
    if (report.recordType === 'asins') throw no(422, 'asins reports do not support stateFilter');
    return new Set(readList(fields.stateFilter, 'stateFilter', ['enabled', 'paused', 'archived'], gateway));
  }
}

type Refuse = (status: number, details: string) => Refused;

function reportDay(value: unknown, profile: SandboxProfile, asOf: Date, refuse: Refuse): string {
  if (value === undefined) throw refuse(422, 'reportDate is required');
  const text = typeof value === 'string' && /^\d{8}$/.test(value) ? value : '';
  const day = text.replace(/^(\d{4})(\d{2})(\d{2})$/, '$1-$2-$3');
  if (!isDay(day)) throw refuse(422, `Invalid reportDate: ${String(value)}. It must be in YYYYMMDD format`);
  const today = dayIn(profile.timezone, asOf);
  if (day > today) throw refuse(400, 'Report date cannot be in the future');
  if (daysBetween(day, today) > RETENTION_DAYS) {
    throw refuse(406, 'Report date is too far in the past. Reports are only available for 60 days.');
  }
  return day;
}

function tacticOf(value: unknown, refuse: Refuse): string {
  if (value === undefined) throw refuse(422, 'tactic is required');
  if (!(TACTICS as readonly unknown[]).includes(value)) throw refuse(400, `Invalid tactic: ${String(value)}`);
  return value as string;
}

/** A comma list without spaces. */
function metricList(value: unknown, refuse: Refuse): readonly string[] {
  if (typeof value !== 'string' || value === '') throw refuse(422, 'metrics is required');
  return value.split(',');
}

/** Which population a request sees. */
function partOf(
  body: Readonly<Record<string, unknown>>,
  kind: ReportKind,
  profile: SandboxProfile,
  metrics: readonly string[],
  refuse: Refuse,
): string {
  if (kind.product === 'sb') {
    const creative = body.creativeType;
    if (creative === undefined) return 'plain';
    if (creative === 'video' || (creative === 'all' && !profile.refusesAllCreatives)) return creative;
    throw refuse(400, `Unsupported creativeType ${String(creative)}`);
  }
  if (kind.product !== 'sp' || kind.recordType !== 'asins') return '';
  if (body.campaignType !== 'sponsoredProducts') throw refuse(422, 'campaignType is required for asins reports');
  // "If both keywordId and targetId are passed, the report filters on targets only."
  return metrics.includes('targetId') ? 'targets' : 'keywords';
}

const RECORD_TYPES: Readonly<Record<string, string>> = {
  campaigns: 'campaign',
  adGroups: 'adGroup',
  keywords: 'keyword',
  productAds: 'productAd',
  asins: 'otherAsin',
};

/** The create answer: 202; for SP and SB without a Content-Type. */
export function reportCreated(job: Job): Answer {
  const { product, recordType } = job.draft;
  const body = {
    reportId: job.id,
    recordType: product === 'sd' ? recordType : (RECORD_TYPES[recordType] ?? recordType),
    status: 'IN_PROGRESS',
    statusDetails: 'Generating report',
  };
  return json(202, body, gatewayOf(product), product === 'sd');
}

/** The status answer: never with the record type. */
export function reportStatus(job: Job, apiUrl: string): Answer {
  const { product } = job.draft;
  const { status, file } = job;
  const details = {
    IN_PROGRESS: 'Generating report',
    SUCCESS: 'Report successfully generated',
    FAILURE: job.failure,
  };
  const done = status === 'SUCCESS' &&
    file && {
      location: `${apiUrl}/v1/reports/${job.id}/download`,
      fileSize: product === 'sp' ? file.bytes : product === 'sb' ? file.plainBytes : file.plainBytes - 3,
      expiration: job.expiration,
    };
  return json(200, { reportId: job.id, status, statusDetails: details[status], ...done }, gatewayOf(product));
}
