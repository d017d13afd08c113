import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ColumnType, Table } from '../../src/contracts/index.js';
import { parseRecord, rowSchema } from '../../src/transforms/index.js';
import { page, tableBelow } from '../docs/pages.js';
import {
  type Becomes,
  formsOf,
  LENIENT,
  MALFORMED,
  PROMISES,
  promised,
  Reject,
  type TypePromise,
} from './cell-forms/index.js';
import { cellsAsStaged, column, KEY, readAll, type SeenRow, TestBench, tableOf } from './support.js';

const bench = new TestBench();

/** A record, and what it becomes: its cells, or what its reasons begin and end with. */
interface Case {
  readonly record: string;
  readonly becomes: { readonly cells: Readonly<Record<string, Becomes>> } | readonly Reason[];
}

interface Reason {
  readonly starts: string;
  readonly ends: string;
}

/** What becomes of a record that is no JSON. */
const NO_JSON: readonly Reason[] = [{ starts: 'record: no valid JSON (', ends: ')' }];

/** A column of the type, a struct with a member of it, and a list of it. */
function tableWith(type: ColumnType): Table {
  const member = { name: 'cell', source: 'cell', type } as const;
  return tableOf([
    column('id', 'bigint'),
    column('cell', type),
    column('inside', { struct: [member, { name: 'beside', source: 'beside', type: 'varchar' }] }),
    column('items', { list: type }),
  ]);
}

/** Where a cell stands: the members that hold it, what they become, and where a misfit is told to lie. */
interface Place {
  readonly members: (cell: string) => string;
  readonly cells: (cell: Becomes) => Readonly<Record<string, Becomes>>;
  readonly paths: readonly string[];
}

const FLAT: Place = { members: (cell) => `"cell":${cell}`, cells: (cell) => ({ cell }), paths: ['cell'] };
const NESTED: Place = {
  members: (cell) => `"inside":{"cell":${cell}},"items":[${cell}]`,
  cells: (cell) => ({ inside: { cell, beside: null }, items: [cell] }),
  paths: ['inside.cell', 'items[0]'],
};

const recordOf = (form: string, { members }: Place) => `{"id":5,${members(form)}}`;

/** A record with a form of the type in a place. */
function caseOf(promise: TypePromise, form: string, place: Place): Case {
  const becomes = promised(promise, form);
  const record = recordOf(form, place);
  if (!(becomes instanceof Reject)) return { record, becomes: { cells: { id: '5', ...place.cells(becomes) } } };
  return { record, becomes: place.paths.map((starts) => ({ starts, ends: ` ${becomes.why}` })) };
}

/** Records with a form that is no JSON, in each place. */
function malformedCases(forms: readonly string[]): Case[] {
  return forms.flatMap((form) => [FLAT, NESTED].map((place) => ({ record: recordOf(form, place), becomes: NO_JSON })));
}

/** Records around a cell that is right. */
const RECORDS: readonly [record: (cell: string) => string, becomes: 'null' | 'value' | { reason: string }][] = [
  [() => '{"id":5}', 'null'],
  [() => '{"id":5,"cell":null}', 'null'],
  [(cell) => `\t{ "id" : 5 ,\r\n "cell"\n:\t${cell} }`, 'value'],
  [(cell) => `{"\\u0069d":5,"c\\u0065ll":${cell}}`, 'value'],
  [(cell) => `{"id":5,"cell":${cell},}`, 'value'],
  [(cell) => `{"id":5,"cell":${cell} ,\n}`, 'value'],
  [(cell) => `{"cell":${cell},"id":5,"cell":${cell}}`, { reason: 'duplicate key cell' }],
  [(cell) => `{"id":5,"cell":${cell},"cell":null}`, { reason: 'duplicate key cell' }],
  [(cell) => `{"id":5,"cell":null,"c\\u0065ll":${cell}}`, { reason: 'duplicate key cell' }],
  [() => '{}', { reason: 'record: {} holds nothing' }],
  [() => 'null', { reason: 'record: null is no object' }],
  [() => '[]', { reason: 'record: [] is no object' }],
];

function recordCases(form: string, value: Becomes): Case[] {
  return RECORDS.map(([record, becomes]): Case => {
    if (typeof becomes === 'object') {
      return { record: record(form), becomes: [{ starts: becomes.reason, ends: becomes.reason }] };
    }
    return { record: record(form), becomes: { cells: { id: '5', cell: becomes === 'value' ? value : null } } };
  });
}

/** What differs between rows and what their records should have become. */
function differences(rows: readonly SeenRow[], cases: readonly Case[]): string[] {
  return cases.flatMap(({ record, becomes }, i) => {
    const { cells, reasons, raw } = rows[i] ?? {};
    const isRight =
      'cells' in becomes
        ? isDeepStrictEqual(cells && { ...cells }, withoutNulls(becomes.cells))
        : raw === record && reasons?.length === becomes.length && becomes.every((one, j) => fits(reasons[j]!, one));
    return isRight ? [] : [`${record} became ${JSON.stringify(cells ?? reasons)}, not ${JSON.stringify(becomes)}`];
  });
}

const fits = (reason: string, { starts, ends }: Reason) => reason.startsWith(starts) && reason.endsWith(ends);

function withoutNulls(cells: Readonly<Record<string, Becomes>>): Record<string, Becomes> {
  return Object.fromEntries(Object.entries(cells).filter(([, value]) => value !== null));
}

const arrayOf = (cases: readonly Case[]) => `[${cases.map(({ record }) => record).join(',\n')}]`;

/** The rows that records are by the schema alone. */
function bySchema(table: Table, cases: readonly Case[]): SeenRow[] {
  const schema = rowSchema(table);
  return cases.map(({ record }, index) => {
    const place = { row: index + 1, scope: KEY.scope, slice: KEY.slice };
    const typed = schema.safeParse(parseRecord(record));
    if (typed.success) return { ...place, cells: cellsAsStaged(typed.data, table) };
    return { ...place, raw: record, reasons: typed.error.issues.map(({ message }) => message) };
  });
}

/** `toEqual` for many rows: it looks closer only where they differ. */
function expectSame(rows: readonly SeenRow[], others: readonly SeenRow[]): void {
  if (!isDeepStrictEqual(rows, others)) expect(rows).toEqual(others);
}

/** Stages records and reads them row by row: both are as expected, and the same. @returns how many SQL settled. */
async function checkBothWays(cases: readonly Case[], table: Table): Promise<number> {
  const text = arrayOf(cases);
  const stage = await bench.stage(text, table);
  const staged = await bench.rows(stage);
  const settled = await bench.settled(stage);
  await stage.discard();
  expect(differences(staged, cases)).toEqual([]);
  expect(staged).toHaveLength(cases.length);
  expectSame(await readAll(text, table), staged);
  return settled;
}

const named = PROMISES.map((promise) => ({ promise, name: JSON.stringify(promise.type).slice(0, 60) }));

describe.each(named)('$name', ({ promise }) => {
  const { type, usual } = promise;
  const forms = formsOf(promise);
  const table = tableWith(type);
  const flatTable = tableOf([column('id', 'bigint'), column('cell', type)]);

  test('each form', async () => {
    const cases = forms.map((form) => caseOf(promise, form, FLAT));
    expect(await checkBothWays(cases, flatTable)).toBeGreaterThanOrEqual(usual.length);
    expectSame(bySchema(flatTable, cases), await readAll(arrayOf(cases), flatTable));
  });

  test('each form in a struct and in a list, and each record', async () => {
    const records = recordCases(usual[0]!, promised(promise, usual[0]!));
    const cases = [...forms.map((form) => caseOf(promise, form, NESTED)), ...records, ...malformedCases(LENIENT)];
    expect(await checkBothWays(cases, table)).toBeGreaterThanOrEqual(usual.length);
    expectSame(bySchema(table, records), await readAll(arrayOf(records), table));
  });

  test('what is no JSON', async () => {
    await checkBothWays([caseOf(promise, usual[0]!, FLAT), ...malformedCases(MALFORMED)], table);
  });

  test('SQL settles what is usual', async () => {
    const cases = usual.map((form) => caseOf(promise, form, FLAT));
    expect(await checkBothWays(cases, flatTable)).toBe(cases.length);
  });
});

describe('docs/types.md', () => {
  const types = page('docs/types.md');
  const sections = PROMISES.filter(({ type }) => typeof type === 'string').map((promise) => ({
    promise,
    heading: `### \`${String(promise.type)}\``,
  }));

  test.each(sections)('says what the table says: $heading', ({ promise, heading }) => {
    const forms = new Set(formsOf(promise));
    for (const [sent = '', becomes] of tableBelow(types, heading)) {
      const shown = [...sent.matchAll(/`([^`]+)`/g)].map(([, form = '']) => form);
      expect(shown).not.toEqual([]);
      for (const form of shown) {
        expect(forms).toContain(form);
        expect(`${form} | ${becomes}`).toBe(`${form} | ${asPrinted(promised(promise, form))}`);
      }
    }
  });
});

/** What a cell becomes, as the page shows it. */
function asPrinted(becomes: Becomes): string {
  if (becomes === null) return 'NULL';
  return becomes instanceof Reject ? `reject: \`${becomes.why}\`` : `\`${String(becomes)}\``;
}

test('an absent required value is a reject, and so is null', async () => {
  const table = tableOf([column('id', 'bigint', { nullable: false }), column('clicks', 'bigint')]);
  const text = '[{"clicks":1},{"id":null,"clicks":2},{"id":3}]';
  const rows = await bench.rows(await bench.stage(text, table));
  expect(rows.map((row) => row.reasons)).toEqual([['id: missing'], ['id: missing'], undefined]);
  expect(await readAll(text, table)).toEqual(rows);
});

test('all that is wrong with a record is told, in the order of the columns', async () => {
  const table = tableOf([column('id', 'bigint'), column('cost', 'decimal(18,6)'), column('day', 'date')]);
  const [row] = await bench.rows(await bench.stage('[{"day":"x","cost":"","id":1.5}]', table));
  expect(row!.reasons).toEqual(['id: 1.5 is no whole number', 'cost: "" is no number', 'day: "x" is no day']);
});

test('another spelling counts where the first has no value', async () => {
  const table = tableOf([column('lastUpdatedDate', 'bigint', { aliases: ['lastUpdateDate'] })]);
  const text =
    '[{"lastUpdateDate":5},{"lastUpdatedDate":6},{"lastUpdatedDate":null,"lastUpdateDate":7},{"lastUpdatedDate":8,"lastUpdateDate":9}]';
  const rows = await bench.rows(await bench.stage(text, table));
  expect(rows.map((row) => row.cells?.last_updated_date)).toEqual(['5', '6', '7', '8']);
  expect(await readAll(text, table)).toEqual(rows);
});
