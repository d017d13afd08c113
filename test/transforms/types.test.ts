import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { ColumnType, Table } from '../../src/contracts/index.js';
import { parseRecord, rowSchema } from '../../src/transforms/index.js';
import { type Becomes, formsOf, LENIENT, MALFORMED, PROMISES, promised, Reject } from './cell-forms/index.js';
import { cellsAsStaged, column, KEY, readAll, type SeenRow, TestBench, tableOf } from './support.js';

const bench = new TestBench();

/** A record, and what it becomes: its cells, or what its one reason begins and ends with. */
interface Case {
  readonly record: string;
  readonly becomes: { readonly cells: Readonly<Record<string, Becomes>> } | Reason;
}

interface Reason {
  readonly starts: string;
  readonly ends: string;
}

const NO_JSON: Reason = { starts: 'record: no valid JSON (', ends: ')' };

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

/** Where a cell stands: the member that holds it, what that becomes, and where a misfit is told to lie. */
interface Place {
  readonly member: (cell: string) => string;
  readonly cells: (cell: Becomes) => Readonly<Record<string, Becomes>>;
  readonly path: string;
}

const IN_RECORD: Place = { member: (cell) => `"cell":${cell}`, cells: (cell) => ({ cell }), path: 'cell' };
const NESTED: readonly Place[] = [
  {
    member: (cell) => `"inside":{"cell":${cell}}`,
    cells: (cell) => ({ inside: { cell, beside: null } }),
    path: 'inside.cell',
  },
  { member: (cell) => `"items":[${cell}]`, cells: (cell) => ({ items: [cell] }), path: 'items[0]' },
];

/** Records with a form in each of some places. */
function casesOf(form: string, becomes: Becomes | Reason, places: readonly Place[] = [IN_RECORD, ...NESTED]): Case[] {
  return places.map(({ member, cells, path }) => {
    const record = `{"id":5,${member(form)}}`;
    if (becomes === NO_JSON) return { record, becomes: NO_JSON };
    if (becomes instanceof Reject) return { record, becomes: { starts: path, ends: ` ${becomes.why}` } };
    return { record, becomes: { cells: { id: '5', ...cells(becomes as Becomes) } } };
  });
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
      return { record: record(form).trim(), becomes: { starts: becomes.reason, ends: becomes.reason } };
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
        : raw === record && reasons?.length === 1 && fits(reasons[0]!, becomes);
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
    const cases = forms.flatMap((form) => casesOf(form, promised(promise, form), [IN_RECORD]));
    expect(await checkBothWays(cases, flatTable)).toBeGreaterThanOrEqual(usual.length);
    expectSame(bySchema(flatTable, cases), await readAll(arrayOf(cases), flatTable));
  });

  test('each form in a struct and in a list, and each record', async () => {
    const cases = [
      ...forms.flatMap((form) => casesOf(form, promised(promise, form), NESTED)),
      ...recordCases(usual[0]!, promised(promise, usual[0]!)),
      ...LENIENT.flatMap((form) => casesOf(form, NO_JSON)),
    ];
    expect(await checkBothWays(cases, table)).toBeGreaterThanOrEqual(usual.length);
  });

  test('what is no JSON', async () => {
    const cases = ['null', ...MALFORMED].flatMap((form) => casesOf(form, form === 'null' ? null : NO_JSON));
    await checkBothWays(cases, table);
  });

  test('SQL settles what is usual', async () => {
    const cases = usual.flatMap((form) => casesOf(form, promised(promise, form), [IN_RECORD]));
    expect(await checkBothWays(cases, flatTable)).toBe(cases.length);
  });
});

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
