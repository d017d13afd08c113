import type { SandboxProfile } from '../types.js';
import { hashOf } from './random.js';

type Kind = Omit<SandboxProfile, 'profileId' | 'accountId'> & { readonly id?: string };

/**
 * One of every kind, the most useful first. Source of zones, currencies and marketplace ids:
 * Amazon's public list of marketplaces; Amsterdam stands where strict readers broke.
 */
const KINDS: readonly Kind[] = [
  {
    ...place('US', 'USD', 'America/Los_Angeles', 'ATVPDKIKX0DER'),
    type: 'seller',
    name: 'Millrace Outdoor',
    dailyBudget: '999999999.0',
    access: 'edit',
  },
  {
    ...place('UK', 'GBP', 'Europe/London', 'A1F83G8C2ARO7P'),
    id: '9223372036854770307',
    type: 'vendor',
    name: 'Weir & Sons "Home" \\ Garden',
    validPaymentMethod: true,
    access: 'edit',
  },
  {
    ...place('JP', 'JPY', 'Asia/Tokyo', 'A1VC38T7YXB528'),
    type: 'seller',
    name: '水車堂 🏮',
    dailyBudget: '5000',
    access: 'view',
  },
  {
    ...place('US', 'USD', 'America/Los_Angeles', 'ATVPDKIKX0DER'),
    type: 'vendor',
    subType: 'KDP_AUTHOR',
    name: 'A. N. Author',
    validPaymentMethod: true,
    access: 'edit',
  },
  {
    ...place('AE', 'AED', 'Asia/Dubai', 'A2VIGQ35RCS4UG'),
    id: '72057594037927939',
    type: 'seller',
    name: 'Falaj Trading',
    dailyBudget: '1500.5',
    access: 'edit',
  },
  {
    ...place('BR', 'BRL', 'America/Sao_Paulo', 'A2Q3Y263D00KWC'),
    type: 'seller',
    name: 'Açude Comércio\nLtda.',
    access: 'edit',
    refusesAllCreatives: true,
  },
  {
    ...place('NL', 'EUR', 'Europe/Amsterdam', 'A1805IZSGTT6HS'),
    type: 'vendor',
    name: 'Molenbeek B.V.',
    validPaymentMethod: false,
    access: 'view',
  },
  {
    ...place('US', 'USD', 'America/Los_Angeles', 'ATVPDKIKX0DER'),
    type: 'agency',
    name: 'Tailrace Media',
    access: 'edit',
  },
  { ...place('IN', 'INR', 'Asia/Kolkata', 'A21TJRUUN4KGV'), type: 'seller', name: 'Jal Chakki', access: 'edit' },
  { ...place('AU', 'AUD', 'Australia/Sydney', 'A39IBJ37TRP1C6'), type: 'seller', name: 'Billabong', access: 'edit' },
  { ...place('DE', 'EUR', 'Europe/Paris', 'A1PA6795UKMFR9'), type: 'vendor', name: 'Mühle GmbH', access: 'edit' },
  { ...place('CA', 'CAD', 'America/Los_Angeles', 'A2EUQ1WTGCTBG2'), type: 'seller', name: 'Étang', access: 'edit' },
  { ...place('SE', 'SEK', 'Europe/Stockholm', 'A2NODRKZP88ZB9'), type: 'seller', name: 'Kvarn', access: 'edit' },
];

function place(countryCode: string, currencyCode: string, timezone: string, marketplaceStringId: string) {
  return { countryCode, currencyCode, timezone, marketplaceStringId };
}

/** The first `count` profiles of a seed; beyond the list of kinds, sellers and vendors come round again. */
export function makeProfiles(seed: number, count: number): SandboxProfile[] {
  const again = KINDS.filter((kind) => kind.id === undefined && kind.type !== 'agency' && kind.subType === undefined);
  return Array.from({ length: count }, (_, i) => {
    const kind = KINDS[i] ?? (again[i % again.length] as Kind);
    const { id, ...rest } = kind;
    const hash = hashOf(seed, 'profile', i);
    return {
      ...rest,
      name: i < KINDS.length ? kind.name : `${kind.name} ${i + 1}`,
      // Sixteen digits below 2^53, the position in the middle of them: never twice the same.
      profileId: id ?? `1${String(hash % 1_000_000).padStart(6, '0')}${String(i).padStart(5, '0')}${hash % 9000}`,
      accountId:
        kind.type === 'vendor' ? `ENTITY${hash.toString(36).toUpperCase()}` : `A${hash.toString(36).toUpperCase()}`,
    };
  });
}

/** Digits after the point of a currency. */
export function currencyDigits(currency: string): 0 | 2 {
  return currency === 'JPY' ? 0 : 2;
}
