import type { Ctx, Ledger, Prepared, RunRecord, Sink, Write } from '../index.js';
import { overriding, type SinkSaboteur, saboteur } from './sink-saboteurs.js';
import { SCHEMA } from './sink-trial.js';

/** Saboteurs of tables that grow, of schemas, and of what is read and seen past the ledger. */
export const growthSaboteurs: readonly SinkSaboteur[] = [
  saboteur('forgets what a slice had', 'adds to tables that grow, each key and each artifact once', {
    write: (write) => ({ ...write, rebuild: true }),
  }),
  saboteur('adds what is there already', 'adds to tables that grow, each key and each artifact once', {
    stage: async (stage) => ({ ...stage, table: { ...stage.table, key: [] } }),
  }),
  saboteur('takes older for superseded', 'adds to tables that grow whatever is older, and several at once', {
    sink: (sink) => overriding(sink, { prepare: (writes, run, ctx) => withoutOlder(sink, writes, run, ctx) }),
  }),
  saboteur('lets old versions replace the newest', 'keeps every version beside the newest', {
    write: (write) => ({ ...write, asOf: '2099-01-01T00:00:00.000Z' }),
  }),
  saboteur('never rebuilds', 'fills tables that grow anew when they are rebuilt', {
    write: ({ rebuild: _, ...write }) => write,
  }),
  saboteur('settles outcomes of every schema', 'keeps two schemas of one key apart, or refuses the second', {
    sink: (sink) =>
      overriding(sink, {
        note: (notes, ctx) =>
          sink.note({ ...notes, outcomes: notes.outcomes.map((one) => ({ ...one, schema: SCHEMA })) }, ctx),
      }),
  }),
  saboteur('reads rows of one scope only', 'reads rows back as texts', {
    sink: (sink) =>
      overriding(sink, {
        ledger: {
          ...boundLedger(sink.ledger),
          rows: (query, ctx) => sink.ledger.rows({ ...query, scope: 'AWS' }, ctx),
        },
      }),
  }),
  saboteur('makes no views', 'makes views once what they read is there, and anew when they change', {
    sink: (sink) => overriding(sink, { note: (notes, ctx) => sink.note({ ...notes, views: [] }, ctx) }),
  }),
];

/** Leaves out what is older than what is held, as if it could only be superseded. */
async function withoutOlder(sink: Sink, writes: readonly Write[], run: RunRecord, ctx: Ctx): Promise<Prepared> {
  const held = await sink.ledger.slices({}, ctx);
  const current = writes.map((write): Write => {
    const before = held.find((slice) => slice.slice === write.key.slice);
    if (!before || write.asOf >= before.asOf) return write;
    const { key, schema, asOf, final } = write;
    return { kind: 'touch', key, schema, asOf, final };
  });
  return sink.prepare(current, run, ctx);
}

function boundLedger(ledger: Ledger): Ledger {
  return {
    slices: (query, ctx) => ledger.slices(query, ctx),
    outcomes: (query, ctx) => ledger.outcomes(query, ctx),
    lastRuns: (ctx) => ledger.lastRuns(ctx),
    drift: (query, ctx) => ledger.drift(query, ctx),
    look: (query, ctx) => ledger.look(query, ctx),
    rows: (query, ctx) => ledger.rows(query, ctx),
  };
}
