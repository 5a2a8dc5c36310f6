/** Does a value of JSON satisfy a schema? The words of draft 2020-12 that the schemas here use; another word throws. */
import type { JsonSchema } from '../../src/cli/serve/json-schema.js';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const typeHolds = (type: unknown, value: unknown): boolean =>
  Array.isArray(type)
    ? type.some((one) => typeHolds(one, value))
    : type === 'null'
      ? value === null
      : type === 'array'
        ? Array.isArray(value)
        : type === 'object'
          ? isObject(value)
          : type === 'integer'
            ? Number.isInteger(value)
            : typeof value === type;

const remarks = ['$schema', 'title', 'description', 'default', '$defs'];

/** What is wrong with a value by the schema at a place, `#/$defs/ask` for instance; undefined where it satisfies it. */
export const schemaFault = (root: JsonSchema, place: string, value: unknown): string | undefined => {
  const at = (pointer: string): JsonSchema =>
    pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((schema, key) => (schema as JsonSchema)[key], root) as JsonSchema;
  const faultOf = (schema: JsonSchema, own: unknown, where: string): string | undefined => {
    const numeric = (holds: (x: number) => boolean): boolean => typeof own !== 'number' || holds(own);
    const some = (faults: readonly (string | undefined)[]): string | undefined =>
      faults.find((fault) => fault !== undefined);
    const words: Readonly<Record<string, (argument: unknown) => string | undefined | false>> = {
      $ref: (to) => faultOf(at(String(to)), own, where),
      type: (type) => !typeHolds(type, own) && `${where} is no ${JSON.stringify(type)}`,
      const: (constant) => own !== constant && `${where} is not ${JSON.stringify(constant)}`,
      enum: (all) => !(all as unknown[]).includes(own) && `${where} is none of the words`,
      anyOf: (all) =>
        (all as JsonSchema[]).every((one) => faultOf(one, own, where) !== undefined) &&
        `${where} is none of them`,
      minimum: (least) => !numeric((x) => x >= Number(least)) && `${where} is too small`,
      maximum: (most) => !numeric((x) => x <= Number(most)) && `${where} is too large`,
      exclusiveMinimum: (below) => !numeric((x) => x > Number(below)) && `${where} is too small`,
      items: (item) =>
        Array.isArray(own)
          ? some(own.map((one, i) => faultOf(item as JsonSchema, one, `${where}/${i}`)))
          : undefined,
      required: (names) =>
        isObject(own) &&
        !(names as string[]).every((name) => name in own) &&
        `${where} lacks one of ${String(names)}`,
      properties: (props) =>
        isObject(own)
          ? some(
              Object.entries(props as Readonly<Record<string, JsonSchema>>).map(([name, one]) =>
                name in own ? faultOf(one, own[name], `${where}/${name}`) : undefined,
              ),
            )
          : undefined,
      additionalProperties: (rest) => {
        if (!isObject(own)) return undefined;
        const known = Object.keys(schema['properties'] ?? {});
        const others = Object.entries(own).filter(([name]) => !known.includes(name));
        return rest === false
          ? others.length > 0 && `${where} has ${others.map(([name]) => name).join()}`
          : some(others.map(([name, one]) => faultOf(rest as JsonSchema, one, `${where}/${name}`)));
      },
    };
    return some(
      Object.entries(schema)
        .filter(([word]) => !remarks.includes(word))
        .map(([word, argument]) => {
          const check = words[word];
          if (check === undefined) throw new Error(`the schema has the word ${word}`);
          const fault = check(argument);
          return fault === false ? undefined : fault;
        }),
    );
  };
  return faultOf(place === '#' ? root : at(place), value, '');
};
