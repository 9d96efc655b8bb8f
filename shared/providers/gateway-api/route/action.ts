import { CanaryError } from '../../../objects/canary-error.ts'
import type { RouteFilter, RouteRule, ServiceRoute } from '../../../objects/gateway-api.ts'
import { refOf } from '../../../objects/kinds.ts'
import { formatPath } from '../../../objects/paths.ts'
import { fieldsOf, isFields, textOf } from '../../../objects/unchecked.ts'
import type { Decision } from '../../../routing/request/decision.ts'
import { unknownWeightOf } from '../../../routing/shares.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { filtersOf, rulesOf } from '../resolve/routes.ts'
import { hostOf, serviceNamed, hasReadyEndpoint, type ServiceName } from '../resolve/services.ts'
import { portsOf } from '../resolve/backends.ts'
import type { TableMatch } from '../resolve/table.ts'
import { destinationsOf, errorOf, mirrorsOf, type HasEndpoints } from './backends.ts'
import {
  authorityOf,
  hasUnknownFilter,
  headersOf,
  pathChangeOf,
  redirectOf,
  timesOf,
  type PathChange,
} from './effects.ts'

/** What is done with the requests of a match, except for what depends on the path of the request. */
export interface RequestAction {
  readonly action: Omit<Decision, 'route' | 'considered' | 'reason'>
  /** What the path becomes for the backend, or in a redirect. */
  readonly changesPath: PathChange | undefined
}

/** Who acts: a listener's port, or that of a Service in the mesh. */
export interface ActingEntrance {
  readonly isMesh: boolean
  /** The implementation may have filters of its own. */
  readonly mayExtend: boolean
  readonly port: number
  readonly tls: boolean
  readonly complete: boolean
  readonly hasEndpoints: HasEndpoints | undefined
}

const nothing = {
  kind: 'route',
  destinations: [],
  mirrors: [],
  isPassedThrough: false,
  isOpaque: false,
} as const satisfies RequestAction['action']

/** What a rule does with the requests that one of its matches takes. */
export function actionOf(
  view: ClusterView,
  { route, rule: index, match }: TableMatch,
  entrance: ActingEntrance,
): RequestAction {
  const rule = rulesOf(route)[index] ?? {}
  const filters = filtersOf(rule)
  const failing = {
    action: { ...nothing, kind: 'direct', status: errorOf(route) },
    changesPath: undefined,
  } as const
  if (hasUnknownFilter(filters, entrance.mayExtend)) return failing
  const headers = headersOf(filters)
  const common = { ...nothing, ...(headers !== undefined && { headers }) }
  const asking = { route, ...entrance }
  const mirrors = mirrorsOf(view, rule, asking)
  const redirect = filters.find(({ type }) => type === 'RequestRedirect')?.requestRedirect
  if (isFields(redirect))
    return {
      action: { ...common, kind: 'redirect', mirrors, redirect: redirectOf(redirect, entrance) },
      changesPath: pathChangeOf(redirect['path'], match.path),
    }
  const open = unknownWeightOf(rule.backendRefs)
  if (open.unknownWeight !== undefined) return { action: { ...common, ...open }, changesPath: undefined }
  const destinations = destinationsOf(view, rule, asking)
  if (destinations.length === 0) {
    refuseExtension(route, { index, filters })
    return failing
  }
  return forwarding(rule, { ...common, destinations, mirrors }, match)
}

/** Throws a CanaryError `failed` where a rule without backends leaves the answer to an extension. */
function refuseExtension(
  route: ServiceRoute,
  { index, filters }: { readonly index: number; readonly filters: readonly RouteFilter[] },
): void {
  const extension = filters.find(({ type }) => type === 'ExtensionRef')
  if (extension === undefined) return
  const [{ namespace, name }, ref] = [refOf(route), fieldsOf(extension.extensionRef)]
  throw new CanaryError(
    'failed',
    `cannot tell what answers the request: ${route.kind} ${namespace}/${name} ${formatPath(['spec', 'rules', index])} takes it, and its filter ${textOf(ref['kind'])} ${textOf(ref['name'])} decides`,
    { hints: ['That filter is an extension of the implementation of the Gateway, which is not read.'] },
  )
}

/** Requests that go on to backends, changed on the way where the rule says so. */
function forwarding(
  rule: RouteRule,
  forward: RequestAction['action'],
  match: TableMatch['match'],
): RequestAction {
  const urlRewrite = filtersOf(rule).find(({ type }) => type === 'URLRewrite')?.urlRewrite
  const rewrite = isFields(urlRewrite) ? authorityOf(urlRewrite) : undefined
  return {
    action: { ...forward, ...timesOf(rule), ...(rewrite !== undefined && { rewrite }) },
    changesPath: isFields(urlRewrite) ? pathChangeOf(urlRewrite['path'], match.path) : undefined,
  }
}

/** The action for one request, its path as the proxy matches it. */
export function actionFor({ action, changesPath }: RequestAction, path: string): RequestAction['action'] {
  const changed = changesPath?.(path)
  if (changed === undefined) return action
  return action.redirect === undefined
    ? { ...action, rewrite: { ...action.rewrite, path: changed } }
    : { ...action, redirect: { ...action.redirect, path: changed } }
}

/** A request goes to the Service that it names, as if no route spoke of it. */
export function defaultAction(
  view: ClusterView,
  service: ServiceName,
  { port, complete, hasEndpoints }: ActingEntrance,
): RequestAction['action'] {
  const found = serviceNamed(view, service)
  const isServed =
    found === undefined
    || !complete
    || (hasEndpoints?.(view, found) ?? hasReadyEndpoint(view, found)) !== false
  return {
    ...nothing,
    destinations: [
      {
        host: hostOf(view, service),
        subset: undefined,
        port,
        percent: 100,
        failure: isServed ? undefined : { flag: 'UH' },
        headers: undefined,
      },
    ],
  }
}

/** Whether a Service has a port; one that is not in view has whatever is asked for. */
export function hasPort(view: ClusterView, service: ServiceName, port: number): boolean {
  const found = serviceNamed(view, service)
  return found === undefined || portsOf(found).includes(port)
}

/** What no route and no Service is for: it goes where the client sent it. */
export const passedThrough: RequestAction['action'] = { ...nothing, isPassedThrough: true }

/** There is no route. */
export const unrouted: RequestAction['action'] = { ...nothing, kind: 'none' }
