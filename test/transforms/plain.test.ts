import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Artifact } from '../../src/contracts/index.js';
import { Machine } from '../../src/transforms/plain/machine.js';
import { PlainReader } from '../../src/transforms/plain/reader.js';
import { plainTable } from '../../src/transforms/plain/table.js';
import { learnFromHead } from '../../src/transforms/sample.js';
import { TableWork } from '../../src/transforms/table-work.js';
import { askOf, column, EVOLVE, readAll, TestBench, tableOf, testCtx } from './support.js';

const bench = new TestBench();
const table = tableOf([
  column('id', 'bigint', { nullable: false }),
  column('name', 'varchar'),
  column('cost', 'decimal(18,6)'),
  column('price', 'decimal(33,2)'),
  column('ratio', 'double'),
  column('day', 'date'),
  column('on', 'boolean'),
  column('place', 'varchar', { role: 'constant' }),
]);
const constants = { place: 'here' };
const ask = askOf(undefined, { constants });

const PLAIN =
  '{"id":1,"name":"a \\"b\\" \\u00fc","cost":1.50,"price":"12.5","ratio":0.25,"day":"2026-10-31","on":true}';

/** What the reader makes of a text that comes in pieces of so many bytes. */
async function read(text: string | Buffer, step = 1 << 20, format: 'array' | 'ndjson' = 'array') {
  const work = new TableWork(table, EVOLVE, { artifactId: 'a', ask, tables: [table], format, policy: EVOLVE });
  const head = Buffer.from(format === 'array' ? `[${PLAIN}]` : `${PLAIN}\n`);
  learnFromHead(head, [work], new Map());
  const reader = new PlainReader(plainTable(work)!, format);
  const bytes = Buffer.from(text);
  let left: Buffer | undefined;
  let at = 0;
  for (; at < bytes.length && !left; at += step) left = await reader.push(bytes.subarray(at, at + step));
  left = left ? Buffer.concat([left, bytes.subarray(at)]) : await reader.end();
  const { texts: read, rows, release } = await reader.take();
  const { records, odd, seen } = read[0]!;
  const texts = odd.map(({ row, bytes }) => ({ row, bytes: Buffer.from(bytes) }));
  const result = { records, odd: texts, rows: [...rows], seen, left: left?.toString() };
  release();
  return result;
}

const changed = (from: string, to: string) => PLAIN.replace(from, to);

test('plain text is read, wherever its bytes are cut', async () => {
  const three = ` [ ${PLAIN} ,\n${PLAIN.replaceAll(',"', ' , "').replaceAll('":', '" : ')},${changed('"on":true', '"on":null')}]\n`;
  for (const step of [1, 7, 64, 1 << 20]) {
    const found = await read(three, step);
    expect(found).toMatchObject({ records: 3, odd: [], rows: [1, 2, 3], left: undefined });
    expect([...found.seen].sort()).toEqual(['cost', 'day', 'id', 'name', 'on', 'price', 'ratio']);
  }
  expect(await read(`${PLAIN}\n\n  ${PLAIN} \r\n${PLAIN}`, 5, 'ndjson')).toMatchObject({ rows: [1, 2, 3], odd: [] });
  expect(await read(`[${changed('"name":"a \\"b\\" \\u00fc",', '')}]`)).toMatchObject({ rows: [1], odd: [] });
  expect(await read(`[${changed(',"on":true', '')}]`)).toMatchObject({ rows: [1], odd: [] });
});

test.each([0, 0.2, 0.4, 0.6, 0.8, 1])(
  'nothing of a long text is lost that stops to be plain after %d of it',
  async (share) => {
    const records = Array.from({ length: 14_000 }, (_, i) => changed('"id":1', `"id":${i}`));
    const odd = Math.floor(share * (records.length - 40));
    records.fill('["not a record"]', odd, odd + 40);
    const text = `[${records.join(',')}]`;
    expect(text.length).toBeGreaterThan(5 << 18);
    for (const step of [1 << 18, 300_000, 1 << 20, text.length]) {
      const { rows, left } = await read(text, step);
      expect(rows.length).toBe(odd);
      expect(JSON.parse(left!)).toEqual(JSON.parse(`[${records.slice(odd).join(',')}]`));
    }
  },
);

const ALSO_PLAIN: [what: string, text: string][] = [
  ['an id in quotes', changed('"id":1', '"id":"123456789012345678"')],
  ['minus zero', changed('"id":1', '"id":-0').replace('0.25', '-0.0')],
  ['a negative fraction', changed('1.50', '-0.000001').replace('0.25', '-0.1')],
  ['eighteen digits of money', changed('1.50', '999999999999.999999')],
  ['money with all its decimals', changed('1.50', '123456789012.345678')],
  ['more money than 64 bits hold with two decimals', changed('"12.5"', '-1234567890123456')],
  ['an exponent where a double stands', changed('0.25', '1.5E-7').replace('true', 'false')],
  ['more digits than a double keeps', changed('0.25', '0.1234567890123456789')],
  ['the smallest double', changed('0.25', '4.9e-324')],
  ['a day long ago', changed('2026-10-31', '0001-01-01')],
  ['the last day there is', changed('2026-10-31', '9999-12-31')],
  ['a number as a text', changed('"a \\"b\\" \\u00fc"', '-1.50e+3')],
  ['true as a text', changed('"a \\"b\\" \\u00fc"', 'true')],
  ['an empty text', changed('"a \\"b\\" \\u00fc"', '""')],
  ['a pair of surrogates', changed('\\u00fc', '\\ud83d\\ude00 \u{1F600} \u00fc')],
  ['a long text', changed('a ', 'x'.repeat(70_000))],
];

test.each(ALSO_PLAIN)('%s is plain, and read as the row reader reads it', async (_, record) => {
  const text = `[${PLAIN},${record},${record}]`;
  const steps = [record.length > 1000 ? 1000 : 3, 1 << 20];
  for (const step of steps) expect(await read(text, step)).toMatchObject({ rows: [1, 2, 3], odd: [] });
  const stage = await bench.stage(text, table, { ask });
  expect(withoutPlace(await bench.rows(stage))).toEqual(withoutPlace(await readAll(text, table)));
  await stage.discard();
});

const NOT_PLAIN: [what: string, text: string][] = [
  ['a number with a fraction as an id', changed('"id":1', '"id":1.5')],
  ['an id beyond 18 digits', changed('"id":1', '"id":1234567890123456789')],
  ['a leading zero', changed('"id":1', '"id":01')],
  ['an exponent', changed('1.50', '15e-1')],
  ['true for a number', changed('"id":1', '"id":true')],
  ['an id with spaces', changed('"id":1', '"id":" 1"')],
  ['null where a value is needed', changed('"id":1', '"id":null')],
  ['nothing where a value is needed', changed('"id":1,', '')],
  ['seven decimals', changed('1.50', '1.1234567')],
  ['more than eighteen digits of money', changed('1.50', '1234567890123')],
  ['a number beyond doubles', changed('0.25', '1e999')],
  ['an empty text as a number', changed('1.50', '""')],
  ['a day that there is not', changed('10-31', '11-31')],
  ['a day of another spelling', changed('2026-10-31', '20261031')],
  ['an unknown member', changed('"on":true', '"on":true,"new":1')],
  ['a member twice', changed('"on":true', '"on":true,"on":true')],
  ['members in another order', changed('"id":1,"name"', '"name":"x","id":1,"name"')],
  ['an object as a text', changed('"a \\"b\\" \\u00fc"', '{}')],
  ['NUL in a text', changed('\\u00fc', '\\u0000')],
  ['half a pair in a text', changed('\\u00fc', '\\ud83d')],
  ['a control character in a text', changed('a ', 'a\n')],
  ['no record', '{}'],
  ['null as a record', 'null'],
];

test.each(NOT_PLAIN)('%s is not plain', async (_, record) => {
  const text = `[${PLAIN},${record},${PLAIN}]`;
  for (const step of [3, 1 << 20]) {
    const found = await read(text, step);
    if (record.startsWith('{')) {
      expect(found).toMatchObject({ records: 3, rows: [1, 3], left: undefined });
      expect(found.odd.map(({ row, bytes }) => [row, bytes.toString()])).toEqual([[2, record]]);
    } else expect(found).toMatchObject({ records: 1, odd: [], left: `[${record},${PLAIN}]` });
  }
});

test('a text that ends early, or goes on, is read as far as it is plain', async () => {
  const cases: [text: string, records: number, left: string | undefined][] = [
    [`[${PLAIN}`, 0, `[${PLAIN}`],
    [`[${PLAIN},`, 1, '['],
    [`[${PLAIN},]`, 1, '[]'],
    [`[${PLAIN}] x`, 1, '[]x'],
    [`[${PLAIN}}]`, 0, `[${PLAIN}}]`],
    [`[${PLAIN} ${PLAIN}]`, 0, `[${PLAIN} ${PLAIN}]`],
    [`[${PLAIN},${PLAIN.slice(0, 50)}]`, 1, `[${PLAIN.slice(0, 50)}]`],
    ['\ufeff[]', 0, '\ufeff[]'],
    ['[]', 0, undefined],
    ['', 0, ''],
  ];
  for (const [text, records, left] of cases) {
    for (const step of [1, 1 << 20]) expect(await read(text, step), text).toMatchObject({ records, left });
  }
});

test('of lines each that is no plain record is odd by itself', async () => {
  const lines = [PLAIN, changed('"id":1', '"id":1.5'), '{"id":', 'null', PLAIN, `${PLAIN} ${PLAIN}`, PLAIN];
  for (const step of [3, 1 << 20]) {
    const found = await read(lines.join('\n'), step, 'ndjson');
    expect(found).toMatchObject({ records: 7, rows: [1, 5, 7], left: undefined });
    expect(found.odd.map(({ row, bytes }) => [row, bytes.toString()])).toEqual(
      [2, 3, 4, 6].map((row) => [row, lines[row - 1]]),
    );
  }
  const broken = await read(PLAIN.replaceAll(',"', ',\n"'), 3, 'ndjson');
  expect(broken).toMatchObject({ rows: [] });
  expect(broken.odd).toHaveLength(7);
});

const withoutPlace = (rows: Awaited<ReturnType<typeof readAll>>) =>
  rows.map((row) => ({ ...row, cells: { ...row.cells, place: undefined } })).sort((a, b) => a.row - b.row);

const cell = {
  id: fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }).map(String),
  name: fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => JSON.stringify(text)),
  cost: fc.integer({ min: -9e7, max: 9e7 }).map((n) => (n / 100).toFixed(2)),
  price: fc.integer({ min: 0, max: 9e8 }).map((n) => `"${(n / 100).toFixed(1)}"`),
  ratio: fc.double({ noNaN: true, noDefaultInfinity: true, min: 1e-5, max: 1e6 }).map(String),
  day: fc.integer({ min: 1, max: 28 }).map((n) => `"2026-02-${String(n).padStart(2, '0')}"`),
  on: fc.constantFrom('true', 'false', 'null'),
};
const record = fc.record(cell).map(
  (cells) =>
    `{${Object.entries(cells)
      .map(([name, value]) => `"${name}":${value}`)
      .join(',')}}`,
);

test('plain text gives the rows that the row reader gives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { minLength: 1, maxLength: 40 }), async (records) => {
      const text = `[${[PLAIN, ...records].join(',')}]`;
      const stage = await bench.stage(text, table, { ask });
      expect(withoutPlace(await bench.rows(stage))).toEqual(withoutPlace(await readAll(text, table)));
      await stage.discard();
    }),
    { numRuns: 25 },
  );
});

test('a record that lacks a member that is needed is no row, wherever the member stands', async () => {
  const needing = tableOf([column('a', 'bigint'), column('id', 'bigint', { nullable: false })]);
  for (const text of ['[{"a":1,"id":1},{"a":2}]', '[{"id":1,"a":1},{"a":2},{"id":3}]']) {
    const stage = await bench.stage(text, needing);
    expect(await bench.rows(stage)).toEqual(await readAll(text, needing));
    expect(stage.totals.slices).toMatchObject([{ rejects: 1 }]);
    await stage.discard();
  }
});

test('one record that is not plain leaves the others exact', async () => {
  const text = `[${[PLAIN, PLAIN, changed('"id":1', '"id":1.5'), PLAIN].join(',')}]`;
  const rows = await bench.rows(await bench.stage(text, table, { ask }));
  expect(rows.map(({ row, reasons }) => [row, reasons !== undefined])).toEqual([
    [1, false],
    [2, false],
    [3, true],
    [4, false],
  ]);
});

/** A text of many plain records in which every fiftieth is another one. */
function fewOdd(count: number, odd: (index: number) => string): string {
  const records = Array.from({ length: count }, (_, i) =>
    i % 50 === 17 ? odd(i) : PLAIN.replace('"id":1', `"id":${i}`),
  );
  return `[${records.join(',\n')}]`;
}

test('a few odd records among many plain ones are noted, wherever the bytes are cut', async () => {
  const strange = changed('"on":true', '"on":true,"deep":{"]}":["}",{"\\"":"\\\\"}]}');
  const text = fewOdd(200, () => strange);
  for (const step of [3, 64, 1 << 20]) {
    const found = await read(text, step);
    expect(found).toMatchObject({ records: 200, left: undefined });
    expect(found.odd.map(({ row }) => row)).toEqual([18, 68, 118, 168]);
    for (const { bytes } of found.odd) expect(bytes.toString()).toBe(strange);
  }
});

test('where too many are odd, what follows is left, and nothing is lost or doubled', async () => {
  const records = Array.from({ length: 200 }, (_, i) => changed('"id":1', i % 3 === 1 ? `"id":${i}.5` : `"id":${i}`));
  for (const step of [7, 1 << 20]) {
    const { rows, odd, left } = await read(`[${records.join(',')}]`, step);
    const rest = (JSON.parse(left!) as { id: number }[]).map(({ id }) => Math.floor(id));
    const before = [...rows, ...odd.map(({ row }) => row)].sort((a, b) => a - b).map((row) => row - 1);
    expect(odd.length).toBeGreaterThan(10);
    expect([...before, ...rest]).toEqual(records.map((_, i) => i));
  }
});

test('a column that only odd records have has no value in plain ones', async () => {
  const without = changed('"on":true', '"on":null');
  const odd = changed('"id":1', '"id":1.5');
  const records = Array.from({ length: 60 }, (_, i) => (i === 40 ? odd : without));
  expect((await read(`[${records.join(',')}]`)).seen.has('on')).toBe(false);
  expect((await read(`[${[...records, PLAIN].join(',')}]`)).seen.has('on')).toBe(true);
});

test.each(NOT_PLAIN.filter(([, record]) => record.startsWith('{')))(
  '%s, a few times among many plain records, is judged as the row reader judges it',
  async (_, record) => {
    const text = fewOdd(120, () => record);
    const stage = await bench.stage(text, table, { ask });
    expect(withoutPlace(await bench.rows(stage))).toEqual(withoutPlace(await readAll(text, table)));
    expect(stage.totals.read).toBe(120);
    await stage.discard();
  },
);

/** Stretches of records: plain ones, odd ones, and such as hold what looks like a boundary between records. */
const stretch = fc
  .tuple(
    fc.constantFrom(
      PLAIN,
      PLAIN,
      changed('"id":1', '"id":1.5'),
      changed('"on":true', '"on":true,"list":[{"id":1,"name":"x"},{"id":2,"name":"y"}]'),
      changed('"on":true', '"on":nothing'),
      'null',
    ),
    fc.integer({ min: 1, max: 40 }),
  )
  .map(([text, count]) => Array.from({ length: count }, () => text));

test('plain, odd and malformed stretches follow each other in any order, in chunks of any size', async () => {
  const small = new TestBench({ chunkBytes: 2000 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(stretch, { minLength: 1, maxLength: 6 }),
      fc.constantFrom(333, 5000, 1 << 20),
      fc.constantFrom<('array' | 'ndjson')[]>('array', 'ndjson'),
      async (stretches, writeBytes, format) => {
        const records = [PLAIN, ...stretches.flat()];
        const text = format === 'array' ? `[${records.join(',')}]` : records.join('\n');
        const stage = await small.stage(text, table, { ask, writeBytes, format });
        expect(withoutPlace(await small.rows(stage))).toEqual(withoutPlace(await readAll(text, table, { format })));
        expect(stage.totals.read).toBe(records.length);
        await stage.discard();
        expect(small.files()).toEqual([]);
      },
    ),
    { numRuns: Number(process.env.MILLPOND_PROPERTY_RUNS ?? 25) },
  );
});

test('bytes that are no UTF-8 are no row', async () => {
  const text = Buffer.from(`[${PLAIN},${changed('a ', 'a\u00e9')}]`, 'latin1');
  const rows = await bench.rows(await bench.stage(text, table, { ask }));
  expect(rows.map(({ reasons }) => reasons !== undefined)).toEqual([false, true]);
});

const RUNS = { numRuns: 4 * Number(process.env.MILLPOND_PROPERTY_RUNS ?? 25) };

async function expectSame(text: string | Buffer): Promise<void> {
  const stage = await bench.stage(text, table, { ask });
  expect(withoutPlace(await bench.rows(stage))).toEqual(withoutPlace(await readAll(text, table)));
  await stage.discard();
}

/** Pieces of spelled texts, some of which are none. */
const spelling = fc
  .array(
    fc.constantFrom(
      ...[
        'a',
        '\u00fc',
        '\u20ac',
        '\u{1f600}',
        '\\"',
        '\\\\',
        '\\/',
        '\\b',
        '\\f',
        '\\n',
        '\\r',
        '\\t',
        '\\u0041',
        '\\u00FC',
        '\\u20ac',
      ],
      ...[
        '\\ud83d\\ude00',
        '\\ud83d',
        '\\ude00',
        '\\uD83D\\u0041',
        '\\u0000',
        '\\u12g4',
        '\\x',
        '\\',
        '"',
        '\t',
        '\u007f',
      ],
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((pieces) => pieces.join(''));

test('texts in any spelling are read as the row reader reads them, or not at all', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(spelling, { minLength: 1, maxLength: 5 }), async (names) => {
      const records = names.map((name) => PLAIN.replace('a \\"b\\" \\u00fc', () => name));
      await expectSame(`[${[PLAIN, ...records].join(',')}]`);
    }),
    RUNS,
  );
});

test('bytes in any order are read as UTF-8, or not at all', async () => {
  const edges = [0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee];
  const byte = fc.constantFrom(...edges, 0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff);
  const [before, after] = PLAIN.split('a \\"b\\" \\u00fc') as [string, string];
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(byte, { maxLength: 6 }), { minLength: 1, maxLength: 5 }), async (names) => {
      const records = names.map((bytes) =>
        Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]),
      );
      const text = [Buffer.from(`[${PLAIN}`), ...records.flatMap((one) => [Buffer.from(','), one]), Buffer.from(']')];
      await expectSame(Buffer.concat(text));
    }),
    RUNS,
  );
});

test('numbers in any spelling are read as the row reader reads them, or not at all', async () => {
  const digits = fc.stringMatching(/^[0-9]{1,20}$/);
  const number = fc
    .tuple(
      fc.constantFrom('', '-', '"', '"-', '+'),
      digits,
      fc.option(
        digits.map((text) => `.${text}`),
        { nil: '' },
      ),
      fc.constantFrom('', '', '', 'e2', 'E-3', 'e', '.'),
      fc.boolean(),
    )
    .map(([sign, whole, fraction, end, isTrimmed]) => {
      const text = `${sign}${isTrimmed ? whole.replace(/^0+(?=.)/, '') : whole}${fraction}${end}`;
      return sign.startsWith('"') ? `${text}"` : text;
    });
  const numbers = fc.record({ id: number, cost: number, price: number, ratio: number });
  await fc.assert(
    fc.asyncProperty(fc.array(numbers, { minLength: 1, maxLength: 5 }), async (all) => {
      const records = all.map(({ id, cost, price, ratio }) =>
        PLAIN.replace('"id":1', `"id":${id}`).replace('1.50', cost).replace('"12.5"', price).replace('0.25', ratio),
      );
      await expectSame(`[${[PLAIN, ...records].join(',')}]`);
    }),
    RUNS,
  );
});

test('a reader that is used again and again needs no more memory', async () => {
  const memory = () => {
    const machine = Machine.take();
    machine.release();
    return machine.bytes.length;
  };
  for (let i = 0; i < 100; i += 1) await read(`[${PLAIN}]`);
  const before = memory();
  for (let i = 0; i < 2000; i += 1) await read(`[${PLAIN}]`);
  expect(memory()).toBe(before);
});

test('plain text is staged as it comes, without a file of its own', async () => {
  const own = new TestBench({ chunkBytes: 2000 });
  const request = { artifactId: 'a', ask, tables: [table], format: 'array', policy: EVOLVE } as const;
  const writer = own.stager.open(request, testCtx());
  await writer.write(Buffer.from(`[${PLAIN}`));
  for (let i = 0; i < 100; i += 1) await writer.write(Buffer.from(`,${PLAIN}`));
  expect(own.files('.json')).toEqual([]);
  expect(own.files('.parquet').length).toBeGreaterThan(3);
  await writer.write(Buffer.from(']'));
  const [stage] = await writer.close({ id: 'a', ask } as Artifact);
  expect(stage!.totals).toMatchObject({ read: 101, slices: [{ rows: 101, rejects: 0 }] });
  await stage!.discard();
  expect(own.files()).toEqual([]);
});

test.each([3, 12, 30])(
  'what stands behind a list of %i records is not lost, though it comes last and by itself',
  async (count) => {
    const own = new TestBench({ chunkBytes: 2000 });
    const request = { artifactId: 'a', ask, tables: [table], format: 'array', policy: EVOLVE } as const;
    const stagedWith = async (...behind: string[]) => {
      const writer = own.stager.open(request, testCtx());
      for (const piece of [`[${Array(count).fill(PLAIN).join(',')}]`, ...behind])
        await writer.write(Buffer.from(piece));
      return writer.close({ id: 'a', ask } as Artifact);
    };
    const [stage] = await stagedWith(' ', '\n');
    expect(stage!.totals).toMatchObject({ read: count, slices: [{ rows: count, rejects: 0 }] });
    await stage!.discard();
    for (const behind of [[], [' '], [' ', '\n']]) {
      await expect(stagedWith(...behind, `[${PLAIN}]`)).rejects.toThrow(/trailing data/);
    }
    expect(own.files()).toEqual([]);
  },
);

test('a reader that fails takes no other with it, and is not used again', async () => {
  const other = Machine.take();
  await other.begin(false, [], Buffer.alloc(0));
  const broken = Machine.take();
  const tooMuch = Buffer.allocUnsafeSlow(1 << 30);
  await expect(broken.read(false, [], [tooMuch])).rejects.toThrow(expect.objectContaining({ code: 'E_BUG' }));
  broken.release();
  await expect(broken.cells()).rejects.toThrow(expect.objectContaining({ code: 'E_BUG' }));
  expect(await other.cells()).toMatchObject({ records: 0 });
  other.release();
  expect(await read(`[${PLAIN}]`)).toMatchObject({ rows: [1] });
});

test('a writer that is given up gives its reader back, whatever it is doing', async () => {
  const mine = Machine.take();
  mine.release();
  const request = { artifactId: 'a', ask, tables: [table], format: 'array', policy: EVOLVE } as const;
  for (const isWhole of [false, true]) {
    const writer = bench.stager.open(request, testCtx());
    for (let i = 0; i < 20; i += 1) await writer.write(Buffer.from(`${i === 0 ? '[' : ','}${PLAIN}`));
    if (isWhole) await writer.write(Buffer.from(']'));
    const closed = isWhole ? writer.close({ id: 'a', ask } as Artifact).catch(() => {}) : undefined;
    await writer.abort();
    await closed;
    const taken = Machine.take();
    expect(taken).toBe(mine);
    taken.release();
  }
  expect(await read(`[${PLAIN}]`)).toMatchObject({ rows: [1] });
});
