import type { Connector } from '../../contracts/index.js';
import { NO_CALLER } from './caller.js';
import { partnerCentralConfig } from './config.js';
import { datasetsOf } from './datasets.js';
import { makingRules } from './making/index.js';
import { openSource } from './source.js';

/** The connector `partner-central`: snapshots, engagements and opportunities of AWS Partner Central Selling. */
export const partnerCentral: Connector<typeof partnerCentralConfig> = {
  name: 'partner-central',
  schema: 'partner_central',
  config: partnerCentralConfig,
  secrets: ['secret_access_key', 'session_token'],
  datasets: datasetsOf(NO_CALLER),
  making: makingRules,
  open: openSource,
};
