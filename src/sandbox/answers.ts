import { randomUUID } from 'node:crypto';
import type { Answer } from './http.js';
import type { Product } from './types.js';

/** Bodies and headers as Amazon's gateways spell them. */

/** Sponsored Display stands behind another gateway than the rest, with other header names. */
export type Gateway = 'classic' | 'display';

export const gatewayOf = (product: Product): Gateway => (product === 'sd' ? 'display' : 'classic');

/** Headers that every answer of a gateway carries. */
export function gatewayHeaders(gateway: Gateway): Record<string, string> {
  const id = randomUUID();
  return gateway === 'classic'
    ? {
        server: 'Server',
        'x-amz-request-id': id.slice(0, 18).toUpperCase(),
        'x-amz-rid': id.toUpperCase(),
        vary: 'Accept-Encoding,User-Agent',
      }
    : {
        server: 'Server',
        'x-amzn-RequestId': id,
        'x-amz-apigw-id': id.slice(0, 13),
        'X-Amzn-Trace-Id': `Root=1-${id}`,
      };
}

/** A JSON answer. `typed: false` leaves the Content-Type out, as the 202 of classic reports does. */
export function json(status: number, body: unknown, gateway: Gateway = 'classic', typed = true): Answer {
  const contentType = gateway === 'classic' ? 'application/json;charset=UTF-8' : 'application/json';
  const type: Record<string, string> = typed ? { 'content-type': contentType } : {};
  return {
    status,
    headers: { ...gatewayHeaders(gateway), ...type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  };
}

/** A v2 error: `{code, details, requestId}`; the code is the status unless a name is known. */
export function refusal(status: number, details: string, gateway: Gateway = 'classic', code = String(status)): Answer {
  return json(status, { code, details, requestId: randomUUID().slice(0, 18).toUpperCase() }, gateway);
}

/** Too many requests: the header beside it may or may not stand there, and the body may be a page. */
export function throttled(options: {
  readonly retryAfter?: number;
  readonly html?: boolean;
  readonly gateway?: Gateway;
}): Answer {
  const gateway = options.gateway ?? 'classic';
  const base = options.html ? page(429, 'Too Many Requests') : refusal(429, 'Too Many Requests', gateway);
  const retry: Record<string, string> =
    options.retryAfter === undefined ? {} : { 'retry-after': String(options.retryAfter) };
  return { ...base, headers: { ...base.headers, 'amazon-advertising-api-throttled': 'true', ...retry } };
}

/** What a proxy says where JSON should stand. */
export function page(status: number, title: string): Answer {
  return {
    status,
    headers: { server: 'openresty', 'content-type': 'text/html' },
    body: `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body>\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>openresty</center>\r\n</body>\r\n</html>\r\n`,
  };
}

/** An error of S3. */
export function s3Error(status: number, code: string, message: string, more = ''): Answer {
  const id = randomUUID().slice(0, 16).toUpperCase();
  return {
    status,
    headers: { server: 'AmazonS3', 'content-type': 'application/xml', 'x-amz-request-id': id },
    body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}<RequestId>${id}</RequestId><HostId>${id}</HostId></Error>`,
  };
}
