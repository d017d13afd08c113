import { JsonObject } from './cells.js';
import { RecordCutter } from './record-cutter.js';
import { parseRecord } from './record-parser.js';
import { knownSources } from './row-judge.js';
import { isSayable } from './staging-sql.js';
import type { TableWork } from './table-work.js';
import { recordWithin } from './within.js';

/** How many records of the beginning are looked at. */
const RECORDS = 8;

/** Members, all known and in their order, of artifacts that were all of one form; by the signature of their works. */
export type UsualKeys = Map<string, readonly string[]>;

/**
 * Learns from an artifact's first records which unknown columns are to come, and in what order
 * its members stand, so that SQL can settle the rest. Where the first record looks as those of
 * artifacts before it did, one is enough. What it misses is judged one by one.
 */
export function learnFromHead(head: Buffer, works: readonly TableWork[], usual: UsualKeys): void {
  const kind = works.map(({ signature }) => signature).join();
  const before = usual.get(kind);
  const records: JsonObject[] = [];
  for (const { bytes } of new RecordCutter(works[0]?.format ?? 'array').push(head)) {
    const text = bytes.toString('utf8');
    if (records.length === 0 && before && isLike(text, before)) {
      for (const work of works) {
        work.usualKeys = before;
        work.isUniform = true;
      }
      return;
    }
    try {
      const record = parseRecord(text);
      if (record instanceof JsonObject && record.duplicate() === undefined) records.push(record);
    } catch {
      // A malformed record teaches nothing; it is judged like all others.
    }
    if (records.length === RECORDS) break;
  }
  for (const work of works) {
    const known = knownSources(work.columns, work.placement);
    const own = recordsOf(work, records);
    for (const [source] of own.flatMap((record) => record.entries)) {
      if (!known.has(source)) work.drift.column(source);
    }
    const keys = own[0]?.entries.map(([source]) => source) ?? [];
    if (keys.length === 0 || !keys.every(isSayable)) continue;
    work.usualKeys = keys;
    work.isUniform = isFlat(work) && own.every((record) => hasKeys(record, keys));
  }
  const [work] = works;
  const isPlain = work?.isUniform && work.drift.columns.length === 0 && !work.table.within;
  if (works.length === 1 && isPlain) usual.set(kind, work.usualKeys!);
}

/** The records of the work's table. */
function recordsOf({ table: { within } }: TableWork, records: readonly JsonObject[]): readonly JsonObject[] {
  if (!within) return records;
  return records
    .map((record) => recordWithin(record, within))
    .filter((record): record is JsonObject => record instanceof JsonObject);
}

/** Whether one `json_transform` takes all members out of a record: no two that differ in case only, none nested. */
function isFlat({ columns, drift }: TableWork): boolean {
  const all = [...columns, ...drift.columns].filter(({ column }) => column.role !== 'constant');
  const names = all.flatMap(({ sources }) => sources.map((source) => source.toLowerCase()));
  return all.every(({ rule }) => !rule.needsJson) && new Set(names).size === names.length;
}

/** Whether it has just these members, in this order. Whoever reads it sees one that stands there twice. */
function isLike(record: string, keys: readonly string[]): boolean {
  try {
    const own = Object.keys(JSON.parse(record));
    return own.length === keys.length && own.every((key, place) => key === keys[place]);
  } catch {
    return false;
  }
}

function hasKeys(record: JsonObject, keys: readonly string[]): boolean {
  return record.entries.length === keys.length && keys.every((key) => record.get(key) !== undefined);
}
