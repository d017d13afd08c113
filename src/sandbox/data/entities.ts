import type { Product, SandboxProfile } from '../types.js';
import { hashOf, mix } from './random.js';
import { NAMES, numbered, type Phrase, QUERIES } from './text.js';

/** What an account is made of. */
export type EntityKind =
  | 'campaign'
  | 'adGroup'
  | 'keyword'
  | 'target'
  | 'ad'
  | 'negativeKeyword'
  | 'campaignNegativeKeyword'
  | 'negativeTarget'
  | 'portfolio';

/** Lengths of ids as seen: keyword ids have 18 digits, beyond 2^53; others are shorter. */
const DIGITS: Readonly<Record<Product, Partial<Record<EntityKind, number>>>> = {
  sp: { campaign: 15, adGroup: 17, keyword: 18, target: 17, ad: 15 },
  sb: { campaign: 17, adGroup: 18, keyword: 18, target: 18, ad: 18 },
  sd: { campaign: 18, adGroup: 15, target: 18, ad: 17 },
};

/** How many of a kind hang on one parent, on average. */
const FAN: Partial<Record<EntityKind, number>> = {
  adGroup: 2,
  keyword: 3,
  target: 3,
  ad: 2,
  negativeKeyword: 4,
  campaignNegativeKeyword: 2,
  negativeTarget: 4,
};

const STATES = ['enabled', 'paused', 'archived'] as const;

/**
 * The entities of one profile and product, each a pure function of its index: nothing is kept,
 * so an account can be as large as one likes. There are {@link Account.size} of every kind.
 */
export class Account {
  readonly profile: SandboxProfile;
  readonly product: Product;
  readonly size: number;
  readonly #seed: number;
  readonly #ids = new Map<EntityKind, { high: number; offset: number }>();

  constructor(seed: number, profile: SandboxProfile, product: Product, rows: number) {
    this.profile = profile;
    this.product = product;
    this.#seed = hashOf(seed, profile.profileId, product);
    // Between six and thirteen tenths of what was asked for.
    this.size = Math.max(1, Math.round((rows * (6 + (this.#seed % 8))) / 10));
  }

  /** Decimal text, unique within kind, product and profile. */
  id(kind: EntityKind, index: number): string {
    let part = this.#ids.get(kind);
    if (!part) {
      const unit = 10 ** ((DIGITS[this.product][kind] ?? 15) - 9);
      const hash = hashOf(this.#seed, 'id', kind);
      part = { high: unit * (1 + (hash % 8)) + (mix(hash) % unit), offset: mix(hash + 1) % 99_999_989 };
      this.#ids.set(kind, part);
    }
    // A prime modulus: the low eight digits never repeat below it.
    const low = (index * 48_271 + part.offset) % 99_999_989;
    return `${part.high + ((index * 31) % 1000)}${String(low).padStart(8, '0')}`;
  }

  /** Chance that belongs to one entity (and a purpose). */
  hash(kind: EntityKind, index: number, purpose = 0): number {
    return mix(this.#seed ^ mix(kind.charCodeAt(0) * 257 + kind.length + index * 4_099 + purpose));
  }

  /** Index of the ad group that a keyword, target or ad hangs on, or of an ad group's campaign. */
  parent(kind: EntityKind, index: number): number {
    // A Sponsored Brands report names its plain ads by ad group only: one ad each.
    if (kind === 'ad' && this.product === 'sb') return index;
    return Math.floor(index / (FAN[kind] ?? 1));
  }

  /** Index of the campaign that an entity belongs to. */
  campaignOf(kind: EntityKind, index: number): number {
    if (kind === 'campaign') return index;
    if (kind === 'adGroup' || kind === 'campaignNegativeKeyword') return this.parent(kind, index);
    return this.parent('adGroup', this.parent(kind, index));
  }

  /** A campaign's or ad group's name. */
  name(kind: 'campaign' | 'adGroup' | 'portfolio', index: number): Phrase {
    return numbered(NAMES, this.hash(kind, index, 1), index + 1);
  }

  keywordText(kind: EntityKind, index: number): Phrase {
    return numbered(QUERIES, this.hash(kind, index, 2), index + 1);
  }

  /** Ten characters, unique by index. */
  asin(index: number): string {
    const number = (index * 7_919 + (this.#seed % 1_000_003)) % 36 ** 8;
    return `B0${number.toString(36).toUpperCase().padStart(8, '0')}`;
  }

  sku(index: number): string | undefined {
    return this.profile.type === 'seller' ? `SKU-${this.hash('ad', index, 3).toString(36)}-${index}` : undefined;
  }

  /** The state on a day: an eighth of all entities changes it every fortnight. */
  state(kind: EntityKind, index: number, dayNumber: number): (typeof STATES)[number] {
    const hash = this.hash(kind, index, 4);
    const turns = hash % 8 === 0 ? Math.floor((dayNumber + (hash % 14)) / 14) : 0;
    const base = hash % 16 < 11 ? 0 : hash % 16 < 14 ? 1 : 2;
    return STATES[(base + turns) % 3] as (typeof STATES)[number];
  }

  /** Minor units on a day: a quarter of all campaigns is given another budget every week. */
  budget(index: number, dayNumber: number): number {
    const hash = this.hash('campaign', index, 5);
    const raised = hash % 4 === 0 ? Math.floor((dayNumber + (hash % 7)) / 7) % 5 : 0;
    return (1 + (hash % 400)) * (hash % 3 === 0 ? 100 : 25) + raised * 150 + 75;
  }

  /** Minor units. */
  bid(kind: EntityKind, index: number): number {
    return 2 + (this.hash(kind, index, 6) % 40) * 10;
  }

  /** Sponsored Brands: whether a campaign's creative is a video. */
  isVideo(campaign: number): boolean {
    return this.hash('campaign', campaign, 7) % 4 === 0;
  }

  /** Sponsored Display: a campaign's tactic. */
  tactic(campaign: number): 'T00020' | 'T00030' {
    return this.hash('campaign', campaign, 8) % 2 === 0 ? 'T00020' : 'T00030';
  }
}

/** Days since 1970 of `2026-10-01`. */
export function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 86_400_000;
}
