/**
 * Which JSON does a codec decode? Its JSON Schema (draft 2020-12, https://json-schema.org), derived from the structure that io-ts keeps
 * of it, so that what is documented is what is decoded. A codec that has no structure of its own says its schema itself.
 */
import type * as t from '#io-ts';
import type { WordForm } from '../decoders.js';

/** A schema. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** A codec that says its schema. */
export interface SchemaLeaf {
  readonly schema: JsonSchema;
}

/** The codecs that have a structure here. */
type Structured =
  | t.StringType
  | t.NumberType
  | t.BooleanType
  | t.NullType
  | t.AnyDictionaryType
  | t.LiteralType<string | number | boolean>
  | t.KeyofType<Record<string, unknown>>
  | t.ReadonlyArrayType<t.Mixed>
  | t.ReadonlyType<t.Mixed>
  | t.InterfaceType<t.Props>
  | t.PartialType<t.Props>
  | t.UnionType<t.Mixed[]>
  | t.IntersectionType<t.Mixed[]>;

const isLeaf = (codec: object): codec is SchemaLeaf => 'schema' in codec;

const propertiesOf = (props: t.Props): JsonSchema =>
  Object.fromEntries(Object.entries(props).map(([name, codec]) => [name, jsonSchemaOf(codec)]));

/** An object that is several ones: all their properties. */
const merged = (schemas: readonly JsonSchema[]): JsonSchema => ({
  type: 'object',
  properties: Object.assign({}, ...schemas.map(({ properties }) => properties)) as JsonSchema,
  required: schemas.flatMap(({ required }) => (Array.isArray(required) ? (required as unknown[]) : [])),
  additionalProperties: false,
});

/** The schema of a codec. Throws a TypeError for one that has neither a structure that is known here nor says its schema. */
export const jsonSchemaOf = (codec: t.Mixed): JsonSchema => {
  if (isLeaf(codec)) return codec.schema;
  const known = codec as unknown as Structured;
  switch (known._tag) {
    case 'StringType':
      return { type: 'string' };
    case 'NumberType':
      return { type: 'number' };
    case 'BooleanType':
      return { type: 'boolean' };
    case 'NullType':
      return { type: 'null' };
    case 'AnyDictionaryType':
      return { type: 'object' };
    case 'LiteralType':
      return { const: known.value };
    case 'KeyofType':
      return { enum: Object.keys(known.keys) };
    case 'ReadonlyArrayType':
      return { type: 'array', items: jsonSchemaOf(known.type) };
    case 'ReadonlyType':
      return jsonSchemaOf(known.type);
    case 'InterfaceType':
      return merged([{ properties: propertiesOf(known.props), required: Object.keys(known.props) }]);
    case 'PartialType':
      return merged([{ properties: propertiesOf(known.props) }]);
    case 'UnionType':
      return { anyOf: known.types.map(jsonSchemaOf) };
    case 'IntersectionType':
      return merged(known.types.map(jsonSchemaOf));
    default:
      throw new TypeError(`jsonSchemaOf: no schema is known of the codec ${codec.name}`);
  }
};

/** The schema of what a word of the command line stands for. */
export const schemaOfForm = (form: WordForm): JsonSchema => {
  switch (form.kind) {
    case 'text':
    case 'file':
      return { type: 'string' };
    case 'name':
      return { type: ['string', 'number'] };
    case 'words':
      return { enum: form.words };
    case 'list':
      return { type: 'array', items: schemaOfForm(form.of) };
    case 'number':
    case 'integer': {
      const { kind: type, ...bounds } = form;
      return { type, ...bounds };
    }
  }
};
