import { randomUUID } from 'node:crypto';
import type { Answer, Call } from '../http.js';
import type { Owner } from './data/world.js';
import { ServiceError } from './errors.js';
import { type Identities, SANDBOX_AWS_ACCOUNTS } from './identities.js';

/** Seconds of a session unless asked otherwise, and the bounds of what may be asked. */
const DURATION = { usual: 3600, least: 900, most: 43_200 };

/** Whether a request speaks AWS STS's protocol: forms instead of JSON. */
export const isSts = (call: Call): boolean =>
  (call.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');

/**
 * Plays AWS STS: AssumeRole, for the roles of the sandbox's accounts and their external ids, and
 * GetCallerIdentity. Anybody with a key of the sandbox may assume both roles.
 */
export function answerSts(call: Call, identities: Identities): Answer {
  try {
    const { account } = identities.verify(call, { service: 'sts' });
    const form = new URLSearchParams(call.body);
    const action = form.get('Action');
    if (action === 'GetCallerIdentity') {
      const arn = `arn:aws:iam::${account.accountId}:user/sandbox`;
      return result(action, `<Arn>${arn}</Arn><UserId>AIDASANDBOX</UserId><Account>${account.accountId}</Account>`);
    }
    if (action !== 'AssumeRole') return failure(400, 'InvalidAction', `Could not find operation ${action}`);
    return assumeRole(form, account.accountId, identities);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return failure(403, STS_NAMES[error.name] ?? error.name, error.message);
  }
}

/** STS has names of its own for what is wrong with a signature. */
const STS_NAMES: Readonly<Record<string, string>> = {
  ExpiredTokenException: 'ExpiredToken',
  InvalidSignatureException: 'SignatureDoesNotMatch',
  MissingAuthenticationTokenException: 'MissingAuthenticationToken',
  UnrecognizedClientException: 'InvalidClientTokenId',
};

function assumeRole(form: URLSearchParams, caller: string, identities: Identities): Answer {
  const roleArn = form.get('RoleArn') ?? '';
  const name = form.get('RoleSessionName') ?? '';
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) {
    return failure(400, 'ValidationError', "1 validation error detected: Value at 'roleSessionName' is not a name");
  }
  const seconds = Number(form.get('DurationSeconds') ?? DURATION.usual);
  if (!(seconds >= DURATION.least && seconds <= DURATION.most)) {
    return failure(400, 'ValidationError', "1 validation error detected: Value at 'durationSeconds' is out of bounds");
  }
  const owner = SANDBOX_AWS_ACCOUNTS.findIndex(
    (account) => account.roleArn === roleArn && account.externalId === form.get('ExternalId'),
  );
  if (owner < 0) {
    const who = `arn:aws:iam::${caller}:user/sandbox`;
    return failure(
      403,
      'AccessDenied',
      `User: ${who} is not authorized to perform: sts:AssumeRole on resource: ${roleArn}`,
    );
  }
  const session = identities.assume(owner as Owner, seconds);
  const assumed = `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${name}`;
  return result(
    'AssumeRole',
    `<AssumedRoleUser><AssumedRoleId>AROASANDBOX:${name}</AssumedRoleId><Arn>${assumed}</Arn></AssumedRoleUser>` +
      `<Credentials><AccessKeyId>${session.accessKeyId}</AccessKeyId>` +
      `<SecretAccessKey>${session.secretAccessKey}</SecretAccessKey>` +
      `<SessionToken>${session.sessionToken}</SessionToken>` +
      `<Expiration>${session.expiration.toISOString()}</Expiration></Credentials>`,
  );
}

const NAMESPACE = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

function xml(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/xml', 'x-amzn-RequestId': randomUUID() }, body };
}

const metadata = () => `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;

const result = (action: string, inside: string): Answer =>
  xml(
    200,
    `<${action}Response ${NAMESPACE}><${action}Result>${inside}</${action}Result>${metadata()}</${action}Response>`,
  );

function failure(status: number, code: string, message: string): Answer {
  const escaped = message.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped}</Message></Error>`;
  return xml(status, `<ErrorResponse ${NAMESPACE}>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`);
}
