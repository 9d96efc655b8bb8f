import type { BackendRef, RouteRule, ServiceRoute } from '../../../objects/gateway-api.ts'
import {
  noteEmptyAnnotations,
  withoutEmptyParts,
  withRecord,
  withStable,
} from '../../../routing/record/write-record.ts'
import { idOf, type RoutedService } from '../../../routing/service.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { recordOf, type RouteRecord, type RouteRestore } from '../read/record.ts'
import { rulesIn, type RoutedRule } from '../read/rules/routed-rules.ts'
import { ruleKeys } from '../read/rules/rule-keys.ts'
import { hostOfBackend, servedHosts } from '../read/services/service-hosts.ts'
import { backendsOf, rulesOf } from '../resolve/routes.ts'
import { withRules } from './backends/backends.ts'

/** A route on its way from one state to the next; each step gives another one. */
export interface RouteDraft {
  readonly route: ServiceRoute
  readonly record: RouteRecord
}

/** A route before it is edited. Throws a CanaryError `unreadable` where its record is. */
export function draftOf(given: ServiceRoute): RouteDraft {
  const route = noteEmptyAnnotations(given)
  return { route, record: recordOf(route) }
}

/** The base rules of a service in a draft. */
export const basesIn = (view: ClusterView, { route, record }: RouteDraft, service: RoutedService) =>
  rulesIn(view, withRecord(route, record), service)
    .filter(({ cohort }) => cohort === undefined)
    .map(rule => ({ ...rule, route }))

/** The draft with each rule by its key put in the place of the one that has the key. */
export function withRulesByKey(
  { route, record }: RouteDraft,
  rules: ReadonlyMap<string, RouteRule>,
): RouteDraft {
  const keys = ruleKeys(route)
  const replaced = rulesOf(route).map((rule, i) => rules.get(keys[i]!) ?? rule)
  return { route: rules.size === 0 ? route : withRules(route, replaced), record }
}

/** The draft without the rules of some keys. */
export function withoutRules({ route, record }: RouteDraft, gone: ReadonlySet<string>): RouteDraft {
  const keys = ruleKeys(route)
  const left = rulesOf(route).filter((_, i) => !gone.has(keys[i]!))
  return { route: left.length === keys.length ? route : withRules(route, left), record }
}

/** The draft with other things to put back. */
export const withRestore = ({ route, record }: RouteDraft, restore: RouteRestore): RouteDraft => ({
  route,
  record: { ...record, restore: { ...record.restore, ...restore } },
})

/** The draft with rules whose backends changed; what they were before the canary is written down once. */
export function withBackends(
  draft: RouteDraft,
  service: RoutedService,
  changed: readonly { readonly base: RoutedRule; readonly backendRefs: readonly BackendRef[] }[],
): RouteDraft {
  const id = idOf(service)
  const known = draft.record.restore?.backends?.[id] ?? {}
  const before = Object.fromEntries(
    changed
      .filter(({ base }) => known[base.key] === undefined)
      .map(({ base }) => [base.key, backendsOf(base.rule)] as const),
  )
  const rules = new Map(
    changed.map(({ base, backendRefs }) => [base.key, { ...base.rule, backendRefs }] as const),
  )
  return withRestore(withRulesByKey(draft, rules), {
    backends: { ...draft.record.restore?.backends, [id]: { ...known, ...before } },
  })
}

/** The draft without what is written down of a service in one part of the record. */
export function forgetting(
  draft: RouteDraft,
  service: RoutedService,
  part: 'backends' | 'only' | 'mirrors',
): RouteDraft {
  const { [idOf(service)]: _, ...others } = draft.record.restore?.[part] ?? {}
  return withRestore(draft, { [part]: others })
}

/** The draft with the service's stable version written down, or not any more. */
export function stableIn(
  view: ClusterView,
  { route, record }: RouteDraft,
  { service, stable }: { readonly service: RoutedService; readonly stable: string | undefined },
): RouteDraft {
  const hosts = new Set(servedHosts(service))
  const isAlone = rulesOf(route).every(rule =>
    backendsOf(rule).every(backend => hosts.has(hostOfBackend(view, route, backend) ?? '')),
  )
  return { route: withStable(route, service, { stable, isAlone }), record }
}

/** The route as it is to be written. */
export function finished({ route, record }: RouteDraft): ServiceRoute {
  const { restore = {}, cohorts } = record
  return withRecord(route, { cohorts, restore: withoutEmptyParts(restore) })
}
