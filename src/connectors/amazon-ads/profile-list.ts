import { isTimezone } from '../../base/days.js';
import type { Scope } from '../../contracts/index.js';
import { member, textMember } from './answers.js';
import { oneCountry, type ProfileFilter } from './config.js';
import { arrayElements, idText, parseLossless } from './lossless-json.js';

/** A profile, as scope and as the text that the source sent. */
export interface Profile {
  readonly scope: Scope;
  /** The record's JSON, untouched. */
  readonly raw: string;
}

/** What a look at the account showed. */
export interface ProfileList {
  /** Those that the connection's filters let through, in the source's order. */
  readonly profiles: readonly Profile[];
  /** Ids named in the filter that the account does not show. */
  readonly missing: readonly string[];
  /** Ids of all that the account shows. */
  readonly visible: readonly string[];
  /** Profiles whose zone this runtime does not know: their days are taken in UTC. */
  readonly unknownZones: readonly string[];
}

/**
 * Reads the answer of `/v2/profiles`.
 * @throws SyntaxError where it is no JSON array.
 */
export function readProfiles(text: string, filter: ProfileFilter): ProfileList {
  const all = arrayElements(text).flatMap((raw) => {
    const record = parseLossless(raw);
    const id = idText(member(record, 'profileId'));
    return id === undefined ? [] : [{ record, profile: { raw, scope: scopeFrom(id, record) } }];
  });
  const visible = all.map(({ profile }) => profile.scope.id);
  return {
    profiles: all.map(({ profile }) => profile).filter(({ scope }) => passes(scope, filter)),
    missing: (filter.ids ?? []).filter((id) => !visible.includes(id)),
    visible,
    unknownZones: all
      .filter(({ record }) => !isTimezone(textMember(record, 'timezone') ?? ''))
      .map(({ profile }) => profile.scope.id),
  };
}

function scopeFrom(id: string, record: unknown): Scope {
  const account = member(record, 'accountInfo');
  const named = textMember(record, 'timezone');
  const timezone = named && isTimezone(named) ? named : 'UTC';
  const facts = {
    name: textMember(account, 'name') ?? null,
    country: textMember(record, 'countryCode') ?? null,
    currency: textMember(record, 'currencyCode') ?? null,
    type: textMember(account, 'type') ?? null,
    subType: textMember(account, 'subType') ?? null,
    marketplace: textMember(account, 'marketplaceStringId') ?? null,
  };
  const about = [facts.country, facts.currency, timezone, facts.type].filter(Boolean).join(', ');
  return { id, timezone, label: `${facts.name ?? id} (${about})`, facts };
}

function passes(scope: Scope, filter: ProfileFilter): boolean {
  const { country, type } = scope.facts;
  return (
    (!filter.ids || filter.ids.includes(scope.id)) &&
    !filter.exclude?.includes(scope.id) &&
    (!filter.countries || filter.countries.includes(oneCountry(country ?? ''))) &&
    (!filter.types || filter.types.some((wanted) => wanted === type))
  );
}
