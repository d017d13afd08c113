import { type FieldError, ServiceError } from './errors.js';

/** What a member of a request may be. Wrong JSON types cannot be read at all; the rest is validated. */
export interface Shape {
  readonly required: boolean;
  /** Adds what is wrong with a value. @throws ServiceError SerializationException for a wrong JSON type. */
  check(value: unknown, field: string, errors: FieldError[]): void;
}

export type Members = Readonly<Record<string, Shape>>;

/** A member that must be there. */
export const required = (shape: Shape): Shape => ({ ...shape, required: true });

/** Text in a pattern, which must fit as a whole. */
export function text(pattern: RegExp): Shape {
  const whole = new RegExp(`^(?:${pattern.source})$`, `${pattern.flags.replace('u', '')}u`);
  return {
    required: false,
    check(value, field, errors) {
      if (whole.test(asText(value, field))) return;
      const constraint = `Member must satisfy regular expression pattern: ${pattern.source}`;
      errors.push(broken(field, value, constraint, 'INVALID_STRING_FORMAT'));
    },
  };
}

/** One of these words. */
export function oneOf(...words: readonly string[]): Shape {
  return {
    required: false,
    check(value, field, errors) {
      if (words.includes(asText(value, field))) return;
      const constraint = `Member must satisfy enum value set: [${words.join(', ')}]`;
      errors.push(broken(field, value, constraint, 'INVALID_ENUM_VALUE'));
    },
  };
}

/** A whole number within bounds. */
export function integer(least: number, greatest = Number.MAX_SAFE_INTEGER): Shape {
  return {
    required: false,
    check(value, field, errors) {
      if (typeof value !== 'number' || !Number.isInteger(value)) throw unreadable(field, 'an integer');
      if (value >= least && value <= greatest) return;
      const constraint =
        value < least
          ? `Member must have value greater than or equal to ${least}`
          : `Member must have value less than or equal to ${greatest}`;
      errors.push(broken(field, value, constraint, 'VALUE_OUT_OF_RANGE'));
    },
  };
}

/** An ISO instant. */
export const instant: Shape = {
  required: false,
  check(value, field) {
    if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(asText(value, field))) throw unreadable(field, 'a timestamp');
  },
};

export function listOf(shape: Shape, least: number, greatest: number): Shape {
  return {
    required: false,
    check(value, field, errors) {
      if (!Array.isArray(value)) throw unreadable(field, 'a list');
      const bounds = `Member must have length between ${least} and ${greatest}, inclusive`;
      if (value.length < least) errors.push(broken(field, value, bounds, 'NOT_ENOUGH_VALUES'));
      if (value.length > greatest) errors.push(broken(field, value, bounds, 'TOO_MANY_VALUES'));
      value.forEach((item, index) => {
        shape.check(item, `${field}.${index + 1}.member`, errors);
      });
    },
  };
}

/** An object whose members are looked at; members that nobody knows are ignored, as by the service. */
export function structure(members: Members): Shape {
  return {
    required: false,
    check(value, field, errors) {
      const object = asObject(value, field);
      for (const [name, shape] of Object.entries(members)) {
        const path = field === '' ? name : `${field}.${name}`;
        const member = object[name];
        if (member !== undefined && member !== null) shape.check(member, path, errors);
        else if (shape.required) {
          errors.push(broken(path, null, 'Member must not be null', 'REQUIRED_FIELD_MISSING'));
        }
      }
    },
  };
}

/** An object that nobody looks into. */
export const anyObject: Shape = {
  required: false,
  check(value, field) {
    asObject(value, field);
  },
};

function asText(value: unknown, field: string): string {
  if (typeof value !== 'string') throw unreadable(field, 'a string');
  return value;
}

function asObject(value: unknown, field: string): Readonly<Record<string, unknown>> {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw unreadable(field, 'a structure');
  return value as Readonly<Record<string, unknown>>;
}

function unreadable(field: string, wanted: string): ServiceError {
  return new ServiceError('SerializationException', `The value of ${field || 'the request'} is not ${wanted}`);
}

function broken(field: string, value: unknown, constraint: string, code: FieldError['Code']): FieldError {
  const shown = value === null ? 'null' : JSON.stringify(value);
  return {
    Code: code,
    FieldName: field,
    Message: `Value ${shown} at '${field}' failed to satisfy constraint: ${constraint}`,
  };
}
