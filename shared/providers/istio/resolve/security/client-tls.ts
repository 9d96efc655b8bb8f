import type { DestinationRule } from '../../../../objects/destination-rule.ts'
import type { Path } from '../../../../objects/paths.ts'
import { fieldsOf, isFields, itemsOf, numberOf, textOf } from '../../../../objects/unchecked.ts'
import type { MergedRule } from '../destination-rules.ts'

/** How a client connects by the words of a DestinationRule, and the field that says so. */
export interface TlsOfRule {
  readonly mode: 'DISABLE' | 'SIMPLE' | 'MUTUAL' | 'ISTIO_MUTUAL'
  readonly rule: DestinationRule
  /** The `tls` field. */
  readonly path: Path
}

/**
 * How a client that applies this rule connects to a port of the Service, for a subset or for the host as a whole;
 * undefined where the rule does not say, so that the proxy chooses (MergeTrafficPolicy in
 * pilot/pkg/networking/util): what is said for a port inherits nothing, a subset inherits what it does not say.
 */
export function clientTlsOf(
  merged: MergedRule,
  { subset, port }: { readonly subset: string | undefined; readonly port: number },
): TlsOfRule | undefined {
  const own = subset === undefined ? undefined : subsetPolicy(merged, subset)
  const general = generalPolicy(merged)
  for (const policy of [own, general]) {
    if (policy === undefined) continue
    const forPort = portPolicy(policy, port)
    if (forPort !== undefined) return tlsIn(forPort)
    const said = tlsIn(policy)
    if (said !== undefined) return said
  }
  return undefined
}

interface Policy {
  readonly rule: DestinationRule
  readonly fields: Readonly<Record<string, unknown>>
  readonly path: Path
}

/** Of rules that are merged, the first that has a policy says it (mergeDestinationRule). */
function generalPolicy({ from }: MergedRule): Policy | undefined {
  const rule = from.find(each => isFields(fieldsOf(each.spec)['trafficPolicy']))
  return rule === undefined
    ? undefined
    : { rule, fields: fieldsOf(fieldsOf(rule.spec)['trafficPolicy']), path: ['spec', 'trafficPolicy'] }
}

/** The first definition of a name counts. */
function subsetPolicy({ from }: MergedRule, name: string): Policy | undefined {
  for (const rule of from) {
    const subsets = itemsOf(fieldsOf(rule.spec)['subsets']).map(fieldsOf)
    const i = subsets.findIndex(subset => subset['name'] === name)
    if (i < 0) continue
    const policy = subsets[i]!['trafficPolicy']
    return isFields(policy)
      ? { rule, fields: policy, path: ['spec', 'subsets', i, 'trafficPolicy'] }
      : undefined
  }
  return undefined
}

function portPolicy({ rule, fields, path }: Policy, port: number): Policy | undefined {
  const settings = itemsOf(fields['portLevelSettings']).map(fieldsOf)
  const i = settings.findIndex(setting => numberOf(fieldsOf(setting['port'])['number']) === port)
  return i < 0 ? undefined : { rule, fields: settings[i]!, path: [...path, 'portLevelSettings', i] }
}

const modes: ReadonlySet<string> = new Set(['DISABLE', 'SIMPLE', 'MUTUAL', 'ISTIO_MUTUAL'])

function tlsIn({ rule, fields, path }: Policy): TlsOfRule | undefined {
  if (!isFields(fields['tls'])) return undefined
  // A tls that says no mode is DISABLE, the first of its enumeration.
  const mode = textOf(fields['tls']['mode']) ?? 'DISABLE'
  return modes.has(mode) ? { mode: mode as TlsOfRule['mode'], rule, path: [...path, 'tls'] } : undefined
}
