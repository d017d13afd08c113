import type { Gateway } from './answers.js';
import { refusal } from './answers.js';
import type { Answer, Call } from './http.js';
import type { TokenDesk } from './token.js';
import type { SandboxProfile } from './types.js';
import type { World } from './world.js';

/** A refusal on its way to the one place that answers. */
export class Refused extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super('refused');
    this.answer = answer;
  }
}

const CLIENT_HEADER = 'amazon-advertising-api-clientid';
export const SCOPE_HEADER = 'amazon-advertising-api-scope';

/** Every call but the token's: who asks. @throws Refused 401. */
export function checkCaller(call: Call, tokens: TokenDesk, clientId: string, gateway: Gateway): void {
  const authorization = call.headers.authorization;
  if (!authorization) throw new Refused(refusal(401, 'HTTP 401 Unauthorized', gateway));
  const token = /^Bearer (.+)$/i.exec(authorization)?.[1] ?? '';
  if (!tokens.accepts(token)) {
    // Two gateways, two spellings of one code.
    const code = gateway === 'display' ? 'UNAUTHORIZED' : '401';
    throw new Refused(refusal(401, 'Access token is invalid or has expired', gateway, code));
  }
  const client = call.headers[CLIENT_HEADER];
  if (!client) throw new Refused(refusal(401, 'Amazon-Advertising-API-ClientId header is missing', gateway));
  if (client !== clientId) {
    throw new Refused(refusal(401, 'Client ID does not match that of the access token', gateway));
  }
}

/** Every call about one profile: whose data. @throws Refused 401. */
export function checkScope(call: Call, world: World, gateway: Gateway): SandboxProfile {
  const scope = call.headers[SCOPE_HEADER];
  if (!scope) throw new Refused(refusal(401, 'No matching advertiser found for scope: ', gateway));
  const profile = world.profile(scope);
  if (!profile) throw new Refused(refusal(401, `Not authorized to access scope ${scope}`, gateway));
  return profile;
}

/** The body of a create call: a JSON object is required, even if empty. @throws Refused 415, 422. */
export function readBody(call: Call, gateway: Gateway): Readonly<Record<string, unknown>> {
  if (!/^application\/([a-z.+-]+\+)?json\b/i.test(call.headers['content-type'] ?? '')) {
    throw new Refused(refusal(415, 'Content-Type must be application/json', gateway));
  }
  let body: unknown;
  try {
    body = JSON.parse(call.body);
  } catch {
    const word = /^\s*([^\s{}[\],:"]*)/.exec(call.body)?.[1] ?? '';
    const details = `Unrecognized token '${word}': was expecting ('true', 'false' or 'null')`;
    throw new Refused(refusal(422, details, gateway));
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new Refused(refusal(422, 'The request body must be a JSON object', gateway));
  }
  return body as Record<string, unknown>;
}

/** A comma list of known words (a space after the comma is allowed). @throws Refused 422. */
export function readList(value: unknown, name: string, known: readonly string[], gateway: Gateway): readonly string[] {
  const words = typeof value === 'string' ? value.split(/, ?/) : [];
  const wrong = words.find((word) => !known.includes(word));
  if (words.length === 0 || wrong !== undefined) {
    throw new Refused(
      refusal(422, `Invalid ${name}: ${wrong ?? String(value)}. Allowed values: ${known.join(', ')}`, gateway),
    );
  }
  return words;
}
