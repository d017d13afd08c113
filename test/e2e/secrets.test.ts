import fs from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Sandbox, startSandbox } from '../../src/sandbox/index.js';
import type { Ended, Running } from '../support/cli.js';
import { Trial, until } from './trial.js';

/** Secrets that no text holds by chance, with characters that every kind of text writes in its own way. */
const CLIENT_SECRET = 'canary-secret "quoted" \\ & 100% +plus/slash=';
const REFRESH_TOKEN = 'Atzr|canary-refresh/+ü=';
const WRONG_TOKEN = 'Atzr|canary-that-opens-nothing';

/**
 * Stands between Millpond and the sandbox: learns the secrets that the source hands out (access
 * tokens, signatures of links), and tells them back in its errors, as careless gateways do.
 */
class Gossip {
  readonly learnt = new Set<string>();
  readonly #server: http.Server;
  /** Answers that are still to be given in place of the sandbox's own, by path. */
  readonly #tales = new Map<string, number>();

  private constructor(server: http.Server) {
    this.#server = server;
  }

  static async start(sandbox: Sandbox): Promise<Gossip> {
    const server = http.createServer();
    const gossip = new Gossip(server);
    server.on('request', (request, response) => void gossip.#pass(sandbox, request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return gossip;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The next request of this path is answered with everything it brought. */
  tell(pathname: string, status: number): void {
    this.#tales.set(pathname, status);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(sandbox: Sandbox, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const tale = this.#tales.get(request.url!.replace(/\?.*/, ''));
    if (tale !== undefined) {
      this.#tales.delete(request.url!.replace(/\?.*/, ''));
      const details = `You sent ${request.headers.authorization ?? ''} and ${body} and ${CLIENT_SECRET} and ${REFRESH_TOKEN}`;
      response.writeHead(tale, { 'content-type': 'application/json' }).end(JSON.stringify({ details }));
      return;
    }
    const {
      host: _host,
      connection: _connection,
      'content-length': _length,
      ...headers
    } = request.headers as Record<string, string>;
    const answer = await fetch(new URL(request.url!, sandbox.apiUrl), {
      method: request.method!,
      headers,
      redirect: 'manual',
      ...(body ? { body } : {}),
    });
    const text = await answer.text();
    for (const [secret] of text.matchAll(/Atza\|[^"]+/g)) this.learnt.add(secret);
    const location = answer.headers.get('location');
    for (const match of location?.matchAll(/Signature=([^&]+)/g) ?? []) this.learnt.add(match[1]!);
    response.writeHead(answer.status, {
      'content-type': answer.headers.get('content-type') ?? 'text/plain',
      ...(location ? { location } : {}),
    });
    response.end(text);
  }
}

let sandbox: Sandbox;
let gossip: Gossip;
let t: Trial;
/** Everything that processes printed, and their command lines. */
const said: string[] = [];

beforeAll(async () => {
  sandbox = await startSandbox({
    profiles: 3,
    days: 10,
    rows: 20,
    jobSeconds: 0.05,
    clientSecret: CLIENT_SECRET,
    refreshToken: REFRESH_TOKEN,
  });
  gossip = await Gossip.start(sandbox);
  t = await Trial.make(sandbox, {
    datasets: ['sp_campaigns_report_v2', 'sd_campaigns_report_v2'],
    sinks: '[warehouse, lake]',
    yaml: (text) => text.replaceAll(sandbox.apiUrl, gossip.url),
  });
});
afterAll(async () => {
  await t.end();
  gossip.close();
  await sandbox.close();
});

async function heard(running: Running): Promise<Ended> {
  await until('the process had begun', async () => (await commandLine(running)).includes('millpond'), running);
  said.push(await commandLine(running));
  const ended = await running.ended;
  said.push(ended.stdout, ended.stderr);
  return ended;
}

async function commandLine({ child }: Running): Promise<string> {
  return fs.readFile(`/proc/${child.pid}/cmdline`, 'utf8').catch(() => 'millpond has ended');
}

const LOUD = { MILLPOND_DEBUG: '1' };

describe('a secret', () => {
  it('is nowhere in what runs that fail, crash and succeed print and leave behind', async () => {
    // A login that fails, and is gossiped about.
    gossip.tell('/auth/o2/token', 400);
    expect((await heard(t.start(['run', '--verbose'], LOUD))).status).toBe(2);
    const wrong = { ...LOUD, ADS_REFRESH_TOKEN: WRONG_TOKEN };
    expect((await heard(t.start(['run', '--json', '--verbose'], wrong))).status).toBe(2);
    // A crash in the middle of a file.
    const crash = { ...LOUD, MILLPOND_CRASH_AT: 'land.bytes.written' };
    expect((await heard(t.start(['run', '--json', '--verbose'], crash))).signal).toBe('SIGKILL');
    // Calls that fail for a while, a job whose reason gives everything away, a link that leads astray.
    const [one, two, three] = sandbox.profiles.map(({ profileId }) => profileId) as [string, string, string];
    gossip.tell('/auth/o2/token', 500);
    gossip.tell('/v2/profiles', 502);
    const token = [...gossip.learnt].find((secret) => secret.startsWith('Atza'))!;
    const details = `Cannot write https://s3.example/x?X-Amz-Signature=0123456789abcdef0123&x=1 as ${token}, ${CLIENT_SECRET}`;
    sandbox.faults.add(
      { kind: 'failure', profile: one, details, route: 'create' },
      { kind: 'expired_link', profile: two, count: 2 },
      {
        kind: 'redirect_elsewhere',
        profile: three,
        location: `https://elsewhere.example/${token}?Signature=0123456789abcdef0123`,
      },
    );
    const failed = await heard(t.start(['run', '--json', '--verbose', '--reload'], LOUD));
    expect(failed.status).toBe(1);
    expect(failed.stdout).toContain('E_JOB_FAILED');
    expect(failed.stdout).toContain('[redacted]');
    sandbox.faults.clear();
    const whole = await heard(t.start(['run', '--verbose'], LOUD));
    expect(whole.status, whole.stderr).toBe(0);
    expect(await t.differences()).toEqual([]);
    const commands = ['check', 'status', 'plan'];
    await Promise.all(commands.map((command) => heard(t.start([command, '--verbose', '--json'], LOUD))));
    expect(sandbox.stats().credentialLeaks).toBe(0);

    const learnt = [...gossip.learnt];
    expect(learnt.filter((secret) => secret.startsWith('Atza')).length).toBeGreaterThan(2);
    expect(learnt.length).toBeGreaterThan(6);
    const needles = [CLIENT_SECRET, REFRESH_TOKEN, WRONG_TOKEN, '0123456789abcdef0123', ...learnt].flatMap(spellings);
    const texts = new Map<string, string>([...said.entries()].map(([i, text]) => [`output ${i}`, text]));
    for (const [name, text] of await remains()) texts.set(name, text);
    expect(texts.size).toBeGreaterThan(40);
    const found = [...texts].flatMap(([name, text]) =>
      needles
        .filter((needle) => text.includes(needle))
        .map((needle) => `${needle} in ${name}: ${around(text, needle)}`),
    );
    expect(found).toEqual([]);
  });
});

/** How a secret may be written. */
function spellings(secret: string): string[] {
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
  ];
  return [...new Set([...forms, new URLSearchParams({ s: secret }).toString().slice(2)])];
}

function around(text: string, needle: string): string {
  const at = text.indexOf(needle);
  return text.slice(Math.max(0, at - 80), at + needle.length + 40);
}

/** Every file that is left, and what stands in the warehouse's own tables, which pack their text. */
async function remains(): Promise<Map<string, string>> {
  const texts = new Map<string, string>();
  for (const entry of await fs.readdir(t.w.folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    const bytes = await fs.readFile(file);
    texts.set(path.relative(t.w.folder, file), bytes.toString('latin1'));
    texts.set(`${path.relative(t.w.folder, file)} as text`, bytes.toString('utf8'));
    if (bytes[0] === 0x1f && bytes[1] === 0x8b) texts.set(`${file} inflated`, gunzipSync(bytes).toString('utf8'));
  }
  const tables = await t.sql("SELECT table_schema || '.' || table_name AS name FROM information_schema.tables");
  for (const { name } of tables) texts.set(String(name), JSON.stringify(await t.sql(`FROM ${name}`)));
  return texts;
}
