import { matchesGlobs } from '../base/names.js';

/** Whether a name passes a filter of globs; an empty one lets everything through. */
export function passes(name: string, globs: readonly string[]): boolean {
  return globs.length === 0 || matchesGlobs(name, globs);
}
