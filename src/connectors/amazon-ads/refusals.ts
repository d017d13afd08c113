import { type ErrorCode, MillpondError } from '../../base/errors.js';
import { type Answer, retryAfterMs, wordsOf } from './answers.js';

/** What the classification must know of the call that was answered. */
export interface CallFacts {
  /** `POST /sd/campaigns/report` */
  readonly what: string;
  readonly scope?: string | undefined;
  readonly creates?: boolean | undefined;
}

/** Refusals that follow a rule of Amazon's for the kind of account or marketplace (seen in recorded traffic). */
const NOT_OFFERED = [
  /not available to vendors/i,
  /\btactic\b.*\bnot supported\b.*\bmarketplace\b/is,
  /KDP authors do not have access/i,
  /\bagenc(?:y|ies)\b.*\bnot (?:available|supported|permitted)\b/is,
  /\bnot (?:available|supported)\b.*\bagenc(?:y|ies)\b/is,
];

const TOO_OLD = /too far in the past|only available for \d+ days/i;

/** A 401 that is about the profile, not about our token: no renewal would mend it. */
const PROFILE_DENIED = /not authorized to access scope|no matching advertiser found/i;

export function deniesProfile(answer: Answer): boolean {
  return answer.status === 401 && PROFILE_DENIED.test(answer.text);
}

/** The error that an answer other than 2xx stands for; `at.status` is its status. */
export function refusalOf(answer: Answer, call: CallFacts, now: Date): MillpondError {
  const code = codeOf(answer, call);
  const words = wordsOf(answer);
  const wait = retryAfterMs(answer.headers, now);
  const at: Record<string, string | number> = { status: answer.status, call: call.what };
  if (call.scope) at.scope = call.scope;
  return new MillpondError(code, `${call.what} was answered ${answer.status}: ${words}`, {
    at,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

function codeOf(answer: Answer, call: CallFacts): ErrorCode {
  const { status, text } = answer;
  if (status === 401 || status === 403) {
    if (status === 403 && NOT_OFFERED.some((rule) => rule.test(text))) return 'E_NOT_OFFERED';
    return call.scope ? 'E_ACCESS_DENIED' : 'E_CREDENTIALS';
  }
  if (status === 408) return 'E_TIMEOUT';
  if (status === 429) return 'E_THROTTLED';
  if (status >= 500) return 'E_SERVER';
  if (call.creates && (status === 406 || TOO_OLD.test(text))) return 'E_PAST_RETENTION';
  if (NOT_OFFERED.some((rule) => rule.test(text))) return 'E_NOT_OFFERED';
  return status >= 400 ? 'E_REQUEST_REJECTED' : 'E_PROTOCOL';
}
