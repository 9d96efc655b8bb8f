import { CanaryError } from '../../shared/objects/canary-error.ts'

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/

/**
 * The name of a cohort; it becomes a part of route names and a header's value, so it is a DNS label. Throws
 * `usage` for another one.
 */
export function checkCohortName(name: string): string {
  if (dnsLabel.test(name)) return name
  throw invalid(
    `"${name}" is not a valid cohort name`,
    'Use lower-case letters, digits and dashes, at most 63 characters: internal, beta-testers.',
  )
}

/** The name of a namespace; throws `usage` for what none can have. */
export function checkNamespace(name: string): string {
  if (dnsLabel.test(name)) return name
  throw invalid(
    `"${name}" is not a valid namespace name`,
    'Use lower-case letters, digits and dashes, at most 63 characters.',
  )
}

/** A version as people say it: a label value. Throws `usage` for another word, such as a mistyped flag. */
export function checkVersion(name: string): string {
  if (/^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(name)) return name
  throw invalid(
    `"${name}" is not a valid version name`,
    'A version is the value of the version label, or the name of a subset or of its Service: v2.',
  )
}

/** A Service as people say it, or the host of a ServiceEntry; throws `usage` for what neither can be. */
export function checkServiceName(name: string): string {
  const parts = bareName(name).split('.')
  if (parts.every(part => dnsLabel.test(part))) return name
  const [, version, percent] = /^([\w.-]+):(\d+%?)$/.exec(name) ?? []
  throw invalid(
    `"${name}" is not a valid Service name`,
    version !== undefined
      ? `Did you mean ${version}=${percent}?`
      : 'Use NAME, or NAME.NAMESPACE for a Service in another namespace, or the host of a ServiceEntry.',
  )
}

/**
 * The Service that the words name, by position or with --service; throws `usage` where both name different
 * ones, or where its namespace differs from that of -n.
 */
export function chosenService({ word, flag, namespace }: ServiceWords): string | undefined {
  const [first, second] = [word, flag].filter(text => text !== undefined).map(checkServiceName)
  if (first === undefined) return undefined
  const chosen = second === undefined ? first : oneOfBoth(first, second)
  const named = namespaceNamed(chosen)
  if (named === undefined || namespace === undefined || named === namespace) return chosen
  throw invalid(
    `${chosen} is in namespace ${named}, and -n says ${namespace}`,
    `Leave one of them out. The host of a ServiceEntry is written with a dot at its end: ${chosen}.`,
  )
}

/**
 * The Services that the words name, with commas between them: `catalog,svc/checkout`; each once. Throws `usage`
 * where they are in several namespaces, and as `chosenService`.
 */
export function chosenServices({ word, flag, namespace }: ServiceWords): readonly string[] {
  const [first, second] = [word, flag].flatMap(text => (text === undefined ? [] : [separated(text)]))
  if (first === undefined) return []
  if (first.length <= 1 && (second === undefined || second.length === 1))
    return [chosenService({ word, flag, namespace })!]
  if (second !== undefined && first.map(bareName).join() !== second.map(bareName).join())
    throw invalid(
      `different Services are named: ${word}, and ${flag} with --service`,
      'Leave one of them out.',
    )
  const all = first.map(one => chosenService({ word: one, namespace }) ?? one)
  const named = [...new Set(all.map(one => namespaceNamed(one) ?? namespace).filter(Boolean))]
  if (named.length > 1)
    throw invalid(
      `the Services of one change are in one namespace, and these are in ${named.join(' and ')}`,
      'Use a command for each namespace.',
    )
  const nameOf = (one: string): string =>
    namespaceNamed(one) === undefined ? bareName(one) : bareName(one).split('.', 1)[0]!
  return [...new Map(all.map(one => [nameOf(one), one])).values()]
}

const separated = (text: string): readonly string[] => text.split(',').filter(one => one !== '')

/** What was typed of a Service, and the namespace of -n. */
export interface ServiceWords {
  /** By position. */
  readonly word?: string | undefined
  /** With --service. */
  readonly flag?: string | undefined
  readonly namespace?: string | undefined
}

/** The same Service said twice may have its namespace in one of both. */
function oneOfBoth(word: string, flag: string): string {
  const [a, b] = [word, flag].map(bareName) as [string, string]
  if (a === b || a.startsWith(`${b}.`)) return word
  if (b.startsWith(`${a}.`)) return flag
  throw invalid(`two Services are named: ${word}, and ${flag} with --service`, 'Leave one of them out.')
}

/** The name without its kind and without a dot at its end. */
export const bareName = (service: string): string => service.replace(servicePrefix, '').replace(/\.$/, '')

/**
 * The namespace in `catalog.shop` and `catalog.shop.svc.cluster.local`. Other names with dots are hosts, and so
 * is `example.com.`, with a dot at its end.
 */
export function namespaceNamed(service: string): string | undefined {
  const [, namespace, kind] = service.replace(servicePrefix, '').split('.')
  return namespace === '' || (kind !== undefined && kind !== 'svc') ? undefined : namespace
}

/** kubectl's names for the kind: `svc/catalog`. */
export const servicePrefix = /^(svc|services?)\//

const invalid = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
