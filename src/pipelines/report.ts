import { asMillpondError, type MillpondError, worstExit } from '../base/errors.js';
import { redact } from '../base/secrets.js';
import {
  formatSliceKey,
  type GapReason,
  type Outcome,
  type RunNotes,
  type SliceKey,
  type Stage,
} from '../contracts/index.js';
import type { RunError, RunEvent, RunResult, RunSummary, SnapshotCounts } from './events.js';

type SliceFate = 'committed' | 'unchanged' | 'skipped' | 'waiting' | 'failed';

/** Errors listed in a summary; the rest is counted. */
const MOST_ERRORS = 50;
/** Slices listed in one grouped error, so that a summary stays below 48 KiB. */
const MOST_SLICES_LISTED = 10;
/** Bytes of a summary at most: what a scheduler's message can carry. */
const MOST_BYTES = 47 * 1024;
/** Characters of a message in a summary. */
const MOST_MESSAGE = 400;

/** What a run collects, whichever of its connections it comes from. */
class Book {
  readonly fates = new Map<string, SliceFate>();
  readonly errors = new Map<string, RunError & { slices: string[]; exit: number }>();
  readonly warnings = new Map<string, { code: string; message: string }>();
  readonly outcomes = new Map<string, RunNotes['outcomes'][number]>();
  readonly cleared = new Map<string, RunNotes['cleared'][number]>();
  readonly unknown = new Map<string, RunNotes['unknown'][number]>();
  readonly tables = new Map<string, RunNotes['tables'][number]>();
  readonly jobs = { requested: 0, adopted: 0, resumed: 0 };
  snapshots: SnapshotCounts | undefined;
  rows = 0;
  rejects = 0;
  bytes = 0;
}

/** Everything that a run has to tell: collects it as it happens, adds it up at the end. */
export class RunReport {
  readonly runId: string;
  readonly #emit: (event: RunEvent) => void;
  readonly #book: Book;
  readonly #schema: string;

  constructor(runId: string, emit: (event: RunEvent) => void, book = new Book(), schema = '') {
    this.runId = runId;
    this.#emit = emit;
    this.#book = book;
    this.#schema = schema;
  }

  /** The same report, told by a connection that fills this schema: its slices are apart from those of others. */
  of(schema: string): RunReport {
    return new RunReport(this.runId, this.#emit, this.#book, schema);
  }

  /** The counts of snapshots made, to be counted up; a summary has them from the first call on. */
  countSnapshots(): SnapshotCounts {
    this.#book.snapshots ??= { made: 0, recovered: 0, skipped_unchanged: 0, left: 0, failed: 0 };
    return this.#book.snapshots;
  }

  get jobs(): Book['jobs'] {
    return this.#book.jobs;
  }

  get rows(): number {
    return this.#book.rows;
  }

  get rejects(): number {
    return this.#book.rejects;
  }

  get errors(): number {
    return this.#book.errors.size;
  }

  /** Bytes of a body that has landed. */
  landed(bytes: number): void {
    this.#book.bytes += bytes;
  }

  /** Passes an event on. */
  event(event: RunEvent): void {
    this.#emit(event);
  }

  warn(code: string, message: string): void {
    const warning = { code, message: shorten(redact(message)) };
    if (this.#book.warnings.has(`${code}\0${message}`)) return;
    this.#book.warnings.set(`${code}\0${message}`, warning);
    this.#emit({ type: 'warning', ...warning });
  }

  /** The slice is in every sink of the pipeline. */
  done(key: SliceKey, fate: 'committed' | 'unchanged', counts: { rows: number; rejects: number }): void {
    this.#book.fates.set(this.#id(key), fate);
    this.#book.outcomes.delete(this.#id(key));
    if (fate === 'unchanged') return;
    this.#book.rows += counts.rows;
    this.#book.rejects += counts.rejects;
  }

  /** Whether the slice could not be had, as far as is known by now. */
  hasFailed(key: SliceKey): boolean {
    return this.#book.fates.get(this.#id(key)) === 'failed';
  }

  /** The slice was looked at, and nothing about it is new: what former runs failed at is over. */
  fine(key: SliceKey): void {
    this.#book.fates.set(this.#id(key), 'unchanged');
    this.over(key);
  }

  /** Whatever a former run could not have of this is no gap any more. */
  over(key: SliceKey): void {
    this.#book.cleared.set(this.#id(key), { ...key, schema: this.#schema });
  }

  skipped(key: SliceKey, reason: GapReason, message: string, known: boolean): void {
    this.#book.fates.set(this.#id(key), 'skipped');
    if (known) return;
    this.#miss(key, 'skipped', reason, message);
    this.#emit({ type: 'skipped', ...key, reason, message: redact(message) });
  }

  /** The slice stays as it is, for a reason that is no gap. */
  passedOver(key: SliceKey, reason: string, message: string): void {
    this.#book.fates.set(this.#id(key), 'skipped');
    this.#emit({ type: 'skipped', ...key, reason, message });
  }

  waiting(keys: readonly SliceKey[], message: string): void {
    for (const key of keys) {
      this.#book.fates.set(this.#id(key), 'waiting');
      this.#miss(key, 'waiting', 'waiting', message);
    }
  }

  /** Slices that could not be had; `keys` may be empty where the whole run is concerned. */
  failed(keys: readonly SliceKey[], thrown: unknown): MillpondError {
    const error = asMillpondError(thrown);
    const message = redact(error.message);
    const waits = error.code === 'E_LOCKED' || error.code === 'E_JOB_WAITING';
    for (const key of keys) {
      this.#book.fates.set(this.#id(key), waits ? 'waiting' : 'failed');
      const reason = waits ? 'waiting' : error.class === 'auth' ? 'refused' : 'failed';
      this.#miss(key, waits ? 'waiting' : 'failed', reason, message);
    }
    this.fault(error, keys);
    const { dataset, scope } = common(keys);
    const facts = { dataset: dataset ?? '', scope: scope ?? '', slices: keys.map(({ slice }) => slice) };
    this.#emit({ type: 'failed', code: error.code, message, hint: redact(error.hint), ...facts });
    return error;
  }

  /** An error of the run, grouped with its like. */
  fault(error: MillpondError, keys: readonly SliceKey[] = []): void {
    const { dataset, scope } = common(keys);
    const message = shorten(redact(error.message));
    const group = `${error.code}\0${message}\0${dataset}\0${scope}`;
    const slices = keys.map(formatSliceKey);
    const known = this.#book.errors.get(group);
    if (known) known.slices.push(...slices);
    else {
      const hint = redact(error.hint);
      this.#book.errors.set(group, { code: error.code, message, hint, dataset, scope, slices, exit: error.exit });
    }
  }

  /** A gap that is no failure of this run: a profile that is gone, a revision that is missing. */
  gap(key: SliceKey, reason: GapReason, message: string): void {
    this.#miss(key, 'skipped', reason, message);
  }

  staged(dataset: string, stage: Stage): void {
    const schema = this.#schema;
    this.#look(dataset, stage);
    for (const column of stage.totals.unknown) {
      const id = `${schema}\0${column.table}\0${column.source}`;
      if (!this.#book.unknown.has(id)) {
        this.warn('W_UNKNOWN_COLUMN', `${dataset} sent ${column.source}, which the catalogue does not know`);
      }
      this.#book.unknown.set(id, { ...column, schema, dataset });
    }
  }

  /** Adds to what is known of a table: its columns, and whether records have values of them. */
  #look(dataset: string, { table, columns, totals }: Stage): void {
    const id = `${this.#schema}\0${table.name}`;
    const known = this.#book.tables.get(id);
    const names = new Set(columns.map(({ name }) => name));
    const others = known?.table.columns.filter(({ name }) => !names.has(name)) ?? [];
    const seen = new Set(known?.seen);
    const vanished = new Set(known?.vanished);
    const isEmpty = totals.slices.every(({ rows }) => rows === 0);
    for (const name of isEmpty ? [] : [...names, ...totals.unknown.map((column) => column.name)]) {
      if (totals.vanished.includes(name)) vanished.add(name);
      else seen.add(name);
    }
    for (const name of seen) vanished.delete(name);
    const met = { ...table, columns: [...columns, ...others] };
    const note = { schema: this.#schema, dataset, table: met, seen: [...seen], vanished: [...vanished] };
    this.#book.tables.set(id, note);
  }

  notes(): Omit<RunNotes, 'run' | 'views'> {
    const { outcomes, cleared, unknown, tables } = this.#book;
    return {
      outcomes: [...outcomes.values()],
      cleared: [...cleared].filter(([id]) => !outcomes.has(id)).map(([, key]) => key),
      unknown: [...unknown.values()],
      tables: [...tables.values()],
    };
  }

  #id(key: SliceKey): string {
    return `${this.#schema}\0${formatSliceKey(key)}`;
  }

  #miss(key: SliceKey, outcome: Outcome['outcome'], reason: GapReason, message: string): void {
    this.#book.outcomes.set(this.#id(key), { ...key, schema: this.#schema, outcome, reason, message: redact(message) });
  }

  count(fate: SliceFate): number {
    let count = 0;
    for (const value of this.#book.fates.values()) if (value === fate) count += 1;
    return count;
  }

  /** `null` of everything planned: nothing was asked, committed or refused. */
  status(interrupted: boolean): RunSummary['status'] {
    if (interrupted) return 'interrupted';
    const { made = 0, recovered = 0 } = this.#book.snapshots ?? {};
    const done = this.count('committed') + this.count('unchanged') + made + recovered;
    if (this.count('failed') > 0 || (this.errors > 0 && this.count('waiting') === 0)) {
      return done > 0 ? 'partial' : 'failed';
    }
    if (this.count('waiting') > 0) return 'waiting';
    return done > 0 || this.jobs.requested > 0 ? 'succeeded' : 'nothing_to_do';
  }

  result(facts: { readonly interrupted: boolean; readonly rowsTotal: number; readonly seconds: number }): RunResult {
    const errors = [...this.#book.errors.values()];
    const exits = errors.map(({ exit }) => exit);
    if (facts.interrupted) exits.push(130);
    if (this.count('waiting') > 0) exits.push(75);
    const summary: RunSummary = {
      run_id: this.runId,
      status: this.status(facts.interrupted),
      slices: {
        committed: this.count('committed'),
        failed: this.count('failed'),
        waiting: this.count('waiting'),
        skipped: this.count('skipped'),
        unchanged: this.count('unchanged'),
      },
      rows: this.rows,
      rows_total: facts.rowsTotal,
      rejects: this.rejects,
      jobs: { ...this.jobs },
      ...(this.#book.snapshots && { snapshots: { ...this.#book.snapshots } }),
      bytes: this.#book.bytes,
      seconds: Math.round(facts.seconds * 1000) / 1000,
      errors: errors.slice(0, MOST_ERRORS).map(({ exit: _exit, slices, ...error }) => ({
        ...error,
        slices: slices.slice(0, MOST_SLICES_LISTED),
      })),
      errors_total: errors.length,
      warnings: [...this.#book.warnings.values()].slice(0, MOST_ERRORS),
    };
    return { summary: withinBounds(summary), exit: worstExit(exits) };
  }
}

/** Several pipelines' results as one: sums, and of statuses the one that wants most attention. */
export function mergeResults(runId: string, results: readonly RunResult[]): RunResult {
  const summaries = results.map(({ summary }) => summary);
  const sum = (of: (summary: RunSummary) => number) => summaries.reduce((total, summary) => total + of(summary), 0);
  const statuses = new Set(summaries.map(({ status }) => status));
  const mixed =
    statuses.has('failed') && [...statuses].some((status) => status === 'succeeded' || status === 'partial');
  const status = mixed ? 'partial' : STATUS_ORDER.find((one) => statuses.has(one))!;
  const summary: RunSummary = {
    run_id: runId,
    status,
    slices: {
      committed: sum(({ slices }) => slices.committed),
      failed: sum(({ slices }) => slices.failed),
      waiting: sum(({ slices }) => slices.waiting),
      skipped: sum(({ slices }) => slices.skipped),
      unchanged: sum(({ slices }) => slices.unchanged),
    },
    rows: sum(({ rows }) => rows),
    rows_total: sum(({ rows_total }) => rows_total),
    rejects: sum(({ rejects }) => rejects),
    jobs: {
      requested: sum(({ jobs }) => jobs.requested),
      adopted: sum(({ jobs }) => jobs.adopted),
      resumed: sum(({ jobs }) => jobs.resumed),
    },
    ...sumSnapshots(summaries),
    bytes: sum(({ bytes }) => bytes),
    seconds: Math.round(sum(({ seconds }) => seconds) * 1000) / 1000,
    errors: summaries.flatMap(({ errors }) => errors).slice(0, MOST_ERRORS),
    errors_total: sum(({ errors_total }) => errors_total),
    warnings: summaries.flatMap(({ warnings }) => warnings).slice(0, MOST_ERRORS),
  };
  return { summary: withinBounds(summary), exit: worstExit(results.map(({ exit }) => exit)) };
}

function sumSnapshots(summaries: readonly RunSummary[]): Pick<RunSummary, 'snapshots'> {
  const counted = summaries.flatMap(({ snapshots }) => snapshots ?? []);
  if (counted.length === 0) return {};
  const sum = (of: keyof SnapshotCounts) => counted.reduce((total, counts) => total + counts[of], 0);
  return {
    snapshots: {
      made: sum('made'),
      recovered: sum('recovered'),
      skipped_unchanged: sum('skipped_unchanged'),
      left: sum('left'),
      failed: sum('failed'),
    },
  };
}

const STATUS_ORDER = ['interrupted', 'failed', 'partial', 'waiting', 'succeeded', 'nothing_to_do'] as const;

/** The summary with as many errors and warnings as fit into {@link MOST_BYTES}. */
function withinBounds(summary: RunSummary): RunSummary {
  let fitted = summary;
  while (Buffer.byteLength(JSON.stringify(fitted)) > MOST_BYTES) {
    const longer = fitted.warnings.length > fitted.errors.length ? 'warnings' : 'errors';
    fitted = { ...fitted, [longer]: fitted[longer].slice(0, -1) };
  }
  return fitted;
}

function shorten(message: string): string {
  return message.length > MOST_MESSAGE ? `${message.slice(0, MOST_MESSAGE - 1)}…` : message;
}

/** Dataset and scope that all keys share. */
function common(keys: readonly SliceKey[]): { dataset: string | null; scope: string | null } {
  const datasets = new Set(keys.map(({ dataset }) => dataset));
  const scopes = new Set(keys.map(({ scope }) => scope));
  return {
    dataset: datasets.size === 1 ? [...datasets][0]! : null,
    scope: scopes.size === 1 ? [...scopes][0]! : null,
  };
}
