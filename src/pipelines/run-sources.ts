import pLimit from 'p-limit';
import { MillpondError } from '../base/errors.js';
import { throwIfAborted } from '../base/retry.js';
import type { Ctx } from '../contracts/index.js';
import type { RunOptions } from './index.js';
import { everHeld, readSource, retiredError } from './plan-input.js';
import type { Session } from './session.js';
import type { OpenConnection } from './work-env.js';
import { openSource } from './workspace.js';

/** A connection of a run with what its source shows. */
export type OpenedConnection = Awaited<ReturnType<typeof readSource>> & {
  readonly connection: OpenConnection;
  /** Jobs between request and readiness. */
  readonly jobs: ReturnType<typeof pLimit>;
};

/**
 * Opens the connections of a run's pipeline. One that fails is told, and leaves the others running.
 * @throws MillpondError `E_CONFLICT` where two of them would fill the same slices.
 */
export async function openConnections(session: Session, options: RunOptions, ctx: Ctx): Promise<OpenedConnection[]> {
  const opened: OpenedConnection[] = [];
  const { pipeline, report } = session;
  for (const name of pipeline.connections) {
    try {
      const { source, timing, jobsInFlight } = await openSource(options.config, name);
      session.onEnd(() => source.close());
      const settings = options.config.connections[name]!;
      const read = await readSource(pipeline, settings, source, options.datasets, ctx);
      for (const selected of read.retired) report.failed([], retiredError(selected));
      const { schema } = settings;
      const scopes = new Map(read.planSource.scopes.map((scope) => [scope.id, scope]));
      opened.push({ ...read, connection: { name, schema, source, timing, scopes }, jobs: pLimit(jobsInFlight) });
    } catch (error) {
      throwIfAborted(ctx.signal);
      report.failed([], error);
    }
  }
  refuseSharedScopes(opened);
  return opened;
}

/** Which profiles two accounts share only the source can tell: one has to leave them out, or fill another schema. */
function refuseSharedScopes(connections: readonly OpenedConnection[]): void {
  const seen = new Map<string, string>();
  for (const { connection } of connections) {
    for (const id of connection.scopes.keys()) {
      const place = `${connection.schema}\0${id}`;
      const other = seen.get(place);
      if (other !== undefined) {
        const names = `${other} and ${connection.name}`;
        throw new MillpondError(
          'E_CONFLICT',
          `The connections ${names} both see ${id}; they would fill the same slices`,
          {
            hint: 'Let one of them exclude it (`profiles: { exclude: […] }`), or load them into sinks of their own.',
          },
        );
      }
      seen.set(place, connection.name);
    }
  }
}

/** Tells of profiles that the configuration names or a sink holds, but the source does not show. */
export function tellMissing({ sinks, report }: Session, { missing, visible, connection }: OpenedConnection): void {
  const states = sinks.map(({ holdings }) => holdings.of(connection.schema));
  for (const id of missing) {
    if (everHeld(states, id)) continue;
    report.failed([], new MillpondError('E_PROFILE_UNKNOWN', `Profile ${id} is not visible with these credentials`));
  }
  const gone = new Set(
    states
      .flatMap((state) => [...state.slices])
      .filter(({ dataset, scope }) => dataset === 'profiles' && !visible.has(scope))
      .map(({ scope }) => scope),
  );
  for (const id of gone) {
    const held = states
      .map((state) => state.held({ dataset: 'profiles', scope: id, slice: '' }, true))
      .find((slice) => slice);
    if (!held) continue;
    const key = { dataset: 'profiles', scope: id, slice: held.slice };
    report.of(connection.schema).gap(key, 'profile_gone', `Profile ${id} is no longer visible`);
  }
}
