import { AssertionError } from 'node:assert';
import { describe, expect, it } from 'vitest';
import {
  type ConnectorBench,
  connectorChecks,
  connectorSaboteurs,
  type OpenBench,
  sabotaged,
} from '../../src/contracts/conformance/index.js';
import { CLIENT_SECRET, configFor, openTrial, PROFILE, REFRESH_TOKEN, startAmazon } from './amazon.js';
import { openPagedBench } from './paged.js';
import { openPartnerBench } from './partner.js';
import { sendJson } from './server.js';

const TRIED = [
  'profiles',
  'sp_campaigns_snapshot',
  'sb_campaigns_report_v2',
  'sd_targets_report_v2',
  'sp_asins_report_v2',
];

async function openAmazonBench(): Promise<ConnectorBench> {
  const amazon = await startAmazon();
  const source = await openTrial(configFor(amazon));
  return {
    source,
    secrets: [CLIENT_SECRET, REFRESH_TOKEN, 'Atza|trial-token-1'],
    wants(dataset) {
      if (!TRIED.includes(dataset.name)) return [];
      const slices = (names: readonly string[]) =>
        names.map((slice) => ({ dataset: dataset.name, scope: PROFILE, slice }));
      const { slicing } = dataset;
      if (slicing.kind !== 'day') return slices(['2026-11-02']);
      const days = ['2026-10-31', '2026-11-01', '2026-10-05'];
      return slices(
        slicing.parts.length === 0 ? days : days.flatMap((day) => slicing.parts.map((part) => `${day}/${part}`)),
      );
    },
    requests: () => [
      ...amazon.api.received.map((request) => ({ ...request, download: false })),
      ...amazon.s3.received.map((request) => ({ ...request, url: amazon.s3.url + request.url, download: true })),
    ],
    jobsMade: () => [...amazon.jobs],
    stall() {
      amazon.intercept = () => true;
    },
    expireNextLink() {
      const usual = amazon.s3.handle;
      amazon.s3.handle = (_request, response) => {
        amazon.s3.handle = usual;
        sendJson(response, 403, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>');
      };
    },
    echo() {
      amazon.intercept = (request, response) => {
        sendJson(response, 400, {
          code: '400',
          details: `${JSON.stringify(request.headers)} ${REFRESH_TOKEN} ${CLIENT_SECRET}`,
        });
        return true;
      };
    },
    async close() {
      await source.close();
      await amazon.close();
    },
  };
}

const benches: [string, OpenBench, readonly string[]][] = [
  ['amazon-ads', openAmazonBench, ['job', 'direct', 'scopes']],
  ['partner-central', openPartnerBench, ['direct', 'repeatPages', 'noScopes']],
  ['a paged source', openPagedBench, ['direct', 'repeatPages', 'scopes']],
];

describe.each(benches)('%s', (_name, open, able) => {
  for (const check of connectorChecks) it(check.name, () => check.run(open));

  for (const saboteur of connectorSaboteurs.filter(({ needs }) => !needs || able.includes(needs))) {
    it(`the suite catches one that ${saboteur.name}`, async () => {
      const betrayed = connectorChecks.find((check) => check.name === saboteur.betrays);
      const error = await betrayed?.run(sabotaged(open, saboteur)).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(AssertionError);
    });
  }
});

it('every saboteur was tried on one of them', () => {
  const able = new Set(benches.flatMap(([, , can]) => can));
  expect(connectorSaboteurs.filter(({ needs }) => needs && !able.has(needs))).toEqual([]);
});
