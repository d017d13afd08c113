import { formatSliceKey, type Held } from '../contracts/index.js';
import { passes } from './filters.js';
import type { WorkEnv } from './work-env.js';

/** What every sink of the run holds, for direct reads: read when it is asked for. */
export function heldBy(env: WorkEnv): Held {
  const { sinks, connection, ctx } = env;
  return {
    reload: env.reload,
    wants: (key) => passes(formatSliceKey(key), env.onlySlices),
    has: async (key) => sinks.every(({ state }) => state.held(key, false) !== undefined),
    async rows(table, scope, columns) {
      const query = { schema: connection.schema, table, scope, columns };
      const [first = [], ...others] = await Promise.all(sinks.map(({ sink }) => sink.ledger.rows(query, ctx)));
      const sets = others.map((rows) => new Set(rows.map((row) => JSON.stringify(row))));
      return sets.length === 0 ? first : first.filter((row) => sets.every((set) => set.has(JSON.stringify(row))));
    },
    gaps: (dataset, scope) =>
      [...(sinks[0]?.state.outcomes ?? [])]
        .filter((outcome) => outcome.dataset === dataset && outcome.scope === scope)
        .map(({ slice, reason, message }) => ({ key: { dataset, scope, slice }, reason, message })),
  };
}
