import { redact } from '../../base/secrets.js';

/** A whole answer of the API or the token endpoint. */
export interface Answer {
  readonly status: number;
  /** Names in small letters; of a repeated header the first value. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A finished answer that was JSON. */
export interface JsonAnswer extends Answer {
  /** Long integers as strings of digits. */
  readonly json: unknown;
}

/** A member of a JSON object; undefined where the value is no object or lacks it. */
export function member(value: unknown, name: string): unknown {
  return value !== null && typeof value === 'object' ? (value as Record<string, unknown>)[name] : undefined;
}

/** A text member of a JSON object, if there is one that says something. */
export function textMember(value: unknown, name: string): string | undefined {
  const found = member(value, name);
  return typeof found === 'string' && found.trim() !== '' ? found : undefined;
}

/** What a refusal says, in the source's own words, short and without secrets: JSON, HTML, XML or nothing. */
export function wordsOf(answer: Answer): string {
  return redact(sourceWords(answer.text) ?? excerpt(answer.text)).slice(0, 400);
}

function sourceWords(text: string): string | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const name of ['details', 'detail', 'message', 'error_description', 'error', 'code']) {
    const words = textMember(json, name);
    if (words) return words;
  }
  return undefined;
}

function excerpt(text: string): string {
  const plain = text
    .replace(/<(script|style)\b.*?<\/\1>/gis, ' ')
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
  return plain === '' ? 'an empty answer' : plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
}

/**
 * Milliseconds that a Retry-After asks for, in seconds or as a date; undefined where there is none.
 * A date is read against the answer's own clock if it tells it.
 */
export function retryAfterMs(headers: Answer['headers'], now: Date): number | undefined {
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const at = Date.parse(value);
  if (Number.isNaN(at)) return undefined;
  const sent = Date.parse(headers.date ?? '');
  return Math.max(0, at - (Number.isNaN(sent) ? now.getTime() : sent));
}
