import { asMillpondError } from '../../base/errors.js';
import type { CheckLine, Ctx } from '../../contracts/index.js';
import type { AdsApi } from './api.js';
import type { ProfileList } from './profile-list.js';

/** What `millpond check` says of a connection: login, API, then a line for each profile. */
export async function* checkConnection(
  api: AdsApi,
  hosts: { readonly api: URL; readonly token: URL },
  ctx: Ctx,
): AsyncGenerator<CheckLine> {
  const login = await attempt(() => api.login(ctx));
  yield lineOf('login', login, () => `access token from ${hosts.token.host}`);
  if ('failure' in login) return;
  const seen = await attempt(() => api.profiles(ctx));
  yield lineOf('api', seen, (list) => `${hosts.api.host} shows ${list.visible.length} profiles`);
  if ('failure' in seen) return;
  yield* profileLines(seen.value);
}

function* profileLines(list: ProfileList): Generator<CheckLine> {
  for (const { scope } of list.profiles) {
    const { name, country, currency, type, subType } = scope.facts;
    const about = [name ?? 'no name', country, currency, scope.timezone, subType ? `${type} ${subType}` : type];
    yield { ok: true, what: `profile ${scope.id}`, detail: about.filter(Boolean).join(' · ') };
  }
  for (const id of list.missing) {
    yield {
      ok: false,
      what: `profile ${id}`,
      detail: 'named under profiles.ids, but not shown to this account in this region',
      remedy: 'Correct the id or the region, or ask the owner for view access.',
      code: 'E_PROFILE_UNKNOWN',
    };
  }
  const filtered = list.visible.length - list.profiles.length;
  if (filtered > 0)
    yield { ok: true, what: 'profiles', detail: `${filtered} more left out by the connection's filters` };
  if (list.visible.length === 0) {
    yield {
      ok: false,
      what: 'profiles',
      detail: 'this account may view no profile in this region',
      remedy: 'Check `region`, and that the user behind the refresh token has access to an advertiser.',
      code: 'E_PROFILE_UNKNOWN',
    };
  }
}

type Attempt<T> = { readonly value: T } | { readonly failure: ReturnType<typeof asMillpondError> };

async function attempt<T>(call: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    return { failure: asMillpondError(error) };
  }
}

function lineOf<T>(what: string, result: Attempt<T>, detail: (value: T) => string): CheckLine {
  if ('value' in result) return { ok: true, what, detail: detail(result.value) };
  const { failure } = result;
  return { ok: false, what, detail: failure.message, remedy: failure.hint, code: failure.code };
}
