import type { Log, RunNotes } from '../../contracts/index.js';
import { clearOutcomes, writeRun } from './books.js';
import { fill } from './claims.js';
import { columnsOfNotes, writeColumns } from './columns.js';
import { writeSightings } from './drift.js';
import type { Warehouse } from './open.js';
import type { Stamp } from './rows.js';
import { writeViews } from './views.js';

/** Writes a run's row, its outcomes, columns and views. The same notes again change nothing. */
export async function writeNotes(warehouse: Warehouse, notes: RunNotes, stamp: Stamp, log: Log): Promise<void> {
  await writeRun(warehouse, notes.run);
  await clearOutcomes(warehouse, notes.cleared);
  await writeOutcomes(warehouse, notes.outcomes, stamp);
  await writeColumns(warehouse, columnsOfNotes(notes), stamp, 'described');
  await writeSightings(warehouse, notes.tables, stamp);
  await writeViews(warehouse, notes.views, log);
}

/**
 * An outcome with the reason it had before counts on, once a run; another reason begins anew,
 * and takes the place of what earlier runs said of the slice.
 */
async function writeOutcomes(warehouse: Warehouse, outcomes: RunNotes['outcomes'], stamp: Stamp): Promise<void> {
  if (outcomes.length === 0) return;
  const noted = new Map(
    outcomes.map(({ schema: schema_name, dataset, scope, slice, outcome, reason, message }) => [
      JSON.stringify([schema_name, dataset, scope, slice, reason]),
      { schema_name, dataset, scope, slice, outcome, reason, message },
    ]),
  );
  await fill(warehouse, 'noted', [...noted.values()], {
    schema_name: 'VARCHAR',
    dataset: 'VARCHAR',
    scope: 'VARCHAR',
    slice: 'VARCHAR',
    outcome: 'VARCHAR',
    reason: 'VARCHAR',
    message: 'VARCHAR',
  });
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE counted AS
     SELECT n.*, coalesce(o.attempts, 0) + CASE WHEN o.run_id IS NOT DISTINCT FROM $1 THEN 0 ELSE 1 END AS attempts,
       coalesce(o.since, $2::TIMESTAMPTZ) AS since, $1 AS run_id
     FROM temp.noted n LEFT JOIN millpond.outcomes o USING (schema_name, dataset, scope, slice, reason)`,
    [stamp.runId, stamp.at],
  );
  await warehouse.run(
    `DELETE FROM millpond.outcomes o USING temp.counted n
     WHERE o.schema_name = n.schema_name AND o.dataset = n.dataset AND o.scope = n.scope AND o.slice = n.slice
       AND (o.reason = n.reason OR o.run_id <> $1)`,
    [stamp.runId],
  );
  await warehouse.run('INSERT INTO millpond.outcomes BY NAME SELECT * FROM temp.counted');
}
