import { identifier, sqlType } from '../../base/duckdb/quote.js';
import type { Ctx, Prepared, RunRecord, Sink, SliceWrite, Stage, Write } from '../index.js';
import type { SinkHarness } from './sink.js';
import { StageForge } from './sink-fixtures.js';

/**
 * Sinks that break one promise each, made by bending what goes into a sound sink. Each names the
 * check of `sinkChecks` that must fail for it.
 */
export interface SinkSaboteur {
  readonly name: string;
  readonly caughtBy: string;
  /** The harness of a sound sink, spoilt. `folder` is for its own files. */
  spoil(harness: SinkHarness, folder: string): SinkHarness;
}

/** How a saboteur differs from a sound sink. */
interface Spoilt {
  stage?(stage: Stage, write: SliceWrite, forge: StageForge): Promise<Stage>;
  write?(write: SliceWrite): Write;
  writes?(writes: readonly Write[]): Write[];
  ctx?(ctx: Ctx): Ctx;
  sink?(sink: Sink, folder: string): Sink;
}

export const sinkSaboteurs: readonly SinkSaboteur[] = [
  saboteur('rounds decimals', 'reads back exactly what was committed', {
    stage: (stage, _write, forge) =>
      forge.rewrite(stage, `SELECT * REPLACE (${throughDouble(stage, /^decimal/)}) FROM part`),
  }),
  saboteur('reads ids as doubles', 'reads back exactly what was committed', {
    stage: (stage, _write, forge) =>
      forge.rewrite(stage, `SELECT * REPLACE (${throughDouble(stage, /^bigint/)}) FROM part`),
  }),
  saboteur('drops rejects', 'keeps rejects, and replaces them with their slice', {
    stage: (stage, _write, forge) =>
      forge.rewrite(stage, 'SELECT * FROM part WHERE _reasons IS NULL', {
        slices: stage.totals.slices.map((slice) => ({ ...slice, rejects: 0 })),
      }),
  }),
  saboteur('lets older replace newer', 'older never replaces newer', {
    write: (write) => ({ ...write, asOf: '2099-01-01T00:00:00.000Z' }),
  }),
  saboteur('keeps the rows of yesterday', 'current state replaces the scope, and no other scope', {
    write: (write) => ({ ...write, currentState: false }),
  }),
  saboteur('skips what has no rows', 'an empty slice replaces rows', {
    writes: (writes) => writes.filter((write) => write.kind === 'touch' || rowsOf(write) > 0),
  }),
  saboteur('never finds a difference', 'finds in itself what was committed, and names what should be otherwise', {
    sink: (sink) => overriding(sink, { audit: { books: async () => [], contents: async () => [] } }),
  }),
  saboteur('doubles when it commits again', 'a slice committed twice is there once', {
    sink: doubling,
  }),
  saboteur('trusts what is in the files', 'refuses a slice whose counts do not add up', {
    stage: async (stage, write, forge) => {
      const found = await forge.count(stage, write.key);
      return { ...stage, totals: { ...stage.totals, slices: [{ key: write.key, ...found }] } };
    },
  }),
  saboteur('drops columns that it did not expect', 'takes new columns, and slices without them', {
    stage: async (stage) => {
      const known = new Set(stage.table.columns.map((column) => column.name));
      return { ...stage, columns: stage.columns.filter((column) => known.has(column.name)) };
    },
  }),
  saboteur('ignores an abort', 'a commit that was aborted before it began leaves nothing', {
    ctx: (ctx) => ({ ...ctx, signal: new AbortController().signal }),
  }),
  saboteur('writes the ledger in a second transaction', 'a failed commit leaves rows and ledger in agreement', {
    sink: twoSteps,
  }),
  saboteur('forgets outcomes', 'counts outcomes, and clears them with a commit', {
    sink: (sink) => overriding(sink, { note: async () => {} }),
  }),
  saboteur('replaces where it should upsert', 'upserts by key and loses no other row', {
    stage: async (stage) => ({ ...stage, table: { ...stage.table, mode: 'replace' } }),
  }),
];

/** A sink that is bent in one way, and the check that must notice. */
export function saboteur(name: string, caughtBy: string, spoilt: Spoilt): SinkSaboteur {
  return {
    name,
    caughtBy,
    spoil: (harness, folder) => ({
      ...harness,
      makeSink: async (place, options) => bend(await harness.makeSink(place, options), spoilt, folder),
    }),
  };
}

/** The sound sink behind a `prepare` and a `commit` that bend what they are given. */
function bend(sound: Sink, spoilt: Spoilt, folder: string): Sink {
  const sink = spoilt.sink?.(sound, folder) ?? sound;
  const withCtx = (ctx: Ctx) => spoilt.ctx?.(ctx) ?? ctx;
  return overriding(sink, {
    async prepare(writes, run, ctx) {
      const bent: Write[] = [];
      for (const write of spoilt.writes?.(writes) ?? writes) {
        if (write.kind === 'touch') {
          bent.push(write);
          continue;
        }
        const own = await bendStages(write, spoilt, folder);
        bent.push(spoilt.write?.(own) ?? own);
      }
      return sink.prepare(bent, run, withCtx(ctx));
    },
    commit: (prepared, run, ctx) => sink.commit(prepared, run, withCtx(ctx)),
  });
}

async function bendStages(write: SliceWrite, spoilt: Spoilt, folder: string): Promise<SliceWrite> {
  if (!spoilt.stage) return write;
  const forge = await StageForge.open(folder);
  try {
    const stages: Stage[] = [];
    for (const stage of write.stages) stages.push(await spoilt.stage(stage, write, forge));
    return { ...write, stages };
  } finally {
    forge.close();
  }
}

/** The sink with some of its methods replaced. */
export function overriding(sink: Sink, methods: Partial<Sink>): Sink {
  return {
    name: sink.name,
    kind: sink.kind,
    path: sink.path,
    ledger: sink.ledger,
    audit: sink.audit,
    check: (ctx) => sink.check(ctx),
    prepare: (writes, run, ctx) => sink.prepare(writes, run, ctx),
    commit: (prepared, run, ctx) => sink.commit(prepared, run, ctx),
    note: (notes, ctx) => sink.note(notes, ctx),
    migrate: (ctx) => sink.migrate(ctx),
    maintain: (ctx) => sink.maintain(ctx),
    close: () => sink.close(),
    ...methods,
  };
}

/** `REPLACE` items that take every column of a matching type on a detour. */
function throughDouble(stage: Stage, type: RegExp): string {
  return stage.columns
    .filter((column) => typeof column.type === 'string' && type.test(column.type))
    .map((column) => {
      const name = identifier(column.name);
      return `coalesce(TRY_CAST(${name}::DOUBLE AS ${sqlType(column.type)}), 0) AS ${name}`;
    })
    .join(', ');
}

function rowsOf(write: SliceWrite): number {
  return write.stages.flatMap((stage) => stage.totals.slices).reduce((total, slice) => total + slice.rows, 0);
}

/** A slice that is there already is put beside itself, under a name that the ledger does not show. */
function doubling(sink: Sink, folder: string): Sink {
  return overriding(sink, {
    async commit(prepared: readonly Prepared[], run: RunRecord, ctx: Ctx) {
      const held = new Set((await sink.ledger.slices({}, ctx)).map((slice) => slice.slice));
      const results = await sink.commit(prepared, run, ctx);
      for (const write of prepared.flatMap((one) => one.writes)) {
        if (write.kind !== 'replace' || !held.has(write.key.slice)) continue;
        await sink.commit([await copied(sink, write, run, ctx, folder)], run, ctx);
      }
      return results;
    },
  });
}

async function copied(sink: Sink, write: SliceWrite, run: RunRecord, ctx: Ctx, folder: string): Promise<Prepared> {
  const forge = await StageForge.open(folder);
  const slice = '2026-12-31';
  try {
    const stages = await Promise.all(
      write.stages.map((stage) =>
        forge.rewrite(stage, `SELECT * REPLACE ('${slice}' AS _slice) FROM part`, {
          slices: stage.totals.slices.map((counts) => ({ ...counts, key: { ...counts.key, slice } })),
        }),
      ),
    );
    return await sink.prepare([{ ...write, key: { ...write.key, slice }, stages }], run, ctx);
  } finally {
    forge.close();
  }
}

/** Data slice by slice at once, the ledger only when all have gone well. */
function twoSteps(sink: Sink): Sink {
  const booked = new Set<string>();
  return overriding(sink, {
    ledger: {
      ...sink.ledger,
      slices: async (query, ctx) =>
        (await sink.ledger.slices(query, ctx)).filter((slice) => booked.has(`${slice.scope}:${slice.slice}`)),
    },
    async commit(prepared, run, ctx) {
      const results = [];
      const writes = prepared.flatMap((one) => one.writes);
      for (const write of writes) {
        results.push(...(await sink.commit([await sink.prepare([write], run, ctx)], run, ctx)));
      }
      for (const write of writes) booked.add(`${write.key.scope}:${write.key.slice}`);
      return results;
    },
  });
}
