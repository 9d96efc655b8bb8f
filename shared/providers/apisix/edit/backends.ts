import { CanaryError } from '../../../objects/canary-error.ts'
import type { ApisixBackend, ApisixRoute, ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import { serviceOfHost } from '../../../objects/hosts.ts'
import { namespaceOf } from '../../../objects/kube-object.ts'
import { fieldsOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import type { ApisixRoutedRule } from '../read/routed-rules.ts'
import { ownSplitOf, unseenConfig } from '../resolve/own-split.ts'
import { doubledService } from '../resolve/parts.ts'
import { weightOf } from '../resolve/rules.ts'
import { backendAt } from './new-backend.ts'
import { whereIs } from './places.ts'

/** A part of a rule's requests, for the Service of a version. */
export interface ServiceShare {
  readonly host: string
  /** In whole percent. */
  readonly percent: number
}

/** What a rule's backends are made for. */
export interface BackendsAsked {
  readonly shares: readonly ServiceShare[]
  /** What is not in view does not exist. */
  readonly complete: boolean
  /** What the rule had before the canary. */
  readonly before?: readonly ApisixBackend[] | undefined
  /** Backends that get nothing stay with weight 0. */
  readonly keepsIdle?: boolean
  /**
   * Those that get requests come first. People scale the old version to zero after a promotion, and a rule whose first
   * backend has no addresses answers nothing (translator/apisixroute.go, buildUpstream).
   */
  readonly takingFirst?: boolean
  /** Backends of other services, which get nothing, stay, behind those of the service. */
  readonly keepsOthers?: boolean
}

/**
 * The backends of a rule for some shares: those that are there stay with their fields and in their order, others are
 * written as the first that leads to the service. Several all get their percent as weights, because one without counts as 100;
 * one alone has no weight, unless it had one before the canary. Throws a CanaryError `refused` where weights would not say where
 * requests go, or a backend would be missing.
 */
export function backendsFor(
  view: ClusterView,
  base: ApisixRoutedRule,
  { shares, before, complete, keepsIdle = false, takingFirst = false, keepsOthers = false }: BackendsAsked,
): readonly ApisixBackend[] {
  requireDivisible(view, base)
  requireOwn(base)
  const taking = shares.filter(({ percent }) => percent > 0)
  for (const { host } of taking) requireThere(view, base, { host, complete })
  const idle = keepsIdle ? idleIn(base, taking) : []
  const wanted = [...taking, ...idle]
  const first = new Map(
    base.parts.flatMap(({ host, backend }) => {
      const share = wanted.find(each => each.host === host)
      return share === undefined || backend === undefined ? [] : [[share.host, { share, backend }] as const]
    }),
  )
  const added = wanted
    .filter(({ host }) => !first.has(host))
    .map(share => ({
      share,
      backend: earlierAt(view, base, { host: share.host, before }) ?? backendAt(view, base, share.host),
    }))
  const all = [...first.values(), ...added]
  const left = keepsOthers ? othersIn(base) : []
  const [lone, ...others] = all
  if (lone !== undefined && others.length === 0) return [loneBackend(base, lone.backend, before), ...left]
  const isIdle = ({ share }: (typeof all)[number]): boolean => share.percent === 0
  const ordered =
    takingFirst && lone !== undefined && isIdle(lone)
      ? [...all.filter(each => !isIdle(each)), ...all.filter(isIdle)]
      : all
  return [...ordered.map(({ share, backend }) => ({ ...backend, weight: share.percent })), ...left]
}

/** The backends of a rule that lead to other services. */
const othersIn = ({ parts }: ApisixRoutedRule): readonly ApisixBackend[] =>
  parts.flatMap(({ isOwn, backend }) => (isOwn || backend === undefined ? [] : [backend]))

/**
 * The backends of a rule that are to get nothing. One alone would get everything, and so does what stays
 * beside one that is missing.
 */
const idleIn = ({ parts }: ApisixRoutedRule, taking: readonly ServiceShare[]): readonly ServiceShare[] =>
  taking.length === 0
    ? []
    : [
        ...new Set(
          parts.flatMap(({ host, isOwn, skipped }) => (isOwn && skipped === undefined ? (host ?? []) : [])),
        ),
      ]
        .filter(host => taking.every(each => each.host !== host))
        .map(host => ({ host, percent: 0 }))

/** Throws a CanaryError `refused` where the weights of a rule's backends do not, or cannot, say where its requests go. */
export function requireDivisible(view: ClusterView, base: ApisixRoutedRule): void {
  const { route, rule } = base
  const own = ownSplitOf(view, route, rule)
  if (own !== undefined)
    throw refused(
      base,
      `is divided by a plugin ${own.name} of its own (${own.where}), which overrides weights`,
      [
        `Take the plugin ${own.name} out of ${own.where === 'its plugins' ? 'the rule' : own.where}, `
          + 'or choose other routes with --route.',
      ],
    )
  const unseen = unseenConfig(view, route, rule)
  if (unseen !== undefined)
    throw refused(
      base,
      `names ApisixPluginConfig ${unseen.namespace}/${unseen.name}, which is not in view: cannot tell `
        + 'whether a plugin traffic-split of it overrides weights',
      [
        view.unread.has('ApisixPluginConfig')
          ? 'Ask for the right to list apisixpluginconfigs.apisix.apache.org, then repeat this command.'
          : 'Create it, or name the file that has it with -f as well; then repeat this command.',
      ],
    )
  const twice = doubledService(rule)
  if (twice !== undefined)
    throw refused(base, `names Service ${twice} in two backends, which controllers since 2.0 refuse`, [
      'Give each version a Service of its own, and name each in one backend.',
    ])
}

/** Throws a CanaryError `refused` where a rule shares its requests with something else than the service. */
function requireOwn(base: ApisixRoutedRule): void {
  // An ApisixUpstream may get requests, also where it is not in view.
  const others = base.parts.filter(
    ({ isOwn, percent, backend }) => !isOwn && (percent > 0 || backend === undefined),
  )
  if (others.length > 0)
    throw refused(
      base,
      `also sends requests to ${[...new Set(others.map(({ name }) => name))].join(', ')}, which is no version of the service`,
      ['Give these a rule of their own, or choose the routes to change with --route.'],
    )
}

const refused = (base: ApisixRoutedRule, what: string, hints: readonly string[]): CanaryError =>
  new CanaryError('refused', `${whereIs(base)} ${what}`, { hints })

/** Throws a CanaryError `refused` for a Service that is not there: APISIX would skip it and give everything to the others. */
function requireThere(
  view: ClusterView,
  base: ApisixRoutedRule,
  { host, complete }: { readonly host: string; readonly complete: boolean },
): void {
  const { name, namespace } = serviceOfHost(host, view.mesh.clusterDomain)!
  if (namespace !== namespaceOf(base.route))
    throw refused(
      base,
      `cannot lead to Service ${namespace}/${name}: an ApisixRoute names Services of its own namespace`,
      [`Create a Service for that version in namespace ${namespaceOf(base.route)}.`],
    )
  requireSameScheme(view, base, host)
  if (!complete || view.unread.has('Service') || serviceOf(view, host) !== undefined) return
  throw refused(base, `cannot lead to Service ${name}, which is not there: APISIX would skip it`, [
    `Create Service ${name} in namespace ${namespace}, then repeat this command.`,
  ])
}

/**
 * Throws a CanaryError `refused` for a Service that would be asked by another protocol than the one that
 * has the requests now.
 */
function requireSameScheme(view: ClusterView, base: ApisixRoutedRule, host: string): void {
  const now = base.parts.find(({ isOwn, percent }) => isOwn && percent > 0)?.host
  const [from, to] = [now ?? host, host].map(each => schemeOf(view, each))
  if (from === to) return
  const [had, gets] = [now ?? host, host].map(each => each.split('.')[0]!)
  const namespace = namespaceOf(base.route)
  throw refused(base, `asks Service ${had} by ${from}, and would ask ${gets} by ${to}`, [
    `Give Service ${gets} an ApisixUpstream of its name with scheme: ${from}, as kubectl get `
      + `apisixupstreams -n ${namespace} -o yaml shows for ${had}; then repeat this command.`,
  ])
}

/** By which protocol APISIX asks a Service: as the ApisixUpstream of its name says. */
function schemeOf(view: ClusterView, host: string): string {
  const named = serviceOfHost(host, view.mesh.clusterDomain)!
  return textOf(fieldsOf(view.get({ kind: 'ApisixUpstream', ...named })?.spec)['scheme']) ?? 'http'
}

/** A backend that gets everything, whatever its weight is. One that had everything before keeps its weight. */
function loneBackend(
  { parts }: ApisixRoutedRule,
  backend: ApisixBackend,
  before: readonly ApisixBackend[] | undefined,
): ApisixBackend {
  const { weight: _, ...rest } = backend
  const now = parts.flatMap(part => part.backend ?? [])
  const list = before ?? now
  const isIt = (each: ApisixBackend): boolean => each.serviceName === backend.serviceName
  const isAloneIn = (all: readonly ApisixBackend[]): boolean =>
    all.some(isIt) && (all.length === 1 || all.every(each => isIt(each) === weightOf(each) > 0))
  if (isAloneIn(now) && now.length === 1) return backend
  const original = list.find(isIt)
  if (original?.weight === undefined) return rest
  return { ...rest, weight: isAloneIn(list) ? original.weight : 100 }
}

/** The backend for the Service of a host that a rule had before the canary. */
const earlierAt = (
  view: ClusterView,
  { route }: ApisixRoutedRule,
  { host, before = [] }: Pick<BackendsAsked, 'before'> & { readonly host: string },
): ApisixBackend | undefined => {
  const { name, namespace } = serviceOfHost(host, view.mesh.clusterDomain)!
  return namespace === namespaceOf(route) ? before.find(each => each.serviceName === name) : undefined
}

/** The route with other rules. */
export const withRules = (route: ApisixRoute, rules: readonly ApisixRule[]): ApisixRoute => ({
  ...route,
  spec: { ...route.spec, http: rules },
})
