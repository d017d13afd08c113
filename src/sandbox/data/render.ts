import { followsFromHash, type Writer, writerOf } from './columns.js';
import { type Damage, Spoiler } from './damage.js';
import { INDENTED, JACKSON, type Layout, MINIFIED } from './layout.js';
import { hashOf } from './random.js';
import { ReportRows, type ReportSpec } from './report-rows.js';
import type { Member } from './snapshot-records.js';
import { type SnapshotSpec, snapshotRecords } from './snapshot-rows.js';

/** What a file came to. */
export interface Rendered {
  rows: number;
  badRows: number;
  badRowNumbers: readonly number[];
}

/** Bytes of one piece of a file; no record comes near it. */
const PIECE = 1 << 18;

/** Collects the UTF-8 of a file and hands it on in pieces. */
class Pieces {
  #buffer = Buffer.allocUnsafe(2 * PIECE);
  #at = 0;

  text(text: string): void {
    this.#at += this.#buffer.write(text, this.#at);
  }

  bytes(bytes: Buffer): void {
    this.#at += bytes.copy(this.#buffer, this.#at);
  }

  /** Whether a piece is full: it must be taken before the next record. */
  get full(): boolean {
    return this.#at >= PIECE;
  }

  take(): Buffer {
    const piece = Buffer.from(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
    return piece;
  }
}

/** One walk through a report, and the columns printed on the way. */
export interface Walk {
  readonly spec: ReportSpec;
  readonly columns: readonly string[];
}

/**
 * A report's bytes, piece by piece; `totals` is filled when the last piece is out. Where a file
 * holds several populations (all creatives of Sponsored Brands) each is a walk with columns of
 * its own.
 */
export function* renderReport(walks: readonly Walk[], damage: Damage | null, totals: Rendered): Generator<Buffer> {
  const { kind, day } = (walks[0] as Walk).spec;
  const layout = kind.product === 'sd' ? INDENTED : JACKSON;
  if (damage) {
    const spoiler = new Spoiler(damage, `${kind.dataset}${day}`);
    yield* renderRecords(membersOf(walks, layout), layout, spoiler, totals);
    return;
  }
  const pieces = new Pieces();
  for (const walk of walks) yield* renderWalk(walk, layout, pieces, totals);
  pieces.text(totals.rows === 0 ? layout.empty : layout.close);
  yield pieces.take();
}

/** A column as it is printed. */
interface Cell {
  readonly name: string;
  readonly before: string;
  readonly write: Writer;
}

function cellsOf(columns: readonly string[], rows: ReportRows, layout: Layout): Cell[] {
  return shuffled(columns).map((name) => ({
    name,
    before: `${layout.betweenMembers}"${name}"${layout.afterKey}`,
    write: writerOf(name, rows),
  }));
}

/** The way of a million rows: no objects, and the figures of each class of rows rendered once. */
function* renderWalk(walk: Walk, layout: Layout, pieces: Pieces, totals: Rendered): Generator<Buffer> {
  const rows = new ReportRows(walk.spec);
  const cells = cellsOf(walk.columns, rows, layout);
  const own = cells.filter(({ name }) => !followsFromHash(name));
  const figures = cells.filter(({ name }) => followsFromHash(name));
  const rendered = new Map<number, Buffer>();
  const skip = layout.betweenMembers.length;
  while (rows.next()) {
    let tail = rendered.get(rows.hash);
    if (tail === undefined) {
      tail = Buffer.from(recordText(figures, rows) + layout.closeRecord);
      rendered.set(rows.hash, tail);
    }
    const head = recordText(own, rows);
    pieces.text((totals.rows++ === 0 ? layout.open : layout.betweenRecords) + layout.openRecord + head.slice(skip));
    pieces.bytes(head === '' ? tail.subarray(skip) : tail);
    if (pieces.full) yield pieces.take();
  }
}

/** Cells with what stands before each, the first one's comma included. */
function recordText(cells: readonly Cell[], rows: ReportRows): string {
  let text = '';
  for (const { before, write } of cells) {
    const json = write(rows);
    if (json !== undefined) text += before + json;
  }
  return text;
}

function* membersOf(walks: readonly Walk[], layout: Layout): Generator<Member[]> {
  for (const { spec, columns } of walks) {
    const rows = new ReportRows(spec);
    const cells = cellsOf(columns, rows, layout);
    while (rows.next()) yield cells.map(({ name, write }) => [name, write(rows)]);
  }
}

/** A snapshot's bytes, likewise. */
export function renderSnapshot(spec: SnapshotSpec, damage: Damage | null, totals: Rendered): Generator<Buffer> {
  const spoiler = damage ? new Spoiler(damage, spec.kind.dataset) : null;
  return renderRecords(snapshotRecords(spec), MINIFIED, spoiler, totals);
}

function* renderRecords(
  records: Generator<Member[]>,
  layout: Layout,
  spoiler: Spoiler | null,
  totals: Rendered,
): Generator<Buffer> {
  const pieces = new Pieces();
  let next = records.next();
  while (!next.done) {
    const members = next.value;
    next = records.next();
    const text = (spoiler ? spoiler.next(members, next.done === true) : members)
      .filter(([, json]) => json !== undefined)
      .map(([key, json]) => `"${key}"${layout.afterKey}${json}`)
      .join(layout.betweenMembers);
    pieces.text((totals.rows++ === 0 ? layout.open : layout.betweenRecords) + layout.openRecord);
    pieces.text(text + layout.closeRecord);
    if (pieces.full) yield pieces.take();
  }
  totals.badRows = spoiler?.count ?? 0;
  totals.badRowNumbers = spoiler?.rows ?? [];
  pieces.text(totals.rows === 0 ? layout.empty : layout.close);
  yield pieces.take();
}

/** Keys come in another order than asked: what tells the row apart first, then by chance. */
function shuffled(columns: readonly string[]): string[] {
  const order = (name: string) => (followsFromHash(name) ? 2 ** 32 : 0) + hashOf(3, name);
  return [...new Set(columns)].sort((a, b) => order(a) - order(b));
}
