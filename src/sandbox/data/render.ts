import { writerOf } from './columns.js';
import { type Damage, Spoiler } from './damage.js';
import { hashOf } from './random.js';
import { ReportRows, type ReportSpec } from './report-rows.js';
import { type Member, type SnapshotSpec, snapshotRecords } from './snapshot-rows.js';

/** How a file's JSON is laid out: what stands between its parts. */
interface Layout {
  readonly open: string;
  readonly betweenRecords: string;
  readonly close: string;
  readonly openRecord: string;
  readonly betweenMembers: string;
  readonly afterKey: string;
  readonly closeRecord: string;
  readonly empty: string;
}

/** Report files of Sponsored Products and Brands: pretty-printed as Jackson does it. */
const JACKSON: Layout = {
  open: '[ ',
  betweenRecords: ', ',
  close: ' ]',
  openRecord: '{\n  ',
  betweenMembers: ',\n  ',
  afterKey: ' : ',
  closeRecord: '\n}',
  empty: '[]',
};

/** Report files of Sponsored Display: pretty-printed another way. */
const INDENTED: Layout = {
  open: '[\n  ',
  betweenRecords: ',\n  ',
  close: '\n]\n',
  openRecord: '{\n    ',
  betweenMembers: ',\n    ',
  afterKey: ': ',
  closeRecord: '\n  }',
  empty: '[]',
};

/** Snapshot files. */
const MINIFIED: Layout = {
  open: '[',
  betweenRecords: ',',
  close: ']',
  openRecord: '{',
  betweenMembers: ',',
  afterKey: ':',
  closeRecord: '}',
  empty: '[]',
};

/** What a file came to. */
export interface Rendered {
  rows: number;
  badRows: number;
  badRowNumbers: readonly number[];
}

/** Characters of one piece of a file. */
const PIECE = 1 << 18;

/** The text of a report, piece by piece; `totals` is filled when the last piece is out. */
export function* renderReport(
  spec: ReportSpec,
  columns: readonly string[],
  damage: Damage | null,
  totals: Rendered,
): Generator<string> {
  const rows = new ReportRows(spec);
  const writers = shuffled(columns).map((name) => ({ name, write: writerOf(name, rows) }));
  const layout = spec.kind.product === 'sd' ? INDENTED : JACKSON;
  if (damage) {
    const members = function* (): Generator<Member[]> {
      while (rows.next()) yield writers.map(({ name, write }) => [name, write(rows)]);
    };
    yield* renderRecords(members(), layout, new Spoiler(damage, `${spec.kind.dataset}${spec.day}`), totals);
    return;
  }
  // The way of a million rows: no objects, only strings that grow.
  const cells = writers.map(({ name, write }) => ({
    before: `${layout.betweenMembers}"${name}"${layout.afterKey}`,
    write,
  }));
  const skip = layout.betweenMembers.length;
  let piece = '';
  while (rows.next()) {
    let record = '';
    for (const { before, write } of cells) {
      const json = write(rows);
      if (json !== undefined) record += before + json;
    }
    piece += (totals.rows++ === 0 ? layout.open : layout.betweenRecords) + layout.openRecord;
    piece += record.slice(skip) + layout.closeRecord;
    if (piece.length >= PIECE) {
      yield piece;
      piece = '';
    }
  }
  yield piece + (totals.rows === 0 ? layout.empty : layout.close);
}

/** The text of a snapshot, likewise. */
export function renderSnapshot(spec: SnapshotSpec, damage: Damage | null, totals: Rendered): Generator<string> {
  const spoiler = damage ? new Spoiler(damage, spec.kind.dataset) : null;
  return renderRecords(snapshotRecords(spec), MINIFIED, spoiler, totals);
}

function* renderRecords(
  records: Generator<Member[]>,
  layout: Layout,
  spoiler: Spoiler | null,
  totals: Rendered,
): Generator<string> {
  let piece = '';
  let next = records.next();
  while (!next.done) {
    const members = next.value;
    next = records.next();
    const text = (spoiler ? spoiler.next(members, next.done === true) : members)
      .filter(([, json]) => json !== undefined)
      .map(([key, json]) => `"${key}"${layout.afterKey}${json}`)
      .join(layout.betweenMembers);
    piece +=
      (totals.rows++ === 0 ? layout.open : layout.betweenRecords) + layout.openRecord + text + layout.closeRecord;
    if (piece.length >= PIECE) {
      yield piece;
      piece = '';
    }
  }
  totals.badRows = spoiler?.count ?? 0;
  totals.badRowNumbers = spoiler?.rows ?? [];
  yield piece + (totals.rows === 0 ? layout.empty : layout.close);
}

/** Keys come in another order than asked: one that has nothing to do with the request. */
function shuffled(columns: readonly string[]): string[] {
  return [...new Set(columns)].sort((a, b) => hashOf(3, a) - hashOf(3, b));
}
