import type { ApisixBackend, ApisixRoute, ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import { serviceHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { itemsOf } from '../../../objects/unchecked.ts'
import {
  noteEmptyAnnotations,
  withoutEmptyParts,
  withRecord,
  withStable,
} from '../../../routing/record/write-record.ts'
import { idOf, type RoutedService } from '../../../routing/service.ts'
import { servedHostsOf } from '../../../workloads/service-versions.ts'
import type { ApisixReading } from '../read/reading.ts'
import { recordOf, type ApisixRecord, type ApisixRestore } from '../read/record.ts'
import { rulesIn, type ApisixRoutedRule } from '../read/routed-rules.ts'
import { backendsOf, ruleKeys, rulesOf } from '../resolve/rules.ts'
import { withRules } from './backends.ts'

/** A route on its way from one state to the next; each step gives another one. */
export interface ApisixDraft {
  readonly route: ApisixRoute
  readonly record: ApisixRecord
}

/** A route before it is edited. Throws a CanaryError `unreadable` where its record is. */
export function draftOf(given: ApisixRoute): ApisixDraft {
  const route = noteEmptyAnnotations(given)
  return { route, record: recordOf(route) }
}

/** The base rules of a service in a draft. */
export const basesIn = (
  { view, service, complete }: ApisixReading,
  { route, record }: ApisixDraft,
): readonly ApisixRoutedRule[] =>
  rulesIn(view, withRecord(route, record), { service, complete })
    .filter(({ cohort }) => cohort === undefined)
    .map(rule => ({ ...rule, route }))

/** The draft with each rule by its name put in the place of the one that has the name. */
export function withRulesByKey(
  { route, record }: ApisixDraft,
  rules: ReadonlyMap<string, ApisixRule>,
): ApisixDraft {
  const keys = ruleKeys(route)
  const replaced = rulesOf(route).map((rule, i) => rules.get(keys[i]!) ?? rule)
  return { route: rules.size === 0 ? route : withRules(route, replaced), record }
}

/** The draft without the rules of some names. */
export function withoutRules({ route, record }: ApisixDraft, gone: ReadonlySet<string>): ApisixDraft {
  const keys = ruleKeys(route)
  const left = rulesOf(route).filter((_, i) => !gone.has(keys[i]!))
  return { route: left.length === keys.length ? route : withRules(route, left), record }
}

/** The draft with other things to put back. */
export const withRestore = ({ route, record }: ApisixDraft, restore: ApisixRestore): ApisixDraft => ({
  route,
  record: { ...record, restore: { ...record.restore, ...restore } },
})

/** A rule whose backends change. */
export interface ChangedRule {
  readonly base: ApisixRoutedRule
  readonly backends: readonly ApisixBackend[]
}

/** The draft with rules whose backends changed; what they were before the canary is written down once. */
export function withBackends(
  draft: ApisixDraft,
  service: RoutedService,
  changed: readonly ChangedRule[],
): ApisixDraft {
  const id = idOf(service)
  const known = draft.record.restore?.backends?.[id] ?? {}
  const before = Object.fromEntries(
    changed
      .filter(({ base }) => known[base.key] === undefined)
      .map(({ base }) => [base.key, itemsOf(base.rule.backends) as readonly ApisixBackend[]] as const),
  )
  const rules = new Map(changed.map(({ base, backends }) => [base.key, { ...base.rule, backends }] as const))
  return withRestore(withRulesByKey(draft, rules), {
    backends: { ...draft.record.restore?.backends, [id]: { ...known, ...before } },
  })
}

/** The draft without what is written down of a service in one part of the record. */
export function forgetting(
  draft: ApisixDraft,
  service: RoutedService,
  part: 'backends' | 'only',
): ApisixDraft {
  const { [idOf(service)]: _, ...others } = draft.record.restore?.[part] ?? {}
  return withRestore(draft, { [part]: others })
}

/** The draft with the service's stable version written down, or not any more. */
export function stableIn(
  { view, service }: ApisixReading,
  { route, record }: ApisixDraft,
  stable: string | undefined,
): ApisixDraft {
  const [hosts, namespace] = [new Set(servedHostsOf(service)), namespaceOf(route)]
  const isAlone = rulesOf(route).every(rule =>
    backendsOf(rule).every(({ serviceName = '' }) =>
      hosts.has(serviceHost(serviceName, namespace, view.mesh.clusterDomain)),
    ),
  )
  return { route: withStable(route, service, { stable, isAlone }), record }
}

/** The route as it is to be written. */
export function finished({ route, record }: ApisixDraft): ApisixRoute {
  const { restore = {}, cohorts } = record
  return withRecord(route, { cohorts, restore: withoutEmptyParts(restore) })
}
