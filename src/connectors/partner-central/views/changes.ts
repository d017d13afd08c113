import { identifier, literal } from '../../../base/duckdb/quote.js';
import type { Field, View } from '../../../contracts/index.js';
import { OPPORTUNITY_SUMMARY } from '../catalog/snapshots.js';
import { ONE_OPPORTUNITY, SNAPSHOTS } from './snapshots.js';

/** A value of a snapshot that can move: where it is, and SQL of it as text. */
interface Leaf {
  readonly path: string;
  readonly sql: string;
}

/** Every value within fields; a list is one value. */
function leaves(fields: readonly Field[], path: readonly string[] = []): Leaf[] {
  return fields.flatMap(({ name, type }) => {
    const at = [...path, name];
    if (typeof type === 'object' && 'struct' in type) return leaves(type.struct, at);
    const value = identifier(...at);
    const text = typeof type === 'object' ? `to_json(${value})::VARCHAR` : `${value}::VARCHAR`;
    return [{ path: at.join('.'), sql: text }];
  });
}

const MOVABLE = leaves(OPPORTUNITY_SUMMARY)
  .map(({ path, sql }) => `{'field': ${literal(path)}, 'value': ${sql}}`)
  .join(',\n      ');

export const OPPORTUNITY_CHANGES: View = {
  name: 'opportunity_changes',
  reads: [SNAPSHOTS],
  sql: (from) => `WITH fields AS (
    SELECT ${ONE_OPPORTUNITY}, revision, created_at, unnest([
      ${MOVABLE}]) AS cell
    FROM ${from(SNAPSHOTS)}),
  moves AS (
    SELECT ${ONE_OPPORTUNITY}, revision, created_at, cell.field AS field, cell.value AS new_value,
      lag(cell.value) OVER by_revision AS old_value, lag(revision) OVER by_revision AS previous_revision
    FROM fields
    WINDOW by_revision AS (PARTITION BY ${ONE_OPPORTUNITY}, cell.field ORDER BY revision))
  SELECT ${ONE_OPPORTUNITY}, previous_revision, revision, created_at AS changed_at, field, old_value, new_value
  FROM moves WHERE previous_revision IS NOT NULL AND new_value IS DISTINCT FROM old_value`,
  description: 'One row for each value that differs from the revision before: field, old, new. Lists are JSON text.',
};
