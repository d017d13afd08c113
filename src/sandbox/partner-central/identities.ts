import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock.js';
import type { Call } from '../http.js';
import type { Owner } from './data/world.js';
import { ServiceError } from './errors.js';
import { readClaim, verifySignature } from './signature.js';
import type { PartnerAccount } from './types.js';

/** AWS's own example keys, which open nothing anywhere. */
export const SANDBOX_AWS_ACCOUNTS: readonly [PartnerAccount, PartnerAccount] = [
  {
    accountId: '111122223333',
    companyName: 'Sandbox Partner',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    roleArn: 'arn:aws:iam::111122223333:role/MillpondReader',
    externalId: 'sandbox-external-id-1',
  },
  {
    accountId: '000456789012',
    companyName: 'Other Partner',
    accessKeyId: 'AKIAI44QH8DHBEXAMPLE',
    secretAccessKey: 'je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY',
    roleArn: 'arn:aws:iam::000456789012:role/MillpondReader',
    externalId: 'sandbox-external-id-2',
  },
];

/** The account that a request acts for. */
export interface Identity {
  readonly owner: Owner;
  readonly account: PartnerAccount;
}

/** Temporary credentials that were handed out. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** Knows the keys of both accounts, and the sessions handed out for their roles. */
export class Identities {
  readonly #clock: Clock;
  readonly #sessions = new Map<
    string,
    { readonly session: Session; readonly owner: Owner; readonly deadline: number }
  >();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The identity behind a signed request.
   * @throws ServiceError MissingAuthenticationTokenException, UnrecognizedClientException,
   * ExpiredTokenException, InvalidSignatureException.
   */
  verify(call: Call, scope: { readonly service: string; readonly region?: string }): Identity {
    const claim = readClaim(call);
    const owner = SANDBOX_AWS_ACCOUNTS.findIndex((account) => account.accessKeyId === claim.accessKeyId);
    const held = this.#sessions.get(claim.accessKeyId);
    if (owner < 0 ? held?.session.sessionToken !== claim.sessionToken : claim.sessionToken !== null)
      throw unknownToken();
    if (held && this.#clock.elapsed() >= held.deadline) {
      throw new ServiceError('ExpiredTokenException', 'The security token included in the request is expired');
    }
    const identity = identityOf(held?.owner ?? (owner as Owner));
    if (!identity) throw unknownToken();
    verifySignature(call, claim, held?.session.secretAccessKey ?? identity.account.secretAccessKey, scope);
    return identity;
  }

  /** Hands out credentials of an account's role, for so many seconds of sandbox time. */
  assume(owner: Owner, seconds: number): Session {
    const session: Session = {
      accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
      secretAccessKey: randomBytes(30).toString('base64'),
      sessionToken: `IQoJb3JpZ2luX2Vj${randomBytes(96).toString('base64')}`,
      // The caller judges by its own clock, which sandbox time does not move.
      expiration: new Date(Date.now() + seconds * 1000),
    };
    this.#sessions.set(session.accessKeyId, { session, owner, deadline: this.#clock.elapsed() + seconds * 1000 });
    return session;
  }
}

function identityOf(owner: Owner): Identity | undefined {
  const account = SANDBOX_AWS_ACCOUNTS[owner];
  return account && { owner, account };
}

const unknownToken = () =>
  new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.');
