import { createHash, createHmac } from 'node:crypto';
import { PartnerCentralSelling, type PartnerCentralSellingClientConfig } from '@aws-sdk/client-partnercentral-selling';
import type { Sandbox } from '../../../src/sandbox/index.js';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

/** AWS's own client, as one of the two partners; it tries once. */
export function sdk(sandbox: Sandbox, account: 0 | 1 = 0, more: Partial<PartnerCentralSellingClientConfig> = {}) {
  const { accessKeyId, secretAccessKey } = sandbox.partnerCentral.accounts[account];
  return new PartnerCentralSelling({
    region: 'us-east-1',
    endpoint: sandbox.partnerCentralUrl,
    credentials: { accessKeyId, secretAccessKey },
    maxAttempts: 1,
    ...more,
  });
}

/** What the error of a call says, or that there was none. */
export async function refusal(call: Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    const { name, message } = error as Error;
    return { ...(error as object), name, message };
  }
  throw new Error('It was not refused');
}

/** How a request is signed by hand; each part can be wrong. */
export interface ByHand {
  readonly operation?: string;
  readonly body?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly service?: string;
  readonly at?: Date;
}

/** A request signed by this file's own arithmetic: the answer as it stands on the wire. */
export async function byHand(sandbox: Sandbox, asked: ByHand = {}) {
  const { operation = 'ListEngagements', body = '{"Catalog":"AWS"}', service = 'partnercentral-selling' } = asked;
  const [account] = sandbox.partnerCentral.accounts;
  const stamp = (asked.at ?? new Date()).toISOString().replace(/[-:]|\.\d+/g, '');
  const day = stamp.slice(0, 8);
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.0',
    host: new URL(sandbox.partnerCentralUrl).host,
    'x-amz-date': stamp,
    'x-amz-target': `AWSPartnerCentralSelling.${operation}`,
    ...asked.headers,
  };
  const names = Object.keys(headers).sort();
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: Buffer | string, text: string) => createHmac('sha256', key).update(text).digest();
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('');
  const canonical = `POST\n/\n\n${lines}\n${names.join(';')}\n${sha256(body)}`;
  const scope = `${day}/us-east-1/${service}/aws4_request`;
  let key: Buffer | string = `AWS4${asked.secret ?? account.secretAccessKey}`;
  for (const part of scope.split('/')) key = hmac(key, part);
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${stamp}\n${scope}\n${sha256(canonical)}`).toString('hex');
  const { host: _, ...sent } = headers;
  const answer = await fetch(sandbox.partnerCentralUrl, {
    method: 'POST',
    body,
    headers: {
      ...sent,
      authorization: `AWS4-HMAC-SHA256 Credential=${account.accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`,
    },
  });
  return { status: answer.status, headers: answer.headers, text: await answer.text() };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
