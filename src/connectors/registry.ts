import type { Connector } from '../contracts/index.js';
import { amazonAds } from './amazon-ads/index.js';

/** Every connector there is; a new one is its folder and a line here. */
export const connectors: readonly Connector[] = [amazonAds as Connector];

/** The connector of that name, if there is one. */
export function connectorNamed(name: string): Connector | undefined {
  return connectors.find((connector) => connector.name === name);
}
