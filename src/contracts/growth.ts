import type { SliceWrite } from './sink.js';
import type { Stage } from './stage.js';
import type { Table } from './table.js';

/**
 * Whether one of these tables only ever grows: their slices keep what they have, and nothing that
 * comes is too old for them.
 */
export function grows(tables: readonly Pick<Table, 'mode'>[]): boolean {
  return tables.some(({ mode }) => mode === 'append');
}

/** Whether a stage's rows are added to those that are there. */
export function isAppend(stage: Stage): boolean {
  return stage.table.mode === 'append';
}

/**
 * What a slice is made of, all of its artifacts given: of one that grows, the tables that do not
 * hold what the newest artifact says.
 */
export function stagesInForce(stages: readonly Stage[]): readonly Stage[] {
  if (!stages.some(isAppend)) return stages;
  const newest = stages.reduce((a, b) => (Date.parse(b.artifact.asOf) >= Date.parse(a.artifact.asOf) ? b : a));
  return stages.filter((stage) => isAppend(stage) || stage.artifact.id === newest.artifact.id);
}

/** Whether a write leaves what is there of a slice, and adds to it. */
export function isGrowing(write: SliceWrite): boolean {
  return !write.rebuild && write.stages.some(isAppend);
}
