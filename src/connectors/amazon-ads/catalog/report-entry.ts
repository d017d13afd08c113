/** One report type of reporting v2, as the catalogue holds it. */
export interface ReportEntry {
  /** Amazon's word, as it stands in the path: `adGroups`. */
  readonly recordType: string;
  /** A second dimension: `query`, `placement`, `matchedTarget`. */
  readonly segment?: string;
  /** What tells rows apart within a day: always asked for, whatever columns a user chooses. */
  readonly key: readonly string[];
  /** The report type of reporting v3 that replaced it. */
  readonly successor: string;
  /** Its metrics; of a report that takes several jobs, see {@link byPart}. */
  readonly metrics?: readonly string[];
  /** Metrics of each job that together make one slice. */
  readonly byPart?: Readonly<Record<string, readonly string[]>>;
}

/** All metrics of an entry, in the catalogue's order, each once. */
export function metricsOf(entry: ReportEntry): readonly string[] {
  return [...new Set([...(entry.metrics ?? []), ...Object.values(entry.byPart ?? {}).flat()])];
}
