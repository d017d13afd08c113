import { DECIMAL_18_6, DECIMAL_33_2 } from './decimals.js';
import { LIST, LIST_OF_STRUCTS, STRUCT, STRUCT_OF_ALL } from './nested.js';
import { BIGINT, DOUBLE } from './numbers.js';
import type { TypePromise } from './promise.js';
import { BOOLEAN, JSON_TEXT, VARCHAR } from './texts.js';
import { DATE, TIMESTAMPTZ } from './times.js';

export { LENIENT, MALFORMED } from './forms.js';
export { type Becomes, formsOf, promised, Reject, type TypePromise } from './promise.js';

/** What is promised of every column type. */
export const PROMISES: readonly TypePromise[] = [
  BIGINT,
  DECIMAL_18_6,
  DECIMAL_33_2,
  DOUBLE,
  BOOLEAN,
  VARCHAR,
  DATE,
  TIMESTAMPTZ,
  JSON_TEXT,
  STRUCT,
  LIST,
  LIST_OF_STRUCTS,
  STRUCT_OF_ALL,
];
