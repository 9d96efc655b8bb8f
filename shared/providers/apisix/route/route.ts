import { CanaryError } from '../../../objects/canary-error.ts'
import type { ApisixRule } from '../../../objects/apisix/apisix-route.ts'
import { refOf } from '../../../objects/kinds.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import { parseDuration } from '../../../objects/text/parse-duration.ts'
import { unmetBy } from '../../../routing/match.ts'
import type { Considered, DecidedDestination, Decision, RouteRef } from '../../../routing/request/decision.ts'
import { unknownWeightOf } from '../../../routing/shares.ts'
import type { RouteOptions } from '../../../routing/request/request-routing.ts'
import type { Request } from '../../../routing/request/request.ts'
import { asMatched } from '../../../routing/request/normalize-path.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { besideGateway, hostWithoutPort, undecided } from '../../../workloads/asked-service.ts'
import { workloadsOfService } from '../../../workloads/service-workloads.ts'
import { serviceOf } from '../../../workloads/version-services.ts'
import { placeOf } from '../read/traffic.ts'
import { decidingPlugin, unseenConfig } from '../resolve/own-split.ts'
import { partsOf, type SharedPart } from '../resolve/parts.ts'
import { nameOf, ruleKeys, rulesOf } from '../resolve/rules.ts'
import { entriesOf, triedFor, type Router, type TableEntry } from '../resolve/table.ts'
import { decodedQuery } from './decoded-query.ts'
import { classOfCaller } from './entrances.ts'

/**
 * What APISIX does with a request that comes by it; callers in the cluster ask the Service itself. Throws a CanaryError
 * `failed` where nobody can tell: rules of one path and priority take it, or a plugin or function decides.
 */
export function route(view: ClusterView, asked: Request, options: RouteOptions): Decision {
  const ingressClass = classOfCaller(asked.caller)
  if (ingressClass === undefined) return besideGateway(view, asked)
  const request = asked.query === undefined ? asked : { ...asked, parameters: decodedQuery(asked.query) }
  const entries = entriesOf(view, ingressClass)
  const [found, other] = (['host-first', 'path-first'] as const).map(router =>
    taken(entries, request, { router, options }),
  )
  const [entry, second] = [found!.entry, other!.entry]
  if (entry?.route !== second?.route || entry?.rule !== second?.rule)
    throw cannotTell(
      `${whereOf(entry)} takes the request where APISIX looks at hosts first (radixtree_host_uri), and ${whereOf(second)} where it does not (radixtree_uri)`,
    )
  if (entry === undefined) {
    const isKnown = triedFor(entries, hostWithoutPort(request.host), { router: 'path-first' }).length > 0
    return {
      ...undecided,
      kind: 'none',
      reason: isKnown ? 'no-route' : 'no-host',
      considered: found!.considered,
    }
  }
  return decided(view, entry, { considered: found!.considered, options })
}

interface Taken {
  readonly entry: TableEntry | undefined
  readonly considered: readonly Considered[]
}

function taken(
  entries: readonly TableEntry[],
  request: Request,
  { router, options }: { readonly router: Router; readonly options: RouteOptions },
): Taken {
  const seen = asMatched(request)
  const considered: Considered[] = []
  for (const tried of triedFor(entries, hostWithoutPort(request.host), { router })) {
    const taking: TableEntry[] = []
    for (const entry of tried) {
      const unmet = unmetBy(entry.match, seen, options.regex)
      if (unmet === undefined) taking.push(entry)
      else considered.push({ route: routeRefOf(entry), unmet })
    }
    const [first, ...others] = taking
    if (first === undefined) continue
    const unsure = taking.find(each => each.unsure.length > 0)
    if (unsure !== undefined)
      throw cannotTell(
        `${whereOf(unsure)} also asks ${unsure.unsure.join(' and ')}, which the request does not say`,
      )
    const rival = others.find(each => each.route !== first.route || each.rule !== first.rule)
    if (rival !== undefined)
      throw cannotTell(
        `${whereOf(first)} and ${whereOf(rival)} both take the request with one path and priority`,
      )
    return { entry: first, considered }
  }
  return { entry: undefined, considered }
}

const cannotTell = (why: string): CanaryError =>
  new CanaryError('failed', `cannot tell which rule takes the request: ${why}`, {
    hints: ['Give the rules different priorities, or ask for another request.'],
  })

const whereOf = (entry: TableEntry | undefined): string =>
  entry === undefined ? 'no rule' : `ApisixRoute ${nameOf(entry.route)} ${placeOf({ index: entry.rule })}`

/** The rule of an entry, by its name. */
function routeRefOf({ route: object, rule }: TableEntry): RouteRef {
  const ref = refOf(object)
  const name = textOf(rulesOf(object)[rule]?.name)
  return { owner: ref, object: ref, place: ['spec', 'http', rule], name, key: ruleKeys(object)[rule] }
}

interface Deciding {
  readonly considered: readonly Considered[]
  readonly options: RouteOptions
}

function decided(view: ClusterView, entry: TableEntry, { considered, options }: Deciding): Decision {
  const { complete = true } = options
  const rule = rulesOf(entry.route)[entry.rule]!
  const plugin = decidingPlugin(view, entry.route, rule)
  const unseen = unseenConfig(view, entry.route, rule)
  if (plugin !== undefined || unseen !== undefined)
    throw new CanaryError(
      'failed',
      `cannot tell where the request goes: ${whereOf(entry)} takes it, and ${plugin === undefined ? `its ApisixPluginConfig ${unseen!.namespace}/${unseen!.name} is not in view` : `the plugin ${plugin.name} (${plugin.where}) decides`}`,
      {
        hints: [
          `The rule: kubectl get apisixroute ${entry.route.metadata.name} -n ${nameOf(entry.route).split('/')[0]} -o yaml`,
        ],
      },
    )
  const open = unknownWeightOf([...itemsOf(rule.backends), ...itemsOf(rule.upstreams)])
  if (open.unknownWeight !== undefined)
    return { ...undecided, kind: 'route', route: routeRefOf(entry), considered, ...open }
  const parts = partsOf(view, entry.route, { rule, complete })
  const isServed = parts.some(({ percent }) => percent > 0)
  // The first backend is the rule's own upstream: without endpoints the others are not even configured.
  const isDown =
    parts.length > 0
    && complete
    && hasEndpoints(
      view,
      parts.find(part => part.skipped === undefined),
    ) === false
  return {
    ...undecided,
    kind: isServed ? 'route' : 'direct',
    ...(!isServed && { status: 503 }),
    route: routeRefOf(entry),
    considered,
    ...timeoutOf(rule),
    destinations: parts
      .filter(({ percent }) => percent > 0)
      .map(part => destinationOf(part, isDown || (complete && hasEndpoints(view, part) === false))),
  }
}

const destinationOf = (
  { host, name, backend, percent }: SharedPart,
  isDown: boolean,
): DecidedDestination => ({
  host: host ?? name,
  subset: textOf(backend?.subset),
  port: numberOf(backend?.servicePort),
  percent,
  failure: isDown ? { flag: 'UH' } : undefined,
  headers: undefined,
})

/** Whether the Service of a backend has pods that are ready; undefined where that is not known. */
function hasEndpoints(view: ClusterView, part: SharedPart | undefined): boolean | undefined {
  const service = part?.host === undefined ? undefined : serviceOf(view, part.host)
  if (service === undefined) return undefined
  const workloads = workloadsOfService(view, service)
  if (workloads.some(({ ready }) => ready > 0)) return true
  return workloads.length > 0 && workloads.every(({ wanted }) => wanted === 0) ? false : undefined
}

/** How long APISIX waits for an answer of the backend. */
function timeoutOf(rule: ApisixRule): Pick<Decision, 'timeout'> {
  const read = textOf(fieldsOf(Reflect.get(rule, 'timeout'))['read'])
  const timeout = read === undefined ? undefined : parseDuration(read)
  return timeout === undefined ? {} : { timeout }
}
