import { Ajv, type ErrorObject } from 'ajv'
import { parse } from 'yaml'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { defaultConfig, type GuardConfig } from './config.ts'
import { configSchema } from './config-schema.ts'

/** Reads the text of a configuration file, YAML or JSON; throws a CanaryError `unreadable` with every mistake. */
export type ReadConfig = (text: string) => GuardConfig

/** A reader for configurations that may name these rules. */
export function configReader(ruleIds: readonly string[]): ReadConfig {
  const validate = new Ajv({ allErrors: true }).compile<Partial<GuardConfig>>(configSchema(ruleIds))
  return text => {
    const value = parsed(text)
    if (!validate(value))
      throw new CanaryError('unreadable', (validate.errors ?? []).map(sentenceOf).join('; '))
    return {
      ...defaultConfig,
      ...value,
      absent: { ...defaultConfig.absent, ...value.absent },
      crossNamespace: { ...defaultConfig.crossNamespace, ...value.crossNamespace },
      exemptions: { ...defaultConfig.exemptions, ...value.exemptions },
      audit: { ...defaultConfig.audit, ...value.audit },
    }
  }
}

/** Far more than all rules and a hundred users need; to parse 1 MB blocks reviews for seconds. */
const mostCharacters = 50_000

/** The parsed text; an empty file is an empty configuration. */
function parsed(text: string): unknown {
  if (text.length > mostCharacters)
    throw new CanaryError('unreadable', `it has more than ${mostCharacters} characters`)
  try {
    // Text that the parser only warns of is rejected by the schema, or harmless.
    return parse(text, { logLevel: 'error' }) ?? {}
  } catch (error) {
    throw new CanaryError(
      'unreadable',
      `not YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`,
    )
  }
}

function sentenceOf({ instancePath, keyword, params, message = 'is wrong' }: ErrorObject): string {
  const place = instancePath === '' ? 'the configuration' : instancePath.slice(1).replaceAll('/', '.')
  if (keyword === 'additionalProperties')
    return `${place} has the unknown key "${params['additionalProperty']}"`
  if (keyword === 'enum')
    return `${place} must be one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`
  return `${place} ${message}`
}
