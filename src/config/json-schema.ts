import type { z } from 'zod';
import { connectors as allConnectors } from '../connectors/registry.js';
import type { Connector } from '../contracts/index.js';
import { toJsonSchema } from './issues.js';
import { connectionSchema, fileSchema } from './schema.js';

/** A JSON Schema (draft 2020-12), or a part of one. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

/** A string that is known only once its reference is resolved. */
const REFERENCE: JsonSchema = { type: 'string', pattern: '\\$\\{(env|file):' };

/** The JSON Schema of `millpond.yaml`, for editors: committed as `millpond.schema.json`. */
export function jsonSchema(connectors: readonly Connector[] = allConnectors): JsonSchema {
  const { $schema, properties, ...rest } = toJsonSchema(fileSchema);
  const connections = properties!.connections as JsonSchema;
  return {
    $schema,
    title: 'Millpond configuration',
    ...(allowReferences({
      ...rest,
      properties: {
        ...properties,
        connections: {
          ...connections,
          minProperties: 1,
          additionalProperties: { oneOf: connectors.map(connectionPart) },
        },
        sinks: { ...(properties!.sinks as JsonSchema), minProperties: 1 },
      },
    }) as JsonSchema),
    patternProperties: { '^x-': { description: 'Ignored: a place for anchors.' } },
  };
}

/** What a connection of this connector may say: the keys of every connection, and its own. */
export function connectionPart(connector: Connector): JsonSchema {
  const common = toJsonSchema(connectionSchema);
  const { $schema: _, ...own } = toJsonSchema(connector.config);
  const { connector: name, schema } = common.properties as Record<string, JsonSchema>;
  return {
    ...own,
    title: connector.name,
    type: 'object',
    properties: {
      connector: { const: connector.name, description: name!.description },
      schema: { ...schema, default: connector.schema },
      ...own.properties,
    },
    required: ['connector', ...(own.required ?? [])],
    additionalProperties: false,
  };
}

/** Lets a reference stand wherever a string of some form is expected. */
function allowReferences(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(allowReferences);
  if (node === null || typeof node !== 'object') return node;
  const inner = Object.fromEntries(
    Object.entries(node).map(([key, value]) => [key, key === 'propertyNames' ? value : allowReferences(value)]),
  );
  const { description, default: fallback, ...form } = inner;
  if (form.type !== 'string' || !['pattern', 'enum', 'format'].some((key) => key in form)) return inner;
  return {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
    anyOf: [form, REFERENCE],
  };
}
