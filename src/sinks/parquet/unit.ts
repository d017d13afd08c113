import type { Committed, SliceWrite, Stage, Table, Write } from '../../contracts/index.js';
import type { HeldTypes } from './ddl.js';
import type { Footer, FooterSlice } from './footer.js';
import type { LakeFile } from './lake-index.js';
import { placeOf } from './paths.js';
import type { Pending } from './write-file.js';

/** A file with rows, ready to be renamed. */
export interface PendingFile extends Pending {
  readonly footer: Footer;
}

/**
 * What one rename commits: a write, or several that share their file. Everything in it was judged
 * from the files in `bases`; where one of those has changed since, the unit is built again.
 */
export interface Unit {
  readonly writes: readonly Write[];
  /** What becomes of each write once the unit is committed, in the same order. */
  readonly results: readonly Committed[];
  /** Ids of the files it was judged from, null where there was none. */
  readonly bases: ReadonlyMap<string, string | null>;
  /** Slices of the ledger that it replaces. */
  readonly replaces: readonly Replaced[];
  readonly rejects: readonly Pending[];
  /** The file whose footer is the ledger's last; empty where nothing is to be written. */
  readonly files: readonly PendingFile[];
}

/** A slice of the ledger that gives way to another. */
export interface Replaced {
  readonly footer: Footer;
  readonly slice: FooterSlice;
}

/** What units are judged from: the files of the tables concerned, and their columns' types. */
export interface Held {
  readonly files: ReadonlyMap<string, Footer>;
  types(table: string): HeldTypes;
  /** The schema whose rows a table's files of a scope hold; undefined where there are none. */
  schemaOf(table: string, scope: string): string | undefined;
}

/** The table whose files hold the ledger's rows: the one named like the dataset. */
export function ledgerTable(write: SliceWrite): Table {
  const tables = write.stages.map((stage) => stage.table);
  return tables.find((table) => table.name === write.key.dataset) ?? tables[0]!;
}

/** A write's stages by table, the ledger's table last. */
export function byTable(writes: readonly SliceWrite[]): Map<string, { table: Table; stages: Stage[] }> {
  const tables = new Map<string, { table: Table; stages: Stage[] }>();
  for (const stage of writes.flatMap((write) => write.stages)) {
    const entry = tables.get(stage.table.name);
    if (entry) entry.stages.push(stage);
    else tables.set(stage.table.name, { table: stage.table, stages: [stage] });
  }
  const last = writes[0] && ledgerTable(writes[0]).name;
  return new Map([...tables].sort(([a], [b]) => Number(a === last) - Number(b === last)));
}

/** Every file that a write will make anew. */
export function targetsOf(write: SliceWrite): string[] {
  return [...byTable([write]).values()].map(({ table }) => placeOf(table, write.key, write.currentState).file);
}

/**
 * Writes that must be built together. Slices of a table merged by key share one file; a touch
 * goes with the other touches of its file. Everything else is a unit of its own.
 */
export function groupOf(write: Write, index: number, touched: LakeFile | undefined): string {
  if (write.kind === 'touch') return touched ? `touch ${touched.file}` : `touch ${index}`;
  const merged = write.stages.some((stage) => stage.table.mode === 'upsert');
  return merged ? `merge ${write.key.dataset} ${write.key.scope}` : `replace ${index}`;
}

/** What units are judged from, of files that were just looked at; `anew` are those being rewritten. */
export function heldFrom(files: readonly LakeFile[], anew: ReadonlySet<string>): Held {
  const types = new Map<string, Map<string, Map<string, Footer['columns'][number]['type']>>>();
  const schemas = new Map<string, string>();
  const seen = new Set<Footer['columns']>();
  for (const { file, footer } of files) {
    schemas.set(`${footer.table} ${footer.scope}`, footer.schema);
    // Thousands of files share their columns: see `LakeIndex`.
    if (anew.has(file) || seen.has(footer.columns)) continue;
    seen.add(footer.columns);
    const columns = types.get(footer.table) ?? new Map();
    types.set(footer.table, columns);
    for (const { name, type } of footer.columns) {
      const known = columns.get(name) ?? new Map();
      columns.set(name, known.set(JSON.stringify(type), type));
    }
  }
  return {
    schemaOf: (table, scope) => schemas.get(`${table} ${scope}`),
    files: new Map(files.map(({ file, footer }) => [file, footer])),
    types: (table) =>
      new Map([...(types.get(table) ?? [])].map(([name, known]) => [name, [...known.values()]] as const)),
  };
}

/** Whether an instant is earlier than another, however they are spelled. */
export function isOlder(asOf: string, than: string): boolean {
  return Date.parse(asOf) < Date.parse(than);
}
