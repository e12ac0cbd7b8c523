import { badRequest, GraphRefusal, invalidValue } from './refusal.js';

/** Typed property tables, and the reading of request bodies by them: an unknown or ill-typed property is refused. */

export type PropertyType = 'string' | 'boolean' | 'integer' | 'dateTime' | 'strings' | 'object' | 'objects' | Shape;

export interface Property {
  readonly type: PropertyType;
  readonly required?: boolean;
  readonly nullable?: boolean;
  readonly maxLength?: number;
}

export type Shape = Readonly<Record<string, Property>>;

export type Body = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isDateTime = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}T[\d:.]+(Z|[+-]\d{2}:\d{2})$/.test(value) &&
  !Number.isNaN(Date.parse(value));

const hasType = (value: unknown, type: Exclude<PropertyType, Shape>): boolean => {
  switch (type) {
    case 'string':
      return typeof value === 'string';
    case 'boolean':
      return typeof value === 'boolean';
    case 'integer':
      return Number.isInteger(value);
    case 'dateTime':
      return isDateTime(value);
    case 'strings':
      return Array.isArray(value) && value.every((each) => typeof each === 'string');
    case 'object':
      return isRecord(value);
    case 'objects':
      return Array.isArray(value) && value.every(isRecord);
  }
};

const checkProperty = (name: string, value: unknown, property: Property, resource: string): void => {
  if (value === null) {
    if (property.nullable !== true) throw invalidValue(name, resource);
    return;
  }
  if (typeof property.type === 'object') {
    checkObject(value, property.type, name);
    return;
  }
  if (!hasType(value, property.type)) throw invalidValue(name, resource);
  if (property.maxLength !== undefined && typeof value === 'string' && value.length > property.maxLength)
    throw invalidValue(name, resource);
  if (property.required === true && value === '') throw invalidValue(name, resource);
};

function checkObject(value: unknown, shape: Shape, resource: string): asserts value is Body {
  if (!isRecord(value)) throw invalidValue(resource, resource);
  for (const [name, each] of Object.entries(value)) {
    const property = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (property !== undefined) checkProperty(name, each, property, resource);
    else if (!name.startsWith('@odata.')) throw unknownProperty(name, resource);
  }
  for (const [name, property] of Object.entries(shape)) {
    if (property.required === true && !Object.hasOwn(value, name))
      throw badRequest(`A value is required for property '${name}' of resource '${resource}'.`, [
        { code: 'MissingRequiredProperty', message: `'${name}' is required.`, target: name },
      ]);
  }
}

const unknownProperty = (name: string, resource: string): GraphRefusal =>
  /^extension_[0-9a-f]{32}_/i.test(name)
    ? badRequest(`The following extension properties are not available: ${name}.`)
    : new GraphRefusal(
        400,
        'BadRequest',
        `The property '${name}' does not exist on type '${resource}'. Make sure to only use property names that are defined by the type.`,
      );

/** The body, if it is an object of this shape. */
export const readBody = (body: unknown, shape: Shape, resource: string): Body => {
  if (!isRecord(body)) throw new GraphRefusal(400, 'BadRequest', 'Unable to read JSON request payload.');
  checkObject(body, shape, resource);
  return body;
};
