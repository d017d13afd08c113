import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ColumnType } from '../../src/contracts/index.js';
import { column, readAll, TestBench, tableOf } from './support.js';

const bench = new TestBench();

const STRUCT: ColumnType = {
  struct: [
    { name: 'amount', source: 'amount', type: 'decimal(10,2)' },
    { name: 'at', source: 'at', type: 'timestamptz' },
    { name: 'tags', source: 'tags', type: { list: 'varchar' } },
  ],
};
const LIST: ColumnType = {
  list: {
    struct: [
      { name: 'k', source: 'k', type: 'bigint' },
      { name: 'inner', source: 'inner', type: { list: { list: 'double' } } },
    ],
  },
};

const table = tableOf([
  column('id', 'bigint', { nullable: false }),
  column('clicks', 'bigint'),
  column('cost', 'decimal(18,6)'),
  column('price', 'decimal(33,2)'),
  column('whole', 'decimal(5,0)'),
  column('ratio', 'double'),
  column('flag', 'boolean'),
  column('campaignName', 'varchar', { aliases: ['name'] }),
  column('day', 'date'),
  column('moment', 'timestamptz'),
  column('payload', 'json'),
  column('budget', STRUCT),
  column('items', LIST),
]);

const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
const whole = fc.oneof(
  fc.constant('0'),
  fc.tuple(fc.integer({ min: 1, max: 9 }), digits(0, 22)).map(([a, b]) => a + b),
);
const numberText = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: -50, max: 5000 }).map(String) },
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }).map(String),
  fc.constantFrom(
    ...[
      '9223372036854775807',
      '9223372036854775808',
      '-9223372036854775808',
      '-9223372036854775809',
      '18446744073709551615',
      '-0',
      '-0.0',
    ],
    ...[
      '0.30000000000000004',
      '12.349999999999998',
      '1.1234567',
      '1.100000000',
      '1.123456001',
      '1.1234560011',
      '99999.5',
      '1e400',
      '1e-400',
    ],
    ...[
      '123456789.12345601',
      '16777216.5',
      '10000000.5',
      '123456789012.123457',
      '5e-10',
      '1E+3',
      '1e-7',
      '1.5e3',
      '12.0',
      '20261101',
      '1739319380244',
    ],
  ),
  fc
    .tuple(whole, fc.option(digits(1, 18)), fc.option(fc.integer({ min: -25, max: 25 })), fc.boolean())
    .map(([w, f, e, negative]) => `${negative ? '-' : ''}${w}${f === null ? '' : `.${f}`}${e === null ? '' : `e${e}`}`),
  fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e7, max: 1e7 }).map((d) => JSON.stringify(d)),
  fc
    .tuple(fc.integer({ min: 0, max: 10 ** 8 }), fc.integer({ min: 1, max: 7 }))
    .map(([n, d]) => JSON.stringify(n / 100 / d)),
);
const plainText = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 12 }),
  numberText,
  fc.constantFrom(
    ...[
      '',
      ' ',
      'true',
      'false',
      'null',
      'nan',
      'NaN',
      'inf',
      '-inf',
      'Infinity',
      '{',
      '[1]',
      '{"a":1}',
      '},{"id":1',
      '"',
      '\\',
      '\0',
      'a\0b',
      '\u2028',
    ],
    ...['1_000', '0x10', '007', '+5', ' 12', '12 ', '1.', '.5', '-', '1e', '0b11', '١٢'],
    ...[
      '2026-11-01',
      '20261101',
      '2026-02-30',
      '2026-11-01 garbage',
      'epoch',
      'infinity',
      '0000-01-01',
      '2026/11/01',
      '2026-11-1',
      '12345-01-01',
    ],
    ...[
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00:00.1234567+05:30',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:00:00',
      '2026-01-01T00:00Z',
      '0001-01-01T00:00:00+14:00',
      '9999-12-31T23:59:59.999Z',
      '2026-02-30T00:00:00Z',
      '2026-01-01T00:00:00.1234567891234Z',
    ],
  ),
);
const stringText = fc
  .tuple(plainText, fc.boolean())
  .map(([text, escaped]) => (escaped ? asciiJson(text) : JSON.stringify(text)));
const space = fc.constantFrom('', '', '', ' ', '\n  ', '\t');
/** A comma where JSON has none, and DuckDB lets it pass. */
const trailing = fc.oneof({ weight: 20, arbitrary: fc.constant('') }, fc.constantFrom(',', ' ,\n'));
const { value: jsonValue } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('null', 'true', 'false'),
    numberText,
    stringText,
    tie('list'),
    tie('object'),
  ),
  list: fc
    .tuple(fc.array(tie('value'), { maxLength: 3 }), trailing)
    .map(([items, comma]) => `[${items.join(',')}${items.length > 0 ? comma : ''}]`),
  object: fc
    .tuple(
      fc.array(fc.tuple(fc.constantFrom('amount', 'at', 'tags', 'k', 'inner', 'payload', 'x'), tie('value')), {
        maxLength: 4,
      }),
      space,
      trailing,
    )
    .map(
      ([members, s, comma]) =>
        `{${members.map(([k, v]) => `${s}"${k}"${s}:${s}${v}`).join(',')}${members.length > 0 ? comma : ''}}`,
    ),
})) as { value: fc.Arbitrary<string> };

const nestedOf = {
  budget: fc
    .record(
      {
        amount: numberText,
        at: stringText,
        tags: fc.array(stringText, { maxLength: 3 }).map((t) => `[${t.join(',')}]`),
      },
      { requiredKeys: [] },
    )
    .map(objectText),
  items: fc
    .array(
      fc
        .record(
          {
            k: numberText,
            inner: fc
              .array(
                fc.array(numberText, { maxLength: 2 }).map((n) => `[${n.join(',')}]`),
                { maxLength: 2 },
              )
              .map((n) => `[${n.join(', ')}]`),
          },
          { requiredKeys: ['k'] },
        )
        .map(objectText),
      { maxLength: 3 },
    )
    .map((items) => `[${items.join(',')}]`),
};

function objectText(members: Record<string, string | undefined>): string {
  return `{${Object.entries(members)
    .map(([key, value]) => `${JSON.stringify(key)}:${value}`)
    .join(',')}}`;
}

function asciiJson(text: string): string {
  return JSON.stringify(text).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A cell that its column mostly likes. */
const likely: Record<string, fc.Arbitrary<string>> = {
  id: fc.oneof(numberText, fc.integer().map(String)),
  clicks: fc.oneof(
    numberText,
    fc.integer().map((n) => `"${n}"`),
  ),
  cost: numberText,
  price: fc.oneof(
    numberText,
    numberText.map((n) => `"${n}"`),
  ),
  whole: fc.integer({ min: -100000, max: 100000 }).map(String),
  ratio: numberText,
  flag: fc.constantFrom('true', 'false', '"true"', '1'),
  campaignName: stringText,
  day: fc
    .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
    .map((d) => `"${d.toISOString().slice(0, 10)}"`),
  moment: fc.oneof(
    fc.integer({ min: 0, max: 2 ** 41 }).map(String),
    fc
      .date({ noInvalidDate: true, min: new Date('0001-01-01'), max: new Date('9999-12-31') })
      .map((d) => `"${d.toISOString()}"`),
  ),
  payload: jsonValue,
  budget: nestedOf.budget,
  items: nestedOf.items,
};
const knownMember = fc.constantFrom(...Object.keys(likely)).chain((key) =>
  fc
    .oneof(
      { weight: 20, arbitrary: likely[key]! },
      { weight: 4, arbitrary: jsonValue },
      { weight: 4, arbitrary: stringText },
      // No JSON, but DuckDB's parser takes it.
      fc.constantFrom('NaN', 'nan', '-nan', 'Infinity', '-Infinity', 'inf', 'INFINITY', '[NaN]', '{"k":inf}'),
    )
    .map((value) => [JSON.stringify(key), value] as const),
);
const oddMember = fc.tuple(
  fc.constantFrom(
    '"Clicks"',
    '"CLICKS"',
    '"newMetric"',
    '"name"',
    '"co\\u0073t"',
    '""',
    '"a.b"',
    '"quo\\"te"',
    '"nul\\u0000"',
  ),
  fc.oneof(numberText, stringText, jsonValue),
);
const record = fc
  .tuple(
    fc.option(
      fc.integer({ min: 1, max: 10 ** 9 }).map((n) => ['"id"', String(n)] as const),
      { freq: 12 },
    ),
    fc.uniqueArray(knownMember, { maxLength: 12, selector: ([key]) => key }),
    fc.array(oddMember, { maxLength: 1, size: 'max' }),
    fc.boolean(),
    space,
    fc.integer({ min: 0, max: 25 }),
    trailing,
  )
  .map(([id, members, odd, keepOdd, s, oddity, comma]) => {
    const own = members.filter(([key]) => key !== '"id"' || id === null);
    const all = [...(id ? [id] : []), ...own, ...(keepOdd && oddity > 15 ? odd : [])];
    if (oddity === 0 && all.length > 0) all.push(all[0]!);
    return `{${s}${all.map(([k, v]) => `${k}${s}:${s}${v}`).join(`${s},${s}`)}${all.length > 0 ? comma : ''}${s}}`;
  });
const anyRecord = fc.oneof(
  { weight: 30, arbitrary: record },
  fc.constantFrom('{}', 'null', '5', '"text"', '[1,2]', '[]', 'true'),
);

const flatRecord = fc
  .record({
    id: fc.integer({ min: 1 }).map(String),
    clicks: likely.clicks!,
    cost: fc.oneof({ weight: 5, arbitrary: likely.cost! }, fc.constantFrom('null', '"?"', 'true', '[1]')),
    ratio: likely.ratio!,
    campaignName: stringText,
    day: likely.day!,
    newMetric: fc.oneof(numberText, stringText),
  })
  .map(objectText);

const cases = [
  ['of all types', table, fc.array(anyRecord, { minLength: 1, maxLength: 60, size: 'max' })],
  // Records that mostly have the same members, which SQL settles in a quicker way.
  [
    'of flat records',
    tableOf(table.columns.filter(({ type }) => typeof type === 'string' && type !== 'json')),
    fc
      .tuple(
        fc.array(flatRecord, { minLength: 1, maxLength: 60, size: 'max' }),
        fc.array(anyRecord, { maxLength: 2 }),
        fc.boolean(),
      )
      .map(([flat, odd, even]) => (even ? flat : [...flat, ...odd])),
  ],
] as const;

test.each(cases)('SQL and the row reader give the same rows and the same rejects: %s', async (_, own, texts) => {
  await fc.assert(
    fc.asyncProperty(texts, space, async (records, s) => {
      const text = `[${records.join(`${s},${s}`)}${s}]`;
      const stage = await bench.stage(text, own);
      const staged = await bench.rows(stage);
      await stage.discard();
      expect(staged).toEqual(await readAll(text, own));
      expect(stage.totals.read).toBe(records.length);
    }),
    { numRuns: Number(process.env.MILLPOND_PROPERTY_RUNS ?? 25) },
  );
});
