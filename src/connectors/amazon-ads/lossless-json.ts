/** A string, or a number, wherever one may begin in JSON. */
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;

/** From this many digits on an integer may not fit a JavaScript number exactly. */
const LONG = /^-?\d{16,}$/;

/**
 * Parses JSON without rounding: integers of 16 digits and more come as strings of digits.
 * @throws SyntaxError where it is no JSON.
 */
export function parseLossless(text: string): unknown {
  return JSON.parse(text.replace(STRING_OR_NUMBER, (token) => (LONG.test(token) ? `"${token}"` : token)));
}

/**
 * The elements of a JSON array, each as the text it has there, untouched.
 * @throws SyntaxError where it is no JSON array.
 */
export function arrayElements(text: string): string[] {
  if (!Array.isArray(JSON.parse(text))) throw new SyntaxError('not an array');
  const elements: string[] = [];
  let depth = 0;
  let start = text.indexOf('[') + 1;
  const cut = (end: number) => {
    const element = text.slice(start, end).trim();
    if (element) elements.push(element);
    start = end + 1;
  };
  for (const { 0: token, index } of text.matchAll(/"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},]/gs)) {
    if (token === '[' || token === '{') depth++;
    else if (token === ']' || token === '}') {
      depth--;
      if (depth === 0) cut(index);
    } else if (token === ',' && depth === 1) cut(index);
  }
  return elements;
}

/** An id in digits, of a number or a text; undefined for anything else. */
export function idText(value: unknown): string | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
