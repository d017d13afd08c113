/** A string, or a sign that structures JSON. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|[[\]{},:]/gs;

/**
 * The members of a JSON object, each as the text it has there, untouched.
 * @throws SyntaxError where it is no JSON object.
 */
export function members(text: string): Map<string, string> {
  if (!/^\s*\{/.test(text)) throw new SyntaxError('not an object');
  const found = new Map<string, string>();
  let name: string | undefined;
  for (const part of parts(text)) {
    if (part.end === ':') name = JSON.parse(part.text) as string;
    else if (name !== undefined) {
      found.set(name, part.text);
      name = undefined;
    }
  }
  return found;
}

/**
 * The elements of a JSON array, each as the text it has there, untouched.
 * @throws SyntaxError where it is no JSON array.
 */
export function elements(text: string): string[] {
  if (!/^\s*\[/.test(text)) throw new SyntaxError('not an array');
  return [...parts(text)].map((part) => part.text).filter((element) => element !== '');
}

/** JSON on one line: a line's end can stand in it between values only. */
export function oneLine(text: string): string {
  return /[\r\n]/.test(text) ? text.replace(/[\r\n]+/g, ' ') : text;
}

/** What stands between the outermost brackets, cut at its commas and colons; `end` is the sign it ends with. */
function* parts(text: string): Generator<{ readonly text: string; readonly end: string }> {
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(TOKENS)) {
    const closes = token === ']' || token === '}';
    if (token === '[' || token === '{') {
      depth++;
      if (depth === 1) start = index + 1;
    } else if (closes) depth--;
    const cuts = (depth === 1 && (token === ',' || token === ':')) || (depth === 0 && closes);
    if (!cuts) continue;
    yield { text: text.slice(start, index).trim(), end: token };
    start = index + 1;
    if (depth === 0) return;
  }
}
