import type { Connector } from '../../contracts/index.js';
import { NO_CALLER } from './caller.js';
import { amazonAdsConfig } from './config.js';
import { datasetsOf } from './datasets.js';
import { openSource } from './source.js';

/** The connector `amazon-ads`: profiles, v2 snapshots and v2 reports of the Amazon Ads API. */
export const amazonAds: Connector<typeof amazonAdsConfig> = {
  name: 'amazon-ads',
  schema: 'amazon_ads',
  config: amazonAdsConfig,
  secrets: ['client_secret', 'refresh_token'],
  datasets: datasetsOf(NO_CALLER),
  open: openSource,
};
