import type { Product } from '../types.js';
import type { EntityKind } from './entities.js';
import { METRIC_NAMES } from './metric-names.js';

/** A v2 report that can be asked for. */
export interface ReportKind {
  /** Millpond's name of it. */
  readonly dataset: string;
  readonly product: Product;
  /** As it stands in the path: `productAds`. */
  readonly recordType: string;
  readonly segment: string | null;
  /** What one row (before segments) is about. */
  readonly entity: EntityKind;
  /** Columns that come whether asked for or not. */
  readonly unasked: readonly string[];
  /** Metrics by part: `''` where there is one part only, else `plain` and `video`. */
  readonly metrics: Readonly<Record<string, readonly string[]>>;
}

/** A v2 snapshot that can be asked for. */
export interface SnapshotKind {
  readonly dataset: string;
  readonly product: Product;
  readonly recordType: string;
}

const ENTITY_OF: Readonly<Record<string, EntityKind>> = {
  campaigns: 'campaign',
  adGroups: 'adGroup',
  keywords: 'keyword',
  targets: 'target',
  productAds: 'ad',
  ads: 'ad',
  asins: 'ad',
};

const SNAPSHOT_TYPES: Readonly<Record<Product, readonly string[]>> = {
  sp: [
    ...['campaigns', 'adGroups', 'keywords', 'negativeKeywords', 'campaignNegativeKeywords'],
    ...['productAds', 'targets', 'negativeTargets'],
  ],
  sb: ['campaigns', 'keywords'],
  sd: ['campaigns', 'adGroups', 'productAds', 'targets'],
};

/** `matchedTarget` → `matched_target` */
const words = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

function reportKinds(product: Product): ReportKind[] {
  const names = Object.keys(METRIC_NAMES[product]).filter((name) => !name.includes('/'));
  return names.map((name): ReportKind => {
    const [recordType = '', segment = null] = name.split('+');
    const entity = ENTITY_OF[recordType] as EntityKind;
    const plain = METRIC_NAMES[product][name] as readonly string[];
    const video = METRIC_NAMES[product][`${name}/video`];
    // Amazon's pages list what is "added by default"; for Sponsored Display, nothing.
    const ownId = recordType === 'asins' || recordType === 'ads' ? [] : [`${entity}Id`];
    return {
      dataset: `${product}_${words(recordType)}${segment ? `_${words(segment)}` : ''}_report_v2`,
      product,
      recordType,
      segment,
      entity,
      unasked: product === 'sd' ? (segment ? [segment] : []) : [...ownId, ...(segment ? [segment] : [])],
      metrics: video ? { plain, video } : { '': plain },
    };
  });
}

/** Every v2 report. */
export const REPORTS: readonly ReportKind[] = (['sp', 'sb', 'sd'] as const).flatMap(reportKinds);

/** Every v2 snapshot. */
export const SNAPSHOTS: readonly SnapshotKind[] = (['sp', 'sb', 'sd'] as const).flatMap((product) =>
  SNAPSHOT_TYPES[product].map((recordType) => ({
    dataset: `${product}_${words(recordType)}_snapshot`,
    product,
    recordType,
  })),
);

/** Sponsored Display's tactics, one report each. */
export const TACTICS = ['T00020', 'T00030'] as const;

/**
 * The populations that one request of a report sees: `all` is both creatives of Sponsored Brands,
 * no part at all everything there is.
 */
export function partsIn(kind: ReportKind, part?: string): readonly string[] {
  if (kind.product === 'sb') return part === undefined || part === 'all' ? ['plain', 'video'] : [part];
  if (kind.product === 'sp' && kind.recordType === 'asins') return part ? [part] : ['keywords', 'targets'];
  return [''];
}

/** The metrics that a population has: a plain creative has no video's, nor the other way round. */
export function metricsOf(kind: ReportKind, part: string): readonly string[] {
  const metrics = kind.metrics[part] ?? kind.metrics[''];
  if (!metrics) throw new RangeError(`${kind.dataset} has no part ${part}`);
  return metrics;
}
