import { dayIn, daysFrom } from '../base/days.js';
import { REPORTS, type ReportKind, SNAPSHOTS, type SnapshotKind, TACTICS } from './data/catalog.js';
import { digitsOf, writerOf } from './data/columns.js';
import { ExactSum } from './data/decimals.js';
import { metricKind } from './data/metric-names.js';
import { measureOf } from './data/metrics.js';
import { renderReport, renderSnapshot } from './data/render.js';
import { ReportRows, type ReportSpec } from './data/report-rows.js';
import { type SnapshotSpec, snapshotRecords } from './data/snapshot-rows.js';
import type { SandboxProfile, SliceOptions, Truth, TruthFilter, TruthSlice } from './types.js';
import { ruleAgainst, type World } from './world.js';

const ALL_STATES: ReadonlySet<string> = new Set(['enabled', 'paused', 'archived']);

/** The two populations that make up a report, where one request returns only one of them. */
export function partsOf(kind: ReportKind): readonly string[] {
  if (kind.product === 'sb') return ['plain', 'video'];
  return kind.product === 'sp' && kind.recordType === 'asins' ? ['keywords', 'targets'] : [''];
}

/** The metrics that a part of a report knows. */
export function metricsOf(kind: ReportKind, part: string): readonly string[] {
  const { metrics } = kind;
  if (kind.product !== 'sb') return metrics[''] as readonly string[];
  if (part === 'all') return [...new Set([...(metrics.plain as string[]), ...(metrics.video as string[])])];
  return metrics[part] as readonly string[];
}

/** Says exactly what the sandbox holds, without rendering a file. */
export class Oracle {
  readonly #world: World;
  readonly #now: () => Date;

  constructor(world: World, now: () => Date) {
    this.#world = world;
    this.#now = now;
  }

  /** Every slice that can be had. */
  truth(filter: TruthFilter = {}): Truth {
    const asOf = filter.asOf ?? this.#now().toISOString();
    const wanted = (dataset: string) => filter.datasets?.includes(dataset) ?? true;
    const slices: TruthSlice[] = [];
    for (const profile of this.#world.profiles) {
      if (!(filter.profiles?.includes(profile.profileId) ?? true)) continue;
      for (const kind of SNAPSHOTS) {
        if (wanted(kind.dataset) && !ruleAgainst(profile, kind.product)) {
          slices.push(this.slice(kind.dataset, profile.profileId, undefined, { asOf }));
        }
      }
      const today = dayIn(profile.timezone, new Date(asOf));
      const last = filter.to !== undefined && filter.to < today ? filter.to : today;
      for (const kind of REPORTS.filter((report) => wanted(report.dataset))) {
        for (const tactic of kind.product === 'sd' ? TACTICS : [null]) {
          if (ruleAgainst(profile, kind.product, kind, tactic)) continue;
          for (const day of daysFrom(filter.from ?? this.#world.firstDay, last)) {
            slices.push(this.slice(kind.dataset, profile.profileId, tactic ? `${day}/${tactic}` : day, { asOf }));
          }
        }
      }
    }
    return { asOf, profiles: this.#world.profiles, slices };
  }

  /** One slice. @throws RangeError for an unknown dataset, profile, tactic or part. */
  slice(dataset: string, profileId: string, slice?: string, options: SliceOptions = {}): TruthSlice {
    const found = this.#find(dataset, profileId, slice, options);
    if (found.snapshot) return { dataset, profileId, slice: found.snapshot.day, ...sumSnapshot(found.snapshot) };
    return { dataset, profileId, slice: slice as string, ...sumReports(found.reports) };
  }

  /** The plain JSON of a slice with every column; several parts one array after the other. */
  file(dataset: string, profileId: string, slice?: string, options: SliceOptions = {}): string {
    const totals = { rows: 0, badRows: 0, badRowNumbers: [] };
    const found = this.#find(dataset, profileId, slice, options);
    if (found.snapshot) return Buffer.concat([...renderSnapshot(found.snapshot, null, totals)]).toString();
    return found.reports
      .map((spec) => {
        const columns = [...spec.kind.unasked, ...metricsOf(spec.kind, spec.part)];
        return Buffer.concat([
          ...renderReport(spec, columns, null, { rows: 0, badRows: 0, badRowNumbers: [] }),
        ]).toString();
      })
      .join('\n');
  }

  #find(dataset: string, profileId: string, slice: string | undefined, options: SliceOptions) {
    const profile = this.#world.profile(profileId);
    if (!profile) throw new RangeError(`The sandbox has no profile ${profileId}`);
    const today = dayIn(profile.timezone, new Date(options.asOf ?? this.#now().toISOString()));
    const snapshot = SNAPSHOTS.find((kind) => kind.dataset === dataset);
    if (snapshot) return { snapshot: this.snapshotSpec(snapshot, profile, slice ?? today, options.states, null) };
    const report = REPORTS.find((kind) => kind.dataset === dataset);
    if (!report || !slice) throw new RangeError(`The sandbox has no dataset ${dataset}, or no slice was named`);
    const [day = '', tactic = null] = slice.split('/');
    if ((tactic === null) === (report.product === 'sd')) {
      throw new RangeError(
        `A slice of ${dataset} reads ${report.product === 'sd' ? 'DAY/TACTIC' : 'DAY'}, not ${slice}`,
      );
    }
    const parts = options.part === undefined ? partsOf(report) : [options.part];
    return {
      reports: parts.map((part) => this.reportSpec(report, profile, { day, today, part, tactic, states: null })),
    };
  }

  /** What a request of a report walks. */
  reportSpec(
    kind: ReportKind,
    profile: SandboxProfile,
    asked: Pick<ReportSpec, 'day' | 'today' | 'part' | 'tactic' | 'states'>,
  ): ReportSpec {
    const account = this.#world.account(profile, kind.product);
    return { kind, account, firstDay: this.#world.firstDay, ...asked };
  }

  /** What a request of a snapshot walks. */
  snapshotSpec(
    kind: SnapshotKind,
    profile: SandboxProfile,
    day: string,
    states: Iterable<string> = ALL_STATES,
    tactics: ReadonlySet<string> | null,
  ): SnapshotSpec {
    return { kind, account: this.#world.account(profile, kind.product), day, states: new Set(states), tactics };
  }
}

type Sums = Pick<TruthSlice, 'rows' | 'sums' | 'ids' | 'textBytes'>;

/** Collects sums by column. */
class Tally {
  rows = 0;
  readonly #sums = new Map<string, ExactSum>();
  readonly #ids = new Map<string, bigint>();
  readonly #bytes = new Map<string, number>();

  number(column: string, digits: number, units: number): void {
    let sum = this.#sums.get(column);
    if (!sum) {
      sum = new ExactSum(digits);
      this.#sums.set(column, sum);
    }
    sum.add(units);
  }

  id(column: string, text: string): void {
    this.#ids.set(column, (this.#ids.get(column) ?? 0n) + BigInt(text));
  }

  text(column: string, json: string): void {
    const bytes = Buffer.byteLength(json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1));
    this.#bytes.set(column, (this.#bytes.get(column) ?? 0) + bytes);
  }

  result(): Sums {
    return {
      rows: this.rows,
      sums: Object.fromEntries([...this.#sums].map(([column, sum]) => [column, sum.toString()])),
      ids: Object.fromEntries([...this.#ids].map(([column, sum]) => [column, sum.toString()])),
      textBytes: Object.fromEntries(this.#bytes),
    };
  }
}

function sumReports(specs: readonly ReportSpec[]): Sums {
  const tally = new Tally();
  for (const spec of specs) {
    const rows = new ReportRows(spec);
    const columns = [...new Set([...spec.kind.unasked, ...metricsOf(spec.kind, spec.part)])];
    const numbers = columns
      .filter((name) => metricKind(name) === 'integer' || metricKind(name) === 'money')
      .map((name) => ({ name, digits: digitsOf(name, rows), measure: measureOf(name) }));
    const others = columns
      .map((name) => ({ name, kind: metricKind(name), write: writerOf(name, rows) }))
      .filter(({ kind }) => kind === 'id' || kind === 'text');
    while (rows.next()) {
      tally.rows++;
      for (const { name, digits, measure } of numbers) tally.number(name, digits, measure(rows) ?? 0);
      for (const { name, kind, write } of others) {
        const json = write(rows);
        if (json === undefined || json === 'null') continue;
        if (kind === 'id') tally.id(name, json);
        else tally.text(name, json);
      }
    }
  }
  return tally.result();
}

/** Money of snapshots: printed with at most two digits. */
const SNAPSHOT_MONEY = new Set(['dailyBudget', 'budget', 'defaultBid', 'bid']);
const SNAPSHOT_TEXTS = new Set(['name', 'keywordText', 'nativeLanguageKeyword', 'asin', 'sku', 'state', 'matchType']);

function sumSnapshot(spec: SnapshotSpec): Sums {
  const tally = new Tally();
  for (const members of snapshotRecords(spec)) {
    tally.rows++;
    for (const [key, json] of members) {
      if (json === undefined || json === 'null') continue;
      if (key.endsWith('Id')) tally.id(key, json);
      else if (SNAPSHOT_MONEY.has(key)) tally.number(key, 2, Math.round(Number(json) * 100));
      else if (SNAPSHOT_TEXTS.has(key)) tally.text(key, json);
    }
  }
  return tally.result();
}
