import assert from 'node:assert/strict';
import type { AuditSlice, SliceKey, SliceWrite, Stage, Table } from '../index.js';
import { LOG, STATE } from './sink-fixtures.js';
import { check, slice, type Trial } from './sink-trial.js';

const KEY: SliceKey = { dataset: STATE.name, scope: '11', slice: '2026-10-01' };
const LOGGED: SliceKey = { ...KEY, dataset: LOG.name };

type Pair = readonly [id: string, name: string | null];

function staged(t: Trial, table: Table, artifact: string, rows: readonly Pair[], bad: readonly string[] = []) {
  const key = { ...KEY, dataset: table.name };
  return t.forge.stage({
    table,
    dataset: key.dataset,
    slices: [key],
    artifact,
    asOf: `2026-10-1${artifact.length}T00:00:00.000Z`,
    rows: rows.map(([campaign_id, name]) => ({ ...key, cells: { campaign_id, name } })),
    rejects: bad.map((raw) => ({ ...key, raw, reasons: ['name: not a name'] })),
  });
}

/** What the sink says of a slice that should be made of these stages. */
async function contents(t: Trial, { key, schema, currentState }: SliceWrite, stages: readonly Stage[]) {
  const audited: AuditSlice = { ...key, schema, currentState, stages };
  return (await t.sink.audit.contents([audited], t.ctx())).map(({ what, column }) =>
    column ? `${what} ${column}` : what,
  );
}

async function books(t: Trial, table: Table, schema: string) {
  const datasets = [{ schema, dataset: table.name, tables: [table], currentState: false }];
  return (await t.sink.audit.books(datasets, t.ctx())).map(({ what, slice }) => `${slice} ${what}`);
}

/** What a sink says of itself. */
export const auditChecks = [
  check('finds in itself what was committed, and names what should be otherwise', async (t) => {
    const rows: Pair[] = [
      ['9007199254740993', 'one'],
      ['2', null],
    ];
    const write = slice(KEY, [await staged(t, STATE, 'a', rows, ['bad'])]);
    await t.commit([write]);
    assert.deepEqual(await books(t, STATE, write.schema), []);
    assert.deepEqual(await contents(t, write, write.stages), []);
    const otherwise = async (others: readonly Pair[], bad = ['bad']) =>
      contents(t, write, [await staged(t, STATE, 'a', others, bad)]);
    assert.deepEqual(await otherwise([...rows].reverse()), []);
    // Rejects stand after the rows here, so that their numbers change, too.
    assert.deepEqual(await otherwise([...rows, ['3', 'three']]), ['rows', 'rejects']);
    assert.deepEqual(await otherwise([rows[0]!, rows[0]!, rows[1]!]), ['rows', 'rejects']);
    assert.deepEqual(await otherwise([['9007199254740992', 'one'], rows[1]!]), ['keys']);
    assert.deepEqual(await otherwise([['9007199254740993', ''], rows[1]!]), ['values name']);
    assert.deepEqual(
      await otherwise([
        ['9007199254740993', null],
        ['2', 'one'],
      ]),
      ['cells'],
    );
    assert.deepEqual(await otherwise(rows, []), ['rejects']);
    assert.deepEqual(await otherwise(rows, ['worse']), ['rejects']);
  }),

  check('finds in a table that grows the first row of each key', async (t) => {
    const first = slice(LOGGED, [await staged(t, LOG, 'a', [['1', 'first']])]);
    const second = slice(LOGGED, [
      await staged(t, LOG, 'bb', [
        ['1', 'again'],
        ['2', 'new'],
      ]),
    ]);
    await t.commit([first]);
    await t.commit([second]);
    assert.deepEqual(await books(t, LOG, second.schema), []);
    assert.deepEqual(await contents(t, second, [...second.stages, ...first.stages]), []);
    assert.deepEqual(await contents(t, second, second.stages), ['values name']);
  }),
];
