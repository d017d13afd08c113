/** Where Amazon Ads lives, and where its links may lead. */

import { isSafeAddress } from '../../base/addresses.js';

export const REGIONS = ['na', 'eu', 'fe'] as const;
export type Region = (typeof REGIONS)[number];

/** Amazon's own hosts by region: North America, Europe, Far East. */
export const AMAZON: Readonly<Record<Region, { readonly api: string; readonly token: string }>> = {
  na: { api: 'https://advertising-api.amazon.com', token: 'https://api.amazon.com/auth/o2/token' },
  eu: { api: 'https://advertising-api-eu.amazon.com', token: 'https://api.amazon.co.uk/auth/o2/token' },
  fe: { api: 'https://advertising-api-fe.amazon.com', token: 'https://api.amazon.co.jp/auth/o2/token' },
};

/** Whether the address is one of Amazon's own API hosts. */
export function isAmazonApi(url: URL): boolean {
  return Object.values(AMAZON).some(({ api }) => new URL(api).host === url.host);
}

/** Amazon's S3 in all its spellings: `bucket.s3.amazonaws.com`, `s3-us-west-2.…`, `bucket.s3.eu-west-1.…`. */
const S3 = /^(?:[a-z0-9][a-z0-9._-]*\.)?s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com$/;

/**
 * Tells whether a link in an answer may be followed.
 * @param hosts `host` (any port) or `host:port`; absent: Amazon's own storage, over https.
 */
export function linkPolicy(hosts: readonly string[] | undefined): (url: URL) => boolean {
  if (!hosts)
    return (url) => isSafeAddress(url) && url.protocol === 'https:' && url.port === '' && S3.test(url.hostname);
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  return (url) => {
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    return isSafeAddress(url) && (allowed.has(url.hostname) || allowed.has(`${url.hostname}:${port}`));
  };
}
