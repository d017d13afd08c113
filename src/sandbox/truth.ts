import { addDays, dayIn, daysFrom, isDay } from '../base/days.js';
import { metricsOf, partsIn, REPORTS, type ReportKind, SNAPSHOTS, type SnapshotKind, TACTICS } from './data/catalog.js';
import { type Rendered, renderReport, renderSnapshot, type Walk } from './data/render.js';
import type { ReportSpec } from './data/report-rows.js';
import type { SnapshotSpec } from './data/snapshot-rows.js';
import { sumReport, sumSnapshot } from './sums.js';
import type { SandboxProfile, SliceOptions, Truth, TruthFilter, TruthSlice } from './types.js';
import { RETENTION_DAYS, ruleAgainst, type World } from './world.js';

const ALL_STATES: ReadonlySet<string> = new Set(['enabled', 'paused', 'archived']);

/** What a slice is walked by. */
type Found =
  | { readonly slice: string; readonly snapshot: SnapshotSpec }
  | { readonly slice: string; readonly snapshot?: undefined; readonly walks: readonly Walk[] };

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
      const oldest = addDays(today, -RETENTION_DAYS);
      const first = filter.from ?? ([this.#world.firstDay, oldest].toSorted()[1] as string);
      const last = filter.to !== undefined && filter.to < today ? filter.to : today;
      for (const kind of REPORTS.filter((report) => wanted(report.dataset))) {
        for (const tactic of kind.product === 'sd' ? TACTICS : [null]) {
          if (ruleAgainst(profile, kind.product, kind, tactic)) continue;
          for (const day of daysFrom(first, last)) {
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
    const sums = found.snapshot ? sumSnapshot(found.snapshot) : sumReport(found.walks);
    return { dataset, profileId, slice: found.slice, ...sums };
  }

  /** The plain JSON of a slice with every column, all parts in one array. */
  file(dataset: string, profileId: string, slice?: string, options: SliceOptions = {}): string {
    const found = this.#find(dataset, profileId, slice, options);
    const totals: Rendered = { rows: 0, badRows: 0, badRowNumbers: [] };
    const pieces = found.snapshot
      ? renderSnapshot(found.snapshot, null, totals)
      : renderReport(found.walks, null, totals);
    return Buffer.concat([...pieces]).toString();
  }

  #find(dataset: string, profileId: string, slice: string | undefined, options: SliceOptions): Found {
    const profile = this.#world.profile(profileId);
    if (!profile) throw new RangeError(`The sandbox has no profile ${profileId}`);
    const today = dayIn(profile.timezone, new Date(options.asOf ?? this.#now().toISOString()));
    const snapshot = SNAPSHOTS.find((kind) => kind.dataset === dataset);
    if (snapshot) {
      const day = slice ?? today;
      return { slice: day, snapshot: this.snapshotSpec(snapshot, profile, day, options.states, null) };
    }
    const kind = REPORTS.find((report) => report.dataset === dataset);
    if (!kind) throw new RangeError(`The sandbox has no dataset ${dataset}`);
    const [day = '', tactic = null] = slice?.split('/') ?? [];
    if (!isDay(day) || (tactic === null) === (kind.product === 'sd')) {
      throw new RangeError(`A slice of ${dataset} reads ${kind.product === 'sd' ? 'DAY/TACTIC' : 'DAY'}, not ${slice}`);
    }
    const walks = partsIn(kind, options.part).map((part) => ({
      spec: this.reportSpec(kind, profile, { day, today, part, tactic, states: null }),
      columns: [...new Set([...kind.unasked, ...metricsOf(kind, part)])],
    }));
    return { slice: slice as string, walks };
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
