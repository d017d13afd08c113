import type { AsideRecord } from './judged-rows.js';
import { joined, NOTHING, type Outcome, type StagedPart } from './outcome.js';
import { writePlainPart } from './plain/part.js';
import type { OddRecord } from './plain/protocol.js';
import type { PlainRecords } from './plain/reader.js';
import { constantNames, type TableWork } from './table-work.js';
import type { WorkBench } from './work-bench.js';

/** Records of an artifact, the plain ones in a part, the odd ones yet to be judged. */
export interface PlainStage {
  readonly work: TableWork;
  /** Records of the artifact before them. */
  readonly firstRow: number;
  readonly odd: readonly OddRecord[];
  readonly outcome: Outcome;
}

/** Writes plain records to a part. They may be released once this resolves. */
export async function stagePlain(
  path: string,
  plain: PlainRecords,
  work: TableWork,
  firstRow: number,
): Promise<PlainStage> {
  const { odd, unknown } = plain;
  if (plain.rows.length === 0) return { work, firstRow, odd, outcome: NOTHING };
  const part = await writePlainPart(path, plain, work, firstRow);
  return { work, firstRow, odd, outcome: outcomeOf(plain, work, { part, unknown }) };
}

/** Whether a worker has something to do for it: odd records, or columns whose values tell their type. */
export function isUnfinished({ odd, outcome }: PlainStage): boolean {
  return odd.length > 0 || outcome.parts.some(({ unknown }) => unknown.length > 0);
}

/** Judges odd records one by one. The stages are of different works. @returns the outcome of each, in their order. */
export async function finishPlain(stages: readonly PlainStage[], bench: WorkBench): Promise<Outcome[]> {
  for (const { work, outcome } of stages) {
    for (const part of outcome.parts) await bench.suggest(part, [work]);
  }
  const strange = stages.filter(({ odd }) => odd.length > 0);
  const judged =
    strange.length > 0
      ? await bench.judge(
          oddRecords(strange),
          strange.map(({ work }) => work),
        )
      : [];
  return stages.map((stage) => joined(stage.outcome, judged[strange.indexOf(stage)] ?? NOTHING));
}

function* oddRecords(stages: readonly PlainStage[]): Generator<AsideRecord> {
  for (const { work, firstRow, odd } of stages) {
    for (const { row, bytes } of odd)
      yield { work, row: firstRow + row, record: { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) } };
  }
}

function outcomeOf({ rows, seen }: PlainRecords, work: TableWork, staged: StagedPart): Outcome {
  const { scope, slice } = work.placement.fallback;
  return {
    parts: [staged],
    read: rows.length,
    slices: [{ scope, slice, rows: rows.length, rejects: 0 }],
    seen: new Set([...seen, ...constantNames(work)]),
  };
}
