import { NUMBERS } from './forms.js';
import { reject, type TypePromise } from './promise.js';

/** JSON's true and false, and the texts that spell them so. */
export const BOOLEAN: TypePromise = {
  type: 'boolean',
  usual: ['true', 'false', '"true"'],
  cells: { true: true, false: false, '"true"': true, '"false"': false },
  otherwise: reject('is neither true nor false'),
};

/** Objects and arrays, white space and needless escapes removed; nothing else is changed. */
const COMPACT: Readonly<Record<string, string>> = {
  '{ "cell" : 5 }': '{"cell":5}',
  '{"cell":5,}': '{"cell":5}',
  '{"a":"\\u000b"}': '{"a":"\\u000B"}',
  '[5,]': '[5]',
  '[ 5 , ]': '[5]',
  '[5, 2.50]': '[5,2.50]',
};

/** Text as it is; a number as it is spelled; an object or array as JSON. */
export const VARCHAR: TypePromise = {
  type: 'varchar',
  usual: ['"text"', '"größe 😀"', '""', '5', '0', '"{"', '"007"', '"2026-10-01"'],
  cells: {
    ...Object.fromEntries(NUMBERS.map((number) => [number, number])),
    ...COMPACT,
    '""': '',
    '"null"': 'null',
    '"a\\u0000b"': 'a\0b',
    '"gr\\u00f6\\u00DFe \\ud83d\\ude00"': 'größe 😀',
    '"line\\nbreak"': 'line\nbreak',
  },
  otherwise: (form) => (form.startsWith('"') ? (JSON.parse(form) as string) : form),
};

/** Any JSON: nulls, duplicates and numbers as the source spelled them. */
export const JSON_TEXT: TypePromise = {
  type: 'json',
  usual: ['{"cell":5}', '[5]', '"text"', 'true', '{"cell":null}'],
  cells: {
    ...COMPACT,
    '"gr\\u00f6\\u00DFe \\ud83d\\ude00"': '"größe 😀"',
    '"\\u0035"': '"5"',
    '"\\/"': '"/"',
  },
  otherwise: (form) => form,
};
