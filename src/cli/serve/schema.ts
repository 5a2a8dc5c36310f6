/** What is the protocol, as JSON Schema? That of its codecs. */
import { answerCodec, errorCodec } from './answer.js';
import { type JsonSchema, jsonSchemaOf } from './json-schema.js';
import { protocol, type Verb, verbs } from './verbs.js';

/** The schema of the requests, and of their answers. */
export const protocolSchema = (): JsonSchema => {
  const all: readonly (readonly [string, Verb])[] = Object.entries(verbs);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `batchgfn serve, protocol ${protocol}`,
    $ref: '#/$defs/request',
    $defs: {
      ...Object.fromEntries(all.map(([name, { codec }]) => [name, jsonSchemaOf(codec)])),
      request: { anyOf: all.map(([name]) => ({ $ref: `#/$defs/${name}` })) },
      answer: { anyOf: [jsonSchemaOf(answerCodec), jsonSchemaOf(errorCodec)] },
    },
  };
};
