import { randomUUID } from 'node:crypto';
import type { Answer } from '../http.js';
import { wireJson } from './wire.js';

/** Errors that the service's model knows. */
export type ModeledError =
  | 'AccessDeniedException'
  | 'ConflictException'
  | 'InternalServerException'
  | 'ResourceNotFoundException'
  | 'ServiceQuotaExceededException'
  | 'ThrottlingException'
  | 'ValidationException';

/** Errors that come from the layer before it, the same at every AWS service of this protocol. */
export type CommonError =
  | 'ExpiredTokenException'
  | 'InvalidSignatureException'
  | 'MissingAuthenticationTokenException'
  | 'SerializationException'
  | 'UnknownOperationException'
  | 'UnrecognizedClientException';

/** One member that is wrong. */
export interface FieldError {
  readonly FieldName: string;
  readonly Message: string;
  readonly Code:
    | 'REQUIRED_FIELD_MISSING'
    | 'INVALID_ENUM_VALUE'
    | 'INVALID_STRING_FORMAT'
    | 'INVALID_VALUE'
    | 'NOT_ENOUGH_VALUES'
    | 'TOO_MANY_VALUES'
    | 'INVALID_RESOURCE_STATE'
    | 'VALUE_OUT_OF_RANGE'
    | 'ACTION_NOT_PERMITTED';
}

/** A refusal on its way to the one place that answers. */
export class ServiceError extends Error {
  override readonly name: ModeledError | CommonError;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(name: ModeledError | CommonError, message: string, members: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = name;
    this.members = members;
  }
}

/** A request that breaks its shape (`REQUEST_VALIDATION_FAILED`), or a rule of the business. */
export function invalid(
  errors: readonly FieldError[],
  reason: 'REQUEST_VALIDATION_FAILED' | 'BUSINESS_VALIDATION_FAILED' = 'REQUEST_VALIDATION_FAILED',
): ServiceError {
  const count = errors.length === 1 ? '1 validation error' : `${errors.length} validation errors`;
  const message = `${count} detected: ${errors.map((error) => error.Message).join('; ')}`;
  return new ServiceError('ValidationException', message, { ErrorList: errors, Reason: reason });
}

const COMMON: ReadonlySet<string> = new Set<CommonError>([
  'ExpiredTokenException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'SerializationException',
  'UnknownOperationException',
  'UnrecognizedClientException',
]);

/**
 * As the service sends it: 400, or 500 where the fault is its own; the type in the body with its
 * namespace, and in a header with the suffix that coral puts there.
 */
export function errorAnswer(error: ServiceError): Answer {
  const { name, message, members } = error;
  const common = COMMON.has(name);
  const type = `${common ? 'com.amazon.coral.service' : 'com.amazon.partnerintegrationapi.common'}#${name}`;
  const suffix = common ? 'com.amazon.coral.service/' : 'com.amazon.partnerintegrationapi.common/';
  return {
    status: name === 'InternalServerException' ? 500 : 400,
    headers: {
      ...answerHeaders(),
      'x-amzn-ErrorType': `${name}:http://internal.amazon.com/coral/${suffix}`,
    },
    body: wireJson({ __type: type, [common ? 'message' : 'Message']: message, ...members }),
  };
}

/** Headers of every answer. */
export function answerHeaders(): Record<string, string> {
  return { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-RequestId': randomUUID() };
}
