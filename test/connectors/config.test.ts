import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isSafeAddress } from '../../src/base/addresses.js';
import { amazonAdsConfig } from '../../src/connectors/amazon-ads/config.js';
import { isAmazonApi, linkPolicy } from '../../src/connectors/amazon-ads/hosts.js';

const LEAST = { client_id: 'id', client_secret: 'secret', refresh_token: 'token', region: 'eu' };
const problems = (more: Record<string, unknown>) => {
  const read = amazonAdsConfig.safeParse({ ...LEAST, ...more });
  return read.success ? [] : read.error.issues.map((issue) => issue.path.join('.'));
};

describe('configuration', () => {
  it('needs four keys and fills in the rest', () => {
    expect(amazonAdsConfig.parse(LEAST)).toEqual({
      ...LEAST,
      profiles: {},
      endpoints: {},
      poll: { first: 5000, max: 120_000, deadline: 6 * 3_600_000, give_up: 24 * 3_600_000 },
      limits: { requests_per_second: 5, jobs_in_flight: 50 },
    });
  });

  it('takes profile ids as numbers, big integers and text, and never through a rounded number', () => {
    const ids = [111, 9007199254740993n, '144170583660124565'];
    expect(amazonAdsConfig.parse({ ...LEAST, profiles: { ids } }).profiles.ids).toEqual([
      '111',
      '9007199254740993',
      '144170583660124565',
    ]);
    // biome-ignore lint/correctness/noPrecisionLoss: that it is lost is the point
    expect(problems({ profiles: { ids: [9007199254740993] } })).toEqual(['profiles.ids.0']);
    expect(problems({ profiles: { ids: ['12a', 1.5, null] } })).toEqual([
      'profiles.ids.0',
      'profiles.ids.1',
      'profiles.ids.2',
    ]);
  });

  it('refuses unknown keys, regions, units and plain http beyond this machine', () => {
    expect(problems({ regoin: 'na' })).toEqual(['']);
    expect(problems({ region: 'us' })).toEqual(['region']);
    expect(problems({ poll: { first: '5 parsecs' } })).toEqual(['poll.first']);
    expect(problems({ limits: { requests_per_second: 0 } })).toEqual(['limits.requests_per_second']);
    expect(problems({ endpoints: { api: 'http://ads.example.com' } })).toEqual(['endpoints.api']);
    expect(problems({ endpoints: { api: 'https://user:pw@ads.example.com' } })).toEqual(['endpoints.api']);
    expect(problems({ endpoints: { api: 'http://127.0.0.1:1', token: 'http://[::1]:2/token' } })).toEqual([]);
    expect(problems({ download_hosts: ['http://x/y'] })).toEqual(['download_hosts.0']);
  });

  it('makes a JSON Schema in which every key is described', () => {
    const schema = z.toJSONSchema(amazonAdsConfig, { io: 'input' }) as {
      properties: Record<string, { description?: string }>;
    };
    for (const [key, value] of Object.entries(schema.properties)) expect(value.description, key).toBeTruthy();
  });
});

describe('hosts', () => {
  const url = (text: string) => new URL(text);

  it('tells safe addresses from others', () => {
    for (const safe of ['https://x.example', 'http://localhost:1', 'http://127.5.6.7', 'http://[::1]:9/a']) {
      expect(isSafeAddress(url(safe)), safe).toBe(true);
    }
    for (const unsafe of [
      'http://x.example',
      'http://127.0.0.1.example',
      'ftp://127.0.0.1',
      'https://u:p@x.example',
      'http://10.0.0.1',
      'http://0.0.0.0',
    ]) {
      expect(isSafeAddress(url(unsafe)), unsafe).toBe(false);
    }
    expect(isAmazonApi(url('https://advertising-api-fe.amazon.com/x'))).toBe(true);
    expect(isAmazonApi(url('https://advertising-api.amazon.com.example'))).toBe(false);
  });

  it("allows Amazon's storage by default, over https", () => {
    const allows = linkPolicy(undefined);
    for (const good of [
      'https://bucket.s3.amazonaws.com/k?X-Amz-Signature=1',
      'https://s3.amazonaws.com/bucket/k',
      'https://sandboxreports.s3-us-west-2.amazonaws.com/k',
      'https://a.b.s3.eu-west-1.amazonaws.com/k',
      'https://b.s3.dualstack.us-east-1.amazonaws.com/k',
    ]) {
      expect(allows(url(good)), good).toBe(true);
    }
    for (const bad of [
      'http://bucket.s3.amazonaws.com/k',
      'https://bucket.s3.amazonaws.com.example/k',
      'https://s3.amazonaws.com:8443/k',
      'https://ec2.amazonaws.com/k',
      'https://evils3.amazonaws.com/k',
      'http://127.0.0.1/k',
    ]) {
      expect(allows(url(bad)), bad).toBe(false);
    }
  });

  it('allows exactly the hosts named, plain http only to this machine', () => {
    const allows = linkPolicy(['127.0.0.1:8702', 'Files.example']);
    expect(allows(url('http://127.0.0.1:8702/k'))).toBe(true);
    expect(allows(url('https://files.example/k'))).toBe(true);
    expect(allows(url('http://files.example/k'))).toBe(false);
    expect(allows(url('http://127.0.0.1:8703/k'))).toBe(false);
    expect(allows(url('https://bucket.s3.amazonaws.com/k'))).toBe(false);
  });
});
