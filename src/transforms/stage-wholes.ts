import type { Outcome } from './outcome.js';
import type { PlainSource } from './plain/part.js';
import { readTexts } from './plain/texts.js';
import { finishPlain, type PlainStage, stagePlain } from './stage-plain.js';
import type { WorkBench } from './work-bench.js';

/** The text of a small artifact, in memory of its own, and what is to be made of it. */
export interface WholeText extends PlainSource {
  readonly text: Uint8Array;
}

/**
 * Stages small artifacts whose works have one signature: their plain records go into one part.
 * @returns the outcome of each; of those that are not plain, their text.
 */
export async function stageWholes(wholes: readonly WholeText[], bench: WorkBench): Promise<(Outcome | Uint8Array)[]> {
  const { table, work } = wholes[0]!;
  const texts = wholes.map(({ text }) => text);
  const read = await readTexts(table, work.format, texts);
  const [first, ...others] = wholes.filter((_, i) => !(read.texts[i] instanceof Uint8Array));
  let stages: readonly PlainStage[] = [];
  try {
    if (first) stages = await stagePlain(bench.newPath('parquet'), read.records, [first, ...others]);
  } finally {
    read.records.release();
  }
  try {
    const outcomes = (await finishPlain(stages, bench)).values();
    return read.texts.map((text) => (text instanceof Uint8Array ? text : outcomes.next().value!));
  } catch (error) {
    await Promise.all(stages.flatMap(({ outcome }) => outcome.parts).map(({ part }) => part.release()));
    throw error;
  }
}
