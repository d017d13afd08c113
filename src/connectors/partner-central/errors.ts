import { type ErrorCode, type ErrorDetails, MillpondError } from '../../base/errors.js';
import { redact } from '../../base/secrets.js';
import { iamAction, type OperationName } from './operations.js';

/** An answer as it came: what it says is judged here, not by the SDK. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

const EXPIRED = new Set(['ExpiredToken', 'ExpiredTokenException', 'RequestExpired', 'TokenRefreshRequired']);
const BAD_CREDENTIALS = new Set([
  'UnrecognizedClientException',
  'InvalidClientTokenId',
  'IncompleteSignature',
  'IncompleteSignatureException',
  'MissingAuthenticationToken',
  'MissingAuthenticationTokenException',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'NotAuthorized',
  'OptInRequired',
]);
const THROTTLED = new Set([
  'ThrottlingException',
  'Throttling',
  'ThrottledException',
  'TooManyRequestsException',
  'RequestLimitExceeded',
  'SlowDown',
  'LimitExceededException',
]);
/** What something answers that is no Partner Central, or the wrong one. */
const WRONG_PLACE = new Set(['UnknownOperationException', 'SerializationException', 'InvalidAction']);

/** The name of an SDK's error, '' where it has none. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : '';
}

/** Whether an error's name says that credentials have run out. */
export function isExpired(name: string): boolean {
  return EXPIRED.has(name);
}

/**
 * The error that an answer is, or undefined where it is good. The type counts, not the status:
 * AWS documents 400 for whatever the caller did wrong.
 */
export function errorOf(answer: RawAnswer, operation: OperationName, about: string): MillpondError | undefined {
  if (answer.status < 300 && !answer.text.includes('"__type"')) return undefined;
  const body = objectOf(answer.text);
  const type = typeOf(answer, body);
  if (answer.status < 300 && !type.endsWith('Exception')) return undefined;
  const said = wordsOf(answer, body);
  const wait = retryAfterMs(answer.headers);
  const error = (code: ErrorCode, details: ErrorDetails = {}) =>
    new MillpondError(code, `${operation}${about} was refused${type ? ` (${type})` : ''}: ${said}`, {
      ...details,
      at: { operation, status: answer.status, ...(type ? { type } : {}), ...requestId(answer) },
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    });
  if (THROTTLED.has(type) || answer.status === 429) {
    return error('E_THROTTLED', { hint: 'Lower `limits` of the connection, or run again later.' });
  }
  if (type === 'AccessDeniedException') return error('E_ACCESS_DENIED', { hint: accessHint(operation, body) });
  if (type === 'ResourceNotFoundException') return error('E_RESOURCE_NOT_FOUND');
  if (type === 'ServiceQuotaExceededException') return error('E_QUOTA');
  if (type === 'ConflictException') return error('E_RESOURCE_CONFLICT');
  if (type === 'ValidationException') return error('E_REQUEST_REJECTED', { hint: 'Correct what the service names.' });
  if (isExpired(type)) return error('E_CREDENTIALS_EXPIRED');
  if (/scoped to a valid (region|service)|correct (region|service)/i.test(said)) return error('E_WRONG_ENDPOINT');
  if (BAD_CREDENTIALS.has(type)) {
    return error('E_CREDENTIALS', { hint: "Check the connection's credentials, and this machine's clock." });
  }
  if (answer.status >= 500 || type === 'InternalServerException') return error('E_SERVER');
  if (WRONG_PLACE.has(type) || !type) return error('E_WRONG_ENDPOINT');
  return error('E_REQUEST_REJECTED', { hint: "The message is the service's own." });
}

function accessHint(operation: OperationName, body: Readonly<Record<string, unknown>>): string {
  if (body.Reason === 'INCOMPATIBLE_BENEFIT_AWS_PARTNER_STATE') {
    return "AWS says that the partner's state does not entitle it to this; its Partner Central account tells more.";
  }
  return (
    `Allow ${iamAction(operation)} to the user or role of this connection ` +
    '(`millpond partner-central policy` prints all that is needed); its account must be linked to Partner Central.'
  );
}

/** The exception's name without namespace: `x-amzn-errortype: Name:http://…`, or `ns#Name` in the body. */
function typeOf(answer: RawAnswer, body: Readonly<Record<string, unknown>>): string {
  const written = answer.headers['x-amzn-errortype'] ?? body.__type ?? body.code;
  if (typeof written !== 'string') return '';
  return written.split(',')[0]!.split(':')[0]!.split('#').at(-1)!.trim();
}

/** What the service says, short and without secrets: its message, and each field that it finds wrong. */
function wordsOf(answer: RawAnswer, body: Readonly<Record<string, unknown>>): string {
  const message = body.Message ?? body.message;
  const fields = Array.isArray(body.ErrorList) ? body.ErrorList.map(fieldWords) : [];
  const words = typeof message === 'string' ? [message, ...fields].join('; ') : excerpt(answer);
  return redact(words)
    .replace(/\bSignature=[0-9a-f]{16,}/gi, 'Signature=[redacted]')
    .slice(0, 600);
}

function fieldWords(entry: unknown): string {
  const { FieldName, Message, Code } = (entry ?? {}) as Readonly<Record<string, unknown>>;
  return [FieldName, Message, Code && `(${Code})`].filter((part) => typeof part === 'string').join(' ');
}

function excerpt({ status, text }: RawAnswer): string {
  const plain = text
    .replace(/<(script|style)\b.*?<\/\1>/gis, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain === '' ? `an empty answer with status ${status}` : plain.slice(0, 200);
}

function requestId({ headers }: RawAnswer): { request_id?: string } {
  const id = headers['x-amzn-requestid'];
  return id ? { request_id: id } : {};
}

/** Milliseconds that the service asks to wait: `x-amz-retry-after` in ms, `retry-after` in seconds or as a date. */
function retryAfterMs(headers: RawAnswer['headers']): number | undefined {
  const exact = Number(headers['x-amz-retry-after'] ?? Number.NaN);
  if (exact >= 0) return exact;
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const wait = Date.parse(value) - Date.parse(headers.date ?? '');
  return Number.isNaN(wait) ? undefined : Math.max(0, wait);
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    return json !== null && typeof json === 'object' ? (json as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
