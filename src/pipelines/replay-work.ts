import { asMillpondError, MillpondError } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import type { Artifact, Column, Table } from '../contracts/index.js';
import { formatSliceKey } from '../contracts/index.js';
import { commitSlices } from './commit-slices.js';
import type { ReplayItem, ReplaySlice } from './replay-plan.js';
import type { Selected } from './select.js';
import type { SessionEnv } from './session.js';
import { keptArtifact, withStagesOf } from './stage-artifacts.js';

/**
 * Stages the files of an item anew and commits its slices, whole. What becomes of them goes into
 * the report; nothing is thrown but interruption.
 * @returns slices whose files were pruned since they were planned.
 */
export async function replayItem(env: SessionEnv, item: ReplayItem): Promise<readonly ReplaySlice[]> {
  try {
    const artifacts = await Promise.all(item.files.map(({ path }) => keptArtifact(env, path)));
    await env.lanes.staging(() => replayArtifacts(env, item, artifacts));
    return [];
  } catch (thrown) {
    throwIfAborted(env.ctx.signal);
    const error = asMillpondError(thrown);
    if (error.code === 'E_ARTIFACT_MISSING') return item.slices;
    const keys = item.slices.map(({ key }) => key);
    env.report.failed(keys, withHint(error));
    return [];
  }
}

async function replayArtifacts(env: SessionEnv, item: ReplayItem, artifacts: readonly Artifact[]): Promise<void> {
  throwIfAborted(env.ctx.signal);
  const selected = asAsked(item, artifacts);
  const ask = { ...artifacts[0]!.ask, slices: item.slices.map(({ key }) => key) };
  const again = new Map(item.slices.map(({ key, ...facts }) => [formatSliceKey(key), facts]));
  await withStagesOf(env, selected, artifacts, (stages) =>
    commitSlices(env, { selected, ask, artifacts, stages, again }),
  );
}

/**
 * The dataset as the pipeline would ask for it today, and whatever else these files were asked
 * for: columns that the pipeline has dropped since keep their types.
 */
export function asAsked(
  { selected, requestFingerprint }: Pick<ReplayItem, 'selected' | 'requestFingerprint'>,
  artifacts: readonly Artifact[],
): Selected {
  const { dataset, request } = selected;
  const asked = new Set(artifacts.flatMap(({ ask }) => ask.columns));
  const tables = request.tables.map((table): Table => {
    const whole = dataset.tables.find(({ name }) => name === table.name) ?? table;
    const today = new Set(table.columns.map(({ name }) => name));
    const isMeant = ({ name, source }: Column) => today.has(name) || asked.has(source);
    return { ...table, columns: whole.columns.filter(isMeant) };
  });
  return { ...selected, request: { ...request, tables }, requestFingerprint };
}

/** Here no next run fetches the file again by itself. */
function withHint(error: MillpondError): MillpondError {
  if (!error.code.startsWith('E_ARTIFACT_')) return error;
  return new MillpondError(error.code, error.message, {
    cause: error,
    at: error.at,
    hint: 'What is held stays; `millpond run --reload` asks the source again.',
  });
}
