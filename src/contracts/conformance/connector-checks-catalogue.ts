import assert from 'node:assert/strict';
import { dayOfSlice, formatSliceKey, type SliceKey } from '../index.js';
import { assertJsonSafe, check, failure, jobDatasets, trialCtx } from './connector-trial.js';

const keysOf = (slices: readonly SliceKey[]) => slices.map(formatSliceKey).sort();

/** What can be told without asking the source anything. */
export const catalogueChecks = [
  check('its tables are well formed', async ({ source }) => {
    const names = source.datasets.map((dataset) => dataset.name);
    assert.equal(new Set(names).size, names.length, 'two datasets share a name');
    for (const { name, tables } of source.datasets) {
      assert.equal(tables[0]?.name, name, `${name}: the first table has another name`);
      for (const table of tables) {
        const columns = table.columns.map((column) => column.name);
        assert.equal(new Set(columns).size, columns.length, `${table.name}: two columns share a name`);
        for (const column of columns)
          assert.match(column, /^[a-z][a-z0-9_]*$/, `${table.name}: a name that is not snake_case`);
        assert.ok(!columns.includes(table.scopeColumn.name), `${table.name}: the scope column is not the table's own`);
        for (const key of table.key) assert.ok(columns.includes(key), `${table.name}: its key names ${key}, no column`);
      }
    }
  }),

  check('equal wishes make equal requests', async ({ source }) => {
    for (const dataset of source.datasets) {
      const { tables, slicing, ...asked } = dataset.request({});
      const { tables: _, slicing: __, ...again } = dataset.request({});
      assert.deepEqual(again, asked, `${dataset.name}: the same wish makes another request`);
      assertJsonSafe(`${dataset.name}: its request`, asked);
    }
  }),

  check('key columns are always asked for, and unknown names are refused', async (bench) => {
    for (const dataset of bench.source.datasets) {
      const nonsense = async () => dataset.request({ columns: ['no_such_column'] });
      assert.equal((await failure(`${dataset.name}: a column that is none`, nonsense())).code, 'E_CONFIG');
      const filter = async () => dataset.request({ filter: { no_such_filter: ['x'] } });
      assert.equal((await failure(`${dataset.name}: a filter that is none`, filter())).code, 'E_CONFIG');
    }
    for (const { dataset, request } of jobDatasets(bench)) {
      const table = request.tables[0]!;
      const some = request.columns.at(-1)!;
      let narrow: typeof request;
      try {
        narrow = dataset.request({ columns: [some] });
      } catch {
        continue; // It only comes whole, and says so.
      }
      const keys = table.columns.filter((c) => c.role !== 'constant' && table.key.includes(c.name));
      for (const key of keys) {
        assert.ok(narrow.columns.includes(key.source), `${dataset.name}: ${key.source} is left out`);
      }
      assert.deepEqual(
        narrow.tables[0]!.columns.filter((c) => c.role !== 'constant')
          .map((c) => c.source)
          .sort(),
        [...narrow.columns].sort(),
        `${dataset.name}: the narrowed table holds other columns than are asked for`,
      );
    }
  }),

  check('every wanted slice is in exactly one ask', async (bench) => {
    for (const { dataset, wanted, request, fetch, drafts } of jobDatasets(bench)) {
      assert.deepEqual(
        keysOf(drafts.flatMap((d) => d.slices)),
        keysOf(wanted),
        `${dataset.name}: slices are lost or doubled`,
      );
      const again = fetch.coalesce(request, [...wanted].reverse());
      const groups = (list: typeof again) =>
        list.map((d) => JSON.stringify([keysOf(d.slices), d.columns, d.params, d.constants])).sort();
      assert.deepEqual(groups(again), groups([...drafts]), `${dataset.name}: the order of wishes changes the asks`);
      for (const draft of drafts) {
        assertJsonSafe(`${dataset.name}: its ask`, draft);
        assert.equal(new Set(draft.slices.map((s) => s.scope)).size, 1, `${dataset.name}: one job for two scopes`);
        if (request.slicing.kind !== 'day') continue;
        const days = new Set(draft.slices.map((s) => dayOfSlice(s.slice)));
        assert.ok(days.size <= request.slicing.maxDays, `${dataset.name}: more days in a job than the source allows`);
        const parts = new Set(draft.slices.map((s) => s.slice.slice(dayOfSlice(s.slice)!.length)));
        assert.equal(parts.size, 1, `${dataset.name}: two parts of a day in one job`);
      }
    }
    assert.equal(bench.requests().length, 0, 'grouping asks the source');
  }),

  check('its scopes are whole', async ({ source }) => {
    const { scopes, missing, visible } = await source.scopes(trialCtx());
    assert.ok(scopes.length > 0, 'the trial server shows no scope');
    assert.equal(new Set(scopes.map((s) => s.id)).size, scopes.length, 'two scopes share an id');
    for (const scope of scopes) {
      assert.equal(typeof scope.id, 'string', 'an id that is no text');
      assert.ok(visible.includes(scope.id), `${scope.id} is not among what is visible`);
      assert.doesNotThrow(
        () => new Intl.DateTimeFormat('en', { timeZone: scope.timezone }),
        `${scope.id}: no such zone`,
      );
      assert.notEqual(scope.label, '', `${scope.id}: no label`);
    }
    assertJsonSafe('the list of scopes', { scopes, missing, visible });
  }),
];
