import type { AsideRecord } from './judged-rows.js';
import { joined, NOTHING, type Outcome, type StagedPart } from './outcome.js';
import { type PlainSource, writePlainPart } from './plain/part.js';
import type { OddRecord } from './plain/protocol.js';
import type { PlainRecords, PlainText } from './plain/records.js';
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

/**
 * Writes plain records to a part, on which each of their texts has a claim. They may be released
 * once this resolves.
 * @param sources of their texts, in the order of these.
 */
export async function stagePlain(
  path: string,
  plain: PlainRecords,
  sources: readonly [PlainSource, ...PlainSource[]],
): Promise<PlainStage[]> {
  const { unknown } = sources[0].table;
  const part = plain.rows.length === 0 ? undefined : await writePlainPart(path, plain, sources);
  let claims = 0;
  return sources.map(({ work, firstRow }, i) => {
    const text = plain.texts[i]!;
    if (!part || text.plain === 0) return { work, firstRow, odd: text.odd, outcome: NOTHING };
    if (claims++ > 0) part.claim();
    return { work, firstRow, odd: text.odd, outcome: outcomeOf(text, work, { part, unknown }) };
  });
}

/** Whether a worker has something to do for it: odd records, or columns whose values tell their type. */
export function isUnfinished({ odd, outcome }: PlainStage): boolean {
  return odd.length > 0 || outcome.parts.some(({ unknown }) => unknown.length > 0);
}

/** Judges odd records one by one. The stages are of different works. @returns the outcome of each, in their order. */
export async function finishPlain(stages: readonly PlainStage[], bench: WorkBench): Promise<Outcome[]> {
  for (const { part, works } of sharedParts(stages)) await bench.suggest(part, works);
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

/** Each part once, with the works that have rows in it. */
function sharedParts(stages: readonly PlainStage[]): Iterable<{ part: StagedPart; works: TableWork[] }> {
  const parts = new Map<StagedPart['part'], { part: StagedPart; works: TableWork[] }>();
  for (const { work, outcome } of stages) {
    for (const part of outcome.parts) {
      const shared = parts.get(part.part);
      if (shared) shared.works.push(work);
      else parts.set(part.part, { part, works: [work] });
    }
  }
  return parts.values();
}

function* oddRecords(stages: readonly PlainStage[]): Generator<AsideRecord> {
  for (const { work, firstRow, odd } of stages) {
    for (const { row, bytes } of odd)
      yield { work, row: firstRow + row, record: { bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) } };
  }
}

function outcomeOf({ plain, seen }: PlainText, work: TableWork, staged: StagedPart): Outcome {
  const { scope, slice } = work.placement.fallback;
  return {
    parts: [staged],
    read: plain,
    slices: [{ scope, slice, rows: plain, rejects: 0 }],
    seen: new Set([...seen, ...constantNames(work)]),
  };
}
