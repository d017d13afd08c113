import type { AsideRecord } from './judged-rows.js';
import { joined, NOTHING, type Outcome, type StagedPart } from './outcome.js';
import { writePlainPart } from './plain/part.js';
import type { PlainRecords } from './plain/reader.js';
import { constantNames, type TableWork } from './table-work.js';
import type { WorkBench } from './work-bench.js';

/** Has a worker do something. */
type Do = <Result>(task: (bench: WorkBench) => Promise<Result>) => Promise<Result>;

/**
 * Writes plain records to a part, and has a worker judge the odd ones among them one by one.
 * @param firstRow records of the artifact before them.
 * @returns once all that `plain` views is written: the outcome, which may take longer.
 */
export async function stagePlain(
  path: string,
  plain: PlainRecords,
  work: TableWork,
  firstRow: number,
  ask: Do,
): Promise<{ readonly outcome: Promise<Outcome> }> {
  const { unknown, odd } = plain;
  const rows = plain.rows.length;
  const part = rows > 0 ? await writePlainPart(path, plain, work, firstRow) : undefined;
  const own = outcomeOf(plain, work, part && { part, unknown });
  const isAsked = odd.length > 0 || (part !== undefined && unknown.length > 0);
  if (!isAsked) return { outcome: Promise.resolve(own) };
  const judged = ask(async (bench) => {
    if (part) await bench.suggest({ part, unknown }, [work]);
    return odd.length > 0 ? (await bench.judge(records(plain, work, firstRow), [work]))[0]! : NOTHING;
  });
  const outcome = judged.then(
    (more) => joined(own, more),
    async (error) => {
      await part?.release();
      throw error;
    },
  );
  return { outcome };
}

function* records({ odd }: Pick<PlainRecords, 'odd'>, work: TableWork, firstRow: number): Generator<AsideRecord> {
  for (const { row, bytes } of odd) yield { work, row: firstRow + row, record: { bytes } };
}

function outcomeOf({ rows, seen }: PlainRecords, work: TableWork, staged: StagedPart | undefined): Outcome {
  if (!staged) return NOTHING;
  const { scope, slice } = work.placement.fallback;
  return {
    parts: [staged],
    read: rows.length,
    slices: [{ scope, slice, rows: rows.length, rejects: 0 }],
    seen: new Set([...seen, ...constantNames(work)]),
  };
}
