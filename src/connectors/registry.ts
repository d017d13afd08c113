import type { Connector } from '../contracts/index.js';
import { amazonAds } from './amazon-ads/index.js';
import { partnerCentral } from './partner-central/index.js';

/** Every connector there is; a new one is its folder and a line here. */
export const connectors: Connector[] = [amazonAds as Connector, partnerCentral as Connector];

/** The connector of that name, if there is one. */
export function connectorNamed(name: string): Connector | undefined {
  return connectors.find((connector) => connector.name === name);
}

/** Adds a connector of one's own, for library users; one of the same name is replaced. */
export function registerConnector(connector: Connector): void {
  const index = connectors.findIndex(({ name }) => name === connector.name);
  if (index < 0) connectors.push(connector);
  else connectors[index] = connector;
}
