import { distance } from 'fastest-levenshtein';

/**
 * The source's name in snake_case. A word starts at a capital after a small letter or digit, at
 * a digit after a letter, and at the last capital of a run that goes on in small letters:
 * `attributedConversions14dSameSKU` → `attributed_conversions_14d_same_sku`.
 */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Za-z])(\d)/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** The candidate a typing error away from `word`, if one is near enough to be meant. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const d = distance(word.toLowerCase(), candidate.toLowerCase());
    if (d < least) [best, least] = [candidate, d];
  }
  return best;
}

/** Whether `name` fits one of the globs (`*` any run of characters); `!glob` takes names out again. */
export function matchesGlobs(name: string, globs: readonly string[]): boolean {
  let matched = globs.length > 0 && globs.every((glob) => glob.startsWith('!'));
  for (const glob of globs) {
    const negative = glob.startsWith('!');
    if (globPattern(negative ? glob.slice(1) : glob).test(name)) matched = !negative;
  }
  return matched;
}

function globPattern(glob: string): RegExp {
  return new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*/g, '.*')
      .replace(/\?/g, '.')}$`,
    's',
  );
}
