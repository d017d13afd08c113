/**
 * Redaction by value: whoever learns a secret registers it, and everything that is written for
 * people or machines passes through {@link redact}. One register a process: a secret is secret
 * whichever connection it belongs to.
 */
const secrets = new Map<string, number>();
let pattern: RegExp | undefined;

/** A text shorter than this would blot out innocent words. */
const SHORTEST = 6;

/** A token of Login with Amazon is known by its look: a source may speak of one that another process was given. */
const LWA_TOKEN = /\b(Atz[a-z](?:\||%7C))[\w%+/=.~-]+/gi;

/** Registers a secret, and the forms it takes in URLs, JSON and base64. */
export function registerSecret(secret: string): void {
  if (secret.length < SHORTEST) return;
  const forms = [
    secret,
    encodeURIComponent(secret),
    new URLSearchParams({ s: secret }).toString().slice(2),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('base64'),
  ];
  for (const form of forms) secrets.set(form, form.length);
  pattern = undefined;
}

/** The text with every registered secret, every token of a known look, and the signature of every presigned link, blotted out. */
export function redact(text: string): string {
  if (secrets.size > 0) {
    pattern ??= new RegExp(
      [...secrets.keys()]
        .sort((a, b) => b.length - a.length)
        .map((s) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('|'),
      'g',
    );
    text = text.replace(pattern, '[redacted]');
  }
  return text
    .replace(LWA_TOKEN, '$1[redacted]')
    .replace(
      /([?&](?:X-Amz-Signature|X-Amz-Credential|X-Amz-Security-Token|Signature|AWSAccessKeyId|sig|token)=)[^&\s"'<>\\]+/gi,
      '$1[redacted]',
    );
}

/** {@link redact} for every string inside a JSON-safe value. */
export function redactDeep<T>(value: T): T {
  if (typeof value === 'string') return redact(value) as T;
  if (Array.isArray(value)) return value.map(redactDeep) as T;
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, redactDeep(v)])) as T;
  }
  return value;
}
