import { literal } from '../../base/duckdb/quote.js';
import { jsonText } from '../cells.js';
import type { CellRule } from './rule.js';

/** Any JSON, as compact text: numbers spelled as the source spelled them. */
export const jsonRule: CellRule<string> = {
  judge: jsonText,
  text: (value) => value,
  shape: 'VARCHAR',
  sqlType: 'JSON',
  value: (text) => `${text}::JSON`,
  needsJson: true,
  // DuckDB writes JSON anew, numbers that are no integers from a double and minus zero as zero: plain
  // is what holds neither, or what stands in the record to the letter, at the one place that can be meant.
  plain: ({ json, record, source }) => {
    const member = literal(`${JSON.stringify(source)}:`);
    return (
      `CASE WHEN regexp_matches(${json}, '(?i)nan|inf') THEN false` +
      ` WHEN NOT regexp_matches(${json}, '[0-9][.eE]') AND NOT regexp_matches(${record}, '-0[],}\\s]') THEN true` +
      ` ELSE (starts_with(${json}, '{') OR starts_with(${json}, '['))` +
      ` AND len(string_split(${record}, ${member})) = 2 AND contains(${record}, ${member} || ${json}) END`
    );
  },
};
