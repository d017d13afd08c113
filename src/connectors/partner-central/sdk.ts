import type { PartnerCentralSellingClient } from '@aws-sdk/client-partnercentral-selling';
import { MillpondError, messageOf } from '../../base/errors.js';
import { throwIfAborted } from '../../base/retry.js';
import { redact } from '../../base/secrets.js';
import type { Input } from './caller.js';
import { REGION } from './config.js';
import type { Keys } from './credentials.js';
import type { RawAnswer } from './errors.js';
import type { OperationName } from './operations.js';
import type { Transport } from './transport.js';

/** The SDK, as far as it is used: it builds, signs and sends. */
export interface Sdk {
  send(operation: OperationName, input: Input, keys: Keys, signal: AbortSignal): Promise<RawAnswer>;
}

/** The SDK would write about the Node release on stderr, which belongs to Millpond. Before any of it is loaded. */
export function quietSdk(): void {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
}

/** Loaded at the first call: other commands should not wait for it. */
export async function openSdk(endpoint: string, transport: Transport): Promise<Sdk> {
  quietSdk();
  const sdk = await import('@aws-sdk/client-partnercentral-selling');
  const clientWith = (keys: Keys) =>
    new sdk.PartnerCentralSellingClient({
      region: REGION,
      endpoint,
      useFipsEndpoint: false,
      useDualstackEndpoint: false,
      maxAttempts: 1,
      requestHandler: transport,
      credentials: keys,
      customUserAgent: 'millpond',
    });
  // A client keeps the keys it is made with for good: other keys, another client.
  let current: { readonly keys: Keys; readonly client: PartnerCentralSellingClient } | undefined;
  return {
    async send(operation, input, keys, signal) {
      if (current?.keys !== keys) current = { keys, client: clientWith(keys) };
      const { client } = current;
      const Command = sdk[`${operation}Command`] as unknown as new (input: Input) => AnyCommand;
      const command = new Command(input);
      let raw: RawAnswer | undefined;
      command.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          const response = result.response as { statusCode: number; headers: Record<string, string>; body: unknown };
          const bytes = response.body as Uint8Array;
          raw = { status: response.statusCode, headers: response.headers, text: Buffer.from(bytes).toString('utf8') };
          // The SDK's reader is given nothing to read, except for errors: it sets its clock by them.
          if (raw.status < 300) response.body = Buffer.from('{}');
          return result;
        },
        { step: 'deserialize', priority: 'low', name: 'millpondKeepsTheAnswer' },
      );
      try {
        await client.send(command as never, { abortSignal: signal });
      } catch (error) {
        if (error instanceof MillpondError) throw error;
        throwIfAborted(signal);
        if (raw && raw.status >= 300) return raw;
        throw new MillpondError('E_BUG', `${operation} could not be sent: ${redact(messageOf(error))}`, {
          cause: error,
        });
      }
      if (!raw) throw new MillpondError('E_BUG', `${operation} was sent without an answer`);
      return raw;
    },
  };
}

/** A command, as far as it is used here. */
interface AnyCommand {
  readonly middlewareStack: {
    add(
      middleware: (next: (args: unknown) => Promise<{ response: unknown }>) => (args: unknown) => Promise<unknown>,
      options: { step: 'deserialize'; priority: 'low'; name: string },
    ): void;
  };
}
