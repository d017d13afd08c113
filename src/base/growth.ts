import type { SliceWrite, Stage } from '../contracts/index.js';

/** Whether a stage's rows are added to those that are there. */
export function isAppend(stage: Stage): boolean {
  return stage.table.mode === 'append';
}

/** Whether a write leaves what is there of a slice, and adds to it. */
export function isGrowing(write: SliceWrite): boolean {
  return !write.rebuild && write.stages.some(isAppend);
}
