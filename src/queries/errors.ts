import { asMillpondError, isOutOfMemory, MillpondError, messageOf } from '../base/errors.js';

/** Where in a text a character stands, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Line and column of a character offset. */
export function positionOf(sql: string, offset: number): Position {
  const before = sql.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/**
 * What DuckDB says of a query, as one line in its own words with line and column, where it names
 * them. Errors that are not about the query (a full disk) keep their code.
 */
export function queryError(error: unknown): MillpondError {
  if (error instanceof MillpondError) return error;
  const isTooMuch = isOutOfMemory(error);
  const known = asMillpondError(error);
  // What a query asks for is not the configuration's fault.
  if (known.code !== 'E_BUG' && !isTooMuch) return known;
  const text = messageOf(error).replace(/^Failed to extract statements: /, '');
  if (/^(INTERRUPT Error|Interrupted)/i.test(text)) {
    return new MillpondError('E_INTERRUPTED', 'The query was interrupted', {
      hint: 'Nothing was changed.',
      cause: error,
    });
  }
  const { message, position } = splitMessage(text);
  const forbidden =
    /^Permission Error|cannot execute .* in read-only mode|attached in read-only mode|configuration has been locked|disabled by configuration/i;
  return new MillpondError(
    forbidden.test(text) ? 'E_QUERY_FORBIDDEN' : 'E_QUERY',
    position ? `${message} (line ${position.line}, column ${position.column})` : message,
    {
      cause: error,
      ...(position ? { at: { ...position } } : {}),
      ...(isTooMuch ? { hint: 'Raise `memory` in the configuration, or ask for less at once.' } : {}),
    },
  );
}

/** DuckDB ends a message with `LINE 3: …` and a caret below; long lines are cut, which moves the caret. */
function splitMessage(text: string): { message: string; position: Position | undefined } {
  const match = /\n\s*\nLINE (\d+): (.*)\n( *)\^/s.exec(text);
  const message = (match ? text.slice(0, match.index) : text).replace(/\s*\n\s*/g, ' ').trim();
  if (!match) return { message, position: undefined };
  const [, line = '', excerpt = '', indent = ''] = match;
  if (excerpt.startsWith('...')) return { message: `${message} (line ${line})`, position: undefined };
  return { message, position: { line: Number(line), column: indent.length - `LINE ${line}: `.length + 1 } };
}
