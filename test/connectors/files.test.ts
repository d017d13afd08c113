import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bytesOf } from '../../src/contracts/conformance/connector-trial.js';
import type { Source } from '../../src/contracts/index.js';
import { type Amazon, askFor, configFor, FILE, jobDataset, openTrial, startAmazon, trialCtx } from './amazon.js';
import { sendJson, startServer, type TestServer } from './server.js';

let amazon: Amazon;
let source: Source;
const others: TestServer[] = [];
beforeEach(async () => {
  amazon = await startAmazon();
  source = await openTrial(configFor(amazon));
});
afterEach(async () => {
  await source.close();
  await Promise.all([amazon, ...others.splice(0)].map((server) => server.close()));
});

const asOf = '2026-11-02T00:00:00.000Z';
function download(location?: string, signal?: AbortSignal) {
  const dataset = jobDataset(source, 'sp_campaigns_report_v2');
  const job = { id: 'amzn1.clicksAPI.v1.p1.5F', asOf, ...(location ? { data: { location } } : {}) };
  return dataset.fetch.download(askFor(dataset, '2026-10-01'), job, trialCtx(signal));
}
function poll() {
  const dataset = jobDataset(source, 'sd_campaigns_snapshot');
  return dataset.fetch.poll(askFor(dataset, '2026-11-02'), { id: 'amzn1.sdAPI.p1/x', asOf }, trialCtx());
}
/** Sends the downloads of the API elsewhere. */
function redirectTo(location: string, status = 307): void {
  amazon.intercept = (request, response) => {
    if (!request.url.endsWith('/download')) return false;
    response.writeHead(status, { location }).end();
    return true;
  };
}

describe('polling', () => {
  it('follows a job to its end', async () => {
    amazon.status = () => ({ status: 'IN_PROGRESS', statusDetails: 'Generating' });
    expect(await poll()).toEqual({ state: 'pending', detail: 'Generating' });
    amazon.status = () => ({ status: 'SUCCESS', location: '/sd/snapshots/x/download', fileSize: 7 });
    expect(await poll()).toEqual({ state: 'ready', bytes: 7, data: { location: '/sd/snapshots/x/download' } });
    amazon.status = () => ({ status: 'FAILURE', statusDetails: 'No data for this profile' });
    expect(await poll()).toEqual({ state: 'failed', reason: 'No data for this profile' });
    amazon.status = () => ({ status: 'SOMETHING_NEW' });
    expect(await poll()).toMatchObject({ state: 'pending' });
    expect(amazon.api.received.at(-1)!.url).toBe('/sd/snapshots/amzn1.sdAPI.p1%2Fx');
  });

  it('knows when a job is gone, by the clock of the server', async () => {
    amazon.status = () => ({ status: 'SUCCESS', expiration: Date.now() - 3_600_000 });
    expect(await poll()).toMatchObject({ state: 'gone' });
    amazon.status = () => ({ status: 'SUCCESS', expiration: Date.now() + 3_600_000 });
    expect(await poll()).toMatchObject({ state: 'ready' });
    amazon.intercept = (request, response) => {
      if (!request.url.startsWith('/sd/')) return false;
      sendJson(response, 404, { code: '404', details: 'Could not find snapshot' });
      return true;
    };
    expect(await poll()).toMatchObject({ state: 'gone' });
  });

  it('takes an answer without a status for what it is', async () => {
    amazon.status = () => ({});
    await expect(poll()).rejects.toMatchObject({ code: 'E_PROTOCOL' });
  });
});

describe('downloads', () => {
  it('come as they were sent, whatever the headers say', async () => {
    const body = await download();
    expect(body).toMatchObject({ format: 'array', length: FILE.length });
    const bytes = await bytesOf(body.stream);
    expect(bytes.equals(FILE)).toBe(true);
    expect(gunzipSync(bytes).toString()).toContain('144170583660124565');
  });

  it('carry nothing of ours to the storage', async () => {
    await bytesOf((await download()).stream);
    const { headers } = amazon.s3.received[0]!;
    expect(Object.keys(headers).sort()).toEqual(['connection', 'host', 'user-agent']);
  });

  it('follow a location on the API host only, else the documented path', async () => {
    await bytesOf((await download(`${amazon.api.url}/v1/reports/x/download?a=1`)).stream);
    expect(amazon.api.received.at(-1)!.url).toBe('/v1/reports/x/download?a=1');
    await bytesOf((await download('/v1/reports/y/download')).stream);
    expect(amazon.api.received.at(-1)!.url).toBe('/v1/reports/y/download');
    for (const foreign of [
      'https://advertising-api.amazon.com/v1/reports/x/download',
      'http://169.254.169.254/latest',
      'https://[',
    ]) {
      await bytesOf((await download(foreign)).stream);
      expect(amazon.api.received.at(-1)!.url).toBe('/v2/reports/amzn1.clicksAPI.v1.p1.5F/download');
    }
  });

  it('lead only where they may', async () => {
    const elsewhere = await startServer((_request, response) => void response.end('x'));
    others.push(elsewhere);
    for (const location of [
      `${elsewhere.url}/file`,
      'http://files.example/x',
      'https://evil.example/x',
      'file:///etc/passwd',
    ]) {
      redirectTo(location);
      await expect(download(), location).rejects.toMatchObject({
        code: 'E_UNTRUSTED_LINK',
        hint: expect.stringContaining('download_hosts'),
      });
    }
    amazon.intercept = () => false;
    amazon.s3.handle = (_request, response) =>
      void response.writeHead(307, { location: `${elsewhere.url}/file` }).end();
    await expect(download(), 'a link that leads on').rejects.toMatchObject({ code: 'E_UNTRUSTED_LINK' });
    expect(elsewhere.received).toEqual([]);
  });

  it('follow the storage from host to host, but not for ever', async () => {
    const usual = amazon.s3.handle;
    amazon.s3.handle = (request, response) =>
      request.url === '/there' ? usual(request, response) : void response.writeHead(301, { location: '/there' }).end();
    expect(await bytesOf((await download()).stream)).toEqual(FILE);
    amazon.s3.handle = (_request, response) => void response.writeHead(302, { location: '/again' }).end();
    await expect(download()).rejects.toMatchObject({ code: 'E_PROTOCOL' });
    redirectTo('');
    await expect(download()).rejects.toMatchObject({ code: 'E_PROTOCOL' });
  });

  it('ask for a fresh link when one has expired, and give the job up after three', async () => {
    const usual = amazon.s3.handle;
    amazon.link = '/old';
    amazon.s3.handle = (request, response) => {
      if (request.url !== '/old') return usual(request, response);
      amazon.link = '/new';
      sendJson(response, 403, '<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>');
    };
    expect(await bytesOf((await download()).stream)).toEqual(FILE);
    amazon.s3.handle = (_request, response) =>
      sendJson(response, 403, '<Error><Message>Request has expired</Message></Error>');
    const before = amazon.s3.received.length;
    await expect(download()).rejects.toMatchObject({
      code: 'E_JOB_GONE',
      message: expect.stringContaining('Request has expired'),
    });
    expect(amazon.s3.received.length - before).toBe(3);
    expect(amazon.jobs).toEqual([]);
  });

  it('are gone when the API no longer knows them', async () => {
    amazon.intercept = (request, response) => {
      if (!request.url.endsWith('/download')) return false;
      sendJson(response, 404, { code: '404', details: 'Report not found' });
      return true;
    };
    await expect(download()).rejects.toMatchObject({ code: 'E_JOB_GONE' });
  });

  it('may come from the API itself', async () => {
    amazon.intercept = (request, response) => {
      if (!request.url.endsWith('/download')) return false;
      response.writeHead(200).end(FILE);
      return true;
    };
    expect(await bytesOf((await download()).stream)).toEqual(FILE);
  });

  it('end with a code when they break off, stand still or are not wanted any more', async () => {
    const partly = (then: (response: Parameters<typeof sendJson>[0]) => void) => {
      amazon.s3.handle = (_request, response) => {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('half');
        then(response);
      };
    };
    partly((response) => setTimeout(() => response.destroy(), 20));
    await expect(download().then(({ stream }) => bytesOf(stream))).rejects.toMatchObject({ code: 'E_TRANSFER' });
    partly(() => {});
    await expect(download().then(({ stream }) => bytesOf(stream))).rejects.toMatchObject({ code: 'E_TIMEOUT' });
    const controller = new AbortController();
    const body = await download(undefined, controller.signal);
    setTimeout(() => controller.abort(), 30);
    await expect(bytesOf(body.stream)).rejects.toMatchObject({ code: 'E_INTERRUPTED' });
  });

  it('free their connection when they are dropped unread, and wait with an error until somebody reads', async () => {
    let closed = 0;
    amazon.s3.handle = (_request, response) => {
      response.on('close', () => closed++);
      response.writeHead(200, { 'content-length': 10_000_000 });
      response.write(Buffer.alloc(1_000_000));
    };
    const dropped = await download();
    dropped.stream.destroy();
    await expect.poll(() => closed).toBe(1);
    amazon.s3.handle = (_request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('half');
      setTimeout(() => response.destroy(), 10);
    };
    const broken = await download();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await expect(bytesOf(broken.stream)).rejects.toMatchObject({ code: 'E_TRANSFER' });
  });
});
