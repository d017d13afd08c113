import { MillpondError } from '../base/errors.js';
import { matchesGlobs, nearest } from '../base/names.js';
import type { Config, PipelineConfig } from '../config/types.js';

/**
 * Pipelines by name or glob, in the order of the configuration; none named: all.
 * @throws MillpondError `E_NOT_FOUND` naming the nearest right one.
 */
export function choosePipelines(config: Config, names: readonly string[]): PipelineConfig[] {
  const all = Object.values(config.pipelines);
  for (const name of names) {
    if (all.some((pipeline) => matchesGlobs(pipeline.name, [name]))) continue;
    const meant = nearest(
      name,
      all.map((pipeline) => pipeline.name),
    );
    throw new MillpondError('E_NOT_FOUND', `There is no pipeline ${name}${meant ? `; did you mean ${meant}?` : ''}`);
  }
  return names.length === 0 ? all : all.filter((pipeline) => matchesGlobs(pipeline.name, names));
}
