import { z } from 'zod';

/** Which addresses may be spoken to at all. */

/** Whether a host name can only mean this machine: 127.0.0.0/8, ::1, localhost. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** https anywhere, plain http only to this machine; no credentials inside the address. */
export function isSafeAddress(url: URL): boolean {
  if (url.username !== '' || url.password !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** An address in the configuration, optional. @param what names it in the message. */
export function addressSetting(what: string) {
  return z
    .string()
    .refine((text) => URL.canParse(text) && isSafeAddress(new URL(text)), {
      message: `${what} must be https://…; plain http only to this machine (127.0.0.1, localhost, [::1])`,
    })
    .optional();
}
