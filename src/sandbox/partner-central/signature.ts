import { createHash, createHmac } from 'node:crypto';
import type { Call } from '../http.js';
import { ServiceError } from './errors.js';

/** Who a request says it is from, before anything of it has been believed. */
export interface Claim {
  readonly accessKeyId: string;
  readonly day: string;
  readonly region: string;
  readonly service: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261121T000044Z` */
  readonly timestamp: string;
  readonly sessionToken: string | null;
}

/** How far a client's clock may be off, as at AWS. */
const SKEW_MS = 5 * 60_000;

const AUTHORIZATION =
  /^AWS4-HMAC-SHA256\s+Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/;

/** @throws ServiceError MissingAuthenticationTokenException, InvalidSignatureException. */
export function readClaim(call: Call): Claim {
  const header = call.headers.authorization;
  if (!header) throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token');
  const [, accessKeyId, day, region, service, names, signature] = AUTHORIZATION.exec(header) ?? [];
  const timestamp = call.headers['x-amz-date'] ?? '';
  if (!accessKeyId || !day || !region || !service || !names || !signature || !/^\d{8}T\d{6}Z$/.test(timestamp)) {
    throw invalidSignature("Authorization header requires 'Credential', 'SignedHeaders', 'Signature' and a date.");
  }
  const sessionToken = call.headers['x-amz-security-token'] ?? null;
  return { accessKeyId, day, region, service, signedHeaders: names.split(';'), signature, timestamp, sessionToken };
}

/**
 * Verifies an AWS Signature Version 4: scope, age by the machine's own clock (sandbox time moves
 * for data alone), and the HMAC over the request as it came.
 * @throws ServiceError InvalidSignatureException.
 */
export function verifySignature(
  call: Call,
  claim: Claim,
  secret: string,
  scope: { readonly service: string; readonly region?: string },
): void {
  if (claim.service !== scope.service) {
    throw invalidSignature(`Credential should be scoped to correct service: '${scope.service}'.`);
  }
  if (scope.region !== undefined && claim.region !== scope.region) {
    throw invalidSignature(`Credential should be scoped to a valid region, not '${claim.region}'.`);
  }
  if (!claim.timestamp.startsWith(claim.day)) {
    throw invalidSignature('Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.');
  }
  const at = Date.parse(claim.timestamp.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (!(Math.abs(Date.now() - at) <= SKEW_MS)) {
    throw invalidSignature(`Signature expired: ${claim.timestamp} is more than five minutes away from now`);
  }
  for (const needed of ['host', 'x-amz-date', ...(claim.sessionToken === null ? [] : ['x-amz-security-token'])]) {
    if (!claim.signedHeaders.includes(needed)) throw invalidSignature(`'${needed}' must be a signed header.`);
  }
  if (signatureOf(call, claim, secret) !== claim.signature) {
    throw invalidSignature(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  }
}

function signatureOf(call: Call, claim: Claim, secret: string): string {
  const headers = claim.signedHeaders.map(
    (name) => `${name}:${(call.headers[name] ?? '').trim().replace(/ +/g, ' ')}\n`,
  );
  const query = [...call.query.entries()]
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .toSorted()
    .join('&');
  // The hash is that of the body as it came, whatever the client's own header says of it.
  const canonical = [call.method, call.path, query, headers.join(''), claim.signedHeaders.join(';'), sha256(call.body)];
  const scope = `${claim.day}/${claim.region}/${claim.service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', claim.timestamp, scope, sha256(canonical.join('\n'))].join('\n');
  const key = [claim.day, claim.region, claim.service, 'aws4_request'].reduce<Buffer>(
    hmac,
    Buffer.from(`AWS4${secret}`),
  );
  return hmac(key, toSign).toString('hex');
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const invalidSignature = (message: string) => new ServiceError('InvalidSignatureException', message);
