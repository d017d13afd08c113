import { type Becomes, reject, type TypePromise } from './promise.js';

const NO_WHOLE = reject('is no whole number');

/** An object; members that are not there are NULL, members that are not known are told of. */
export const STRUCT: TypePromise = {
  type: {
    struct: [
      { name: 'cell', source: 'cell', type: 'bigint' },
      { name: 'other_one', source: 'other', type: 'varchar' },
    ],
  },
  usual: ['{"cell":5}', '{ "cell" : 5 }'],
  cells: {
    '{}': { cell: null, other_one: null },
    '{"cell":5}': { cell: '5', other_one: null },
    '{ "cell" : 5 }': { cell: '5', other_one: null },
    '{"cell":5,}': { cell: '5', other_one: null },
    '{"cell":null}': { cell: null, other_one: null },
    '{"cell":null,"cell":5}': { cell: '5', other_one: null },
    '{"Cell":5}': { cell: null, other_one: null },
    '{"other":"x","new":1.50}': { cell: null, other_one: 'x' },
    '{"a":"\\u000b"}': { cell: null, other_one: null },
    '{"cell":{"cell":5}}': NO_WHOLE,
    '{"cell":5,"cell":5}': reject('has duplicate key cell'),
  },
  otherwise: reject('is no object'),
};

/** An array; its nulls are kept. */
export const LIST: TypePromise = {
  type: { list: 'bigint' },
  usual: ['[5]', '["5"]', '[]', '[null]'],
  cells: {
    '[]': [],
    '[5]': ['5'],
    '["5"]': ['5'],
    '[5,]': ['5'],
    '[ 5 , ]': ['5'],
    '[null]': [null],
    '[-0]': ['0'],
    '[[5]]': NO_WHOLE,
    '[5, 2.50]': NO_WHOLE,
    '[{"cell":5}]': NO_WHOLE,
    '[true]': NO_WHOLE,
  },
  otherwise: reject('is no list'),
};

const MONEY = 'decimal(18,6)';

/** A list of objects. */
export const LIST_OF_STRUCTS: TypePromise = {
  type: { list: { struct: [{ name: 'cell', source: 'cell', type: MONEY }] } },
  usual: ['[{"cell":5}]', '[{"cell":5.5},{"cell":"12.7"}]', '[]'],
  cells: {
    '[]': [],
    '[null]': [null],
    '[{"cell":5}]': [{ cell: '5.000000' }],
    '[{"cell":5.5},{"cell":"12.7"}]': [{ cell: '5.500000' }, { cell: '12.700000' }],
    '[{"cell":5},null,{}]': [{ cell: '5.000000' }, null, { cell: null }],
    '[{"cell":5},{"cell":1.1234567}]': reject('has more than 6 decimal places'),
    '[{"cell":5},{"cell":5,"cell":5}]': reject('has duplicate key cell'),
    '[5]': reject('is no object'),
    '["5"]': reject('is no object'),
    '[5,]': reject('is no object'),
    '[ 5 , ]': reject('is no object'),
    '[[5]]': reject('is no object'),
    '[5, 2.50]': reject('is no object'),
    '[-0]': reject('is no object'),
    '[true]': reject('is no object'),
  },
  otherwise: reject('is no list'),
};

/** An object of objects and lists, with days, moments and JSON at the leaves. */
export const STRUCT_OF_ALL: TypePromise = {
  type: {
    struct: [
      { name: 'cell', source: 'cell', type: { struct: [{ name: 'cell', source: 'cell', type: 'date' }] } },
      { name: 'lists', source: 'lists', type: { list: { list: 'timestamptz' } } },
      { name: 'payload', source: 'payload', type: 'json' },
      { name: 'empty', source: 'empty', type: 'decimal(33,2)', emptyIsNull: true },
    ],
  },
  usual: ['{"cell":{"cell":"2026-10-01"},"lists":[[1790812800000]]}', '{"cell":{"cell":"20261001"},"empty":"5.5"}'],
  cells: {
    '{"cell":{"cell":"2026-10-01"},"lists":[[1790812800000]]}': all({
      cell: { cell: '2026-10-01' },
      lists: [['2026-10-01 00:00:00+00']],
    }),
    '{"cell":{"cell":"20261001"},"empty":"5.5"}': all({ cell: { cell: '2026-10-01' }, empty: '5.50' }),
    '{"empty":"","lists":[[],null,[null]]}': all({ lists: [[], null, [null]] }),
    '{"payload":{"a":1.50,"b":[null,{"c":-0}],"a":null}}': all({ payload: '{"a":1.50,"b":[null,{"c":-0}],"a":null}' }),
    '{"payload":"","empty":null}': all({ payload: '""' }),
    '{}': all({}),
    '{"cell":null}': all({}),
    '{"Cell":5}': all({}),
    '{"other":"x","new":1.50}': all({}),
    '{"a":"\\u000b"}': all({}),
    '{"cell":5}': reject('is no object'),
    '{ "cell" : 5 }': reject('is no object'),
    '{"cell":5,}': reject('is no object'),
    '{"cell":null,"cell":5}': reject('is no object'),
    '{"cell":{"cell":5}}': reject('is no day'),
    '{"cell":5,"cell":5}': reject('has duplicate key cell'),
    '{"empty":" "}': reject('is no number'),
    '{"cell":{"cell":""}}': reject('is no day'),
    '{"lists":[[1790812800000],["2026-10-01"]]}': reject(
      'is no moment (epoch milliseconds, or ISO 8601 with an offset)',
    ),
    '{"lists":[1790812800000]}': reject('is no list'),
  },
  otherwise: reject('is no object'),
};

/** The members of {@link STRUCT_OF_ALL}: those that are not given are NULL. */
function all(given: Readonly<Record<string, Becomes>>): Becomes {
  return { cell: null, lists: null, payload: null, empty: null, ...given };
}
