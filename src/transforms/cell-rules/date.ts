import { isDay } from '../../base/days.js';
import { JsonNumber } from '../cells.js';
import { Misfit } from '../reasons.js';
import type { CellRule } from './rule.js';

const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;

/** A day that exists, `2026-11-01` or `20261101` (also as a number); its value is `2026-11-01`. */
export const dateRule: CellRule<string> = {
  judge(cell) {
    const text = cell instanceof JsonNumber ? cell.text : cell;
    if (typeof text !== 'string') return new Misfit(cell, 'is no day');
    const day = text.replace(COMPACT, '$1-$2-$3');
    if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return new Misfit(cell, 'is no day');
    return isDay(day) && day >= '0001' ? day : new Misfit(cell, 'is no day of the calendar');
  },
  text: (value) => value,
  shape: 'VARCHAR',
  sqlType: 'DATE',
  value: (text) =>
    `TRY_CAST(CASE WHEN strlen(${text}) = 8 THEN ${text}[1:4] || '-' || ${text}[5:6] || '-' || ${text}[7:8]` +
    ` ELSE ${text} END AS DATE)`,
  // A round trip, for the cast alone also takes 'epoch' and '2026-11-01 garbage'.
  plain: ({ text, value }) =>
    `CASE strlen(${text}) WHEN 10 THEN ${value}::VARCHAR = ${text}` +
    ` WHEN 8 THEN replace(${value}::VARCHAR, '-', '') = ${text} ELSE false END`,
};
