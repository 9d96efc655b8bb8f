import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'

/** As much of a JSON schema as the tests of it look at. */
export interface StatusSchema {
  readonly $ref?: string
  readonly type?: string
  readonly properties?: Readonly<Record<string, StatusSchema>>
  readonly items?: StatusSchema
  readonly definitions?: Readonly<Record<string, StatusSchema>>
}

/** The schema of `status -o json`. */
export const published = JSON.parse(
  readFileSync(new URL('../../../docs/status-output.schema.json', import.meta.url), 'utf8'),
) as StatusSchema

/** The same schema, which refuses fields that it does not say. */
const closed = (schema: unknown): unknown => {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]) => [key, closed(value)] as const)
  return { ...Object.fromEntries(entries), ...('properties' in schema && { additionalProperties: false }) }
}

const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true })
const validate = ajv.compile(closed(published) as object)

/** Asserts that data has the fields of the schema, and no others. */
export function assertStatusData(data: unknown, said: string): void {
  assert.ok(validate(data), `${said}: ${ajv.errorsText(validate.errors)}`)
}
