import { renderText } from './formats.js';
import type { OpenOptions } from './open.js';
import { runQuery } from './session.js';

/**
 * All rows of a small answer as objects, as `--format json` shows them: integers beyond 2^53 and
 * decimals are text.
 */
export async function queryRows<T>(sql: string, options: OpenOptions): Promise<T[]> {
  return runQuery(sql, options, async (result) => {
    let text = '';
    for await (const piece of renderText(result, 'json')) text += piece.text;
    return JSON.parse(text) as T[];
  });
}
