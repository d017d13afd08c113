import { literal } from '../../base/duckdb/quote.js';
import { plainText } from '../cells.js';
import type { CellRule } from './rule.js';

/** Text as it is. A number or boolean keeps the source's spelling, an object or array its JSON text. */
export const varcharRule: CellRule<string> = {
  judge: plainText,
  text: (value) => value,
  shape: 'VARCHAR',
  sqlType: 'VARCHAR',
  value: (text) => text,
  // `json_transform` spells numbers anew unless they are integers (and minus zero even then), and
  // hides whether `{…}`, `007` or a bare NaN was text. Characters from '-' to '9' begin every number.
  plain: ({ text, record, object, source }) =>
    `CASE WHEN ${text} >= '-' AND ${text} < ':' THEN CASE` +
    ` WHEN ${text} = '0' THEN NOT contains(${record}, '-0') OR NOT regexp_matches(${record}, '-0[],}\\s]')` +
    ` WHEN TRY_CAST(${text} AS DOUBLE) IS NULL OR TRY_CAST(${text} AS BIGINT)::VARCHAR = ${text} THEN true` +
    ` ELSE ${isText(object, source)} END` +
    ` WHEN starts_with(${text}, '{') OR starts_with(${text}, '[') THEN ${isText(object, source)}` +
    // Lengths first: they cost next to nothing, and CASE asks the rest of few.
    ` WHEN strlen(${text}) = 3 OR strlen(${text}) = 8 THEN` +
    ` CASE WHEN lower(${text}) IN ('nan', 'inf', 'infinity') THEN ${isText(object, source)} ELSE true END ELSE true END`,
};

/**
 * SQL: whether a member of the record is a JSON string, for texts that look like something else are
 * common: `[EU] shoes`, a book's ASIN such as `0306406152`.
 */
function isText(object: string, source: string): string {
  return /^\w+$/.test(source) ? `json_type(${object}, ${literal(`$.${source}`)}) = 'VARCHAR'` : 'false';
}
