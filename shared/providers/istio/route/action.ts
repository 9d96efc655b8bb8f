import { expandHost } from '../../../objects/hosts.ts'
import { fieldsOf, isFields, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'
import type {
  DecidedDestination,
  Decision,
  Failure,
  HeaderOperations,
} from '../../../routing/request/decision.ts'
import { unknownWeightOf } from '../../../routing/shares.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import type { Route, RouteTarget } from '../resolve/objects/routes.ts'
import { isOpen, outcomeOf, type Asker, type DestinationOutcome } from '../resolve/outcome.ts'
import { unknownAt } from '../resolve/unknown-target.ts'
import { faultOf, forwardOf, headersOf, redirectOf } from './effects.ts'

/** The part of a decision that does not depend on the request. */
export type Action = Omit<Decision, 'route' | 'considered' | 'reason'>

/** Who acts, for requests that came over TLS or not, and whether what is not in view does not exist. */
export interface Acting {
  readonly asker: Asker
  readonly tls: boolean
  readonly complete: boolean
}

/** What a route does with the requests that it takes (TranslateRoute). */
export function actionOf(view: ClusterView, route: Route, acting: Acting): Action {
  const { fields } = route
  const fault = faultOf(fieldsOf(fields['fault']))
  const headers = headersOf(fields['headers'])
  const common = {
    ...nothing,
    isOpaque: acting.asker.section !== 'http',
    ...(fault === undefined ? {} : { fault }),
    ...(headers === undefined ? {} : { headers }),
  }
  const { asker, tls } = acting
  if (isFields(fields['redirect']))
    return {
      ...common,
      kind: 'redirect',
      redirect: redirectOf(fields['redirect'], { port: asker.port, tls }),
    }
  if (isFields(fields['directResponse']))
    return { ...common, kind: 'direct', status: numberOf(fields['directResponse']['status']) ?? 0 }
  return { ...common, ...forwardOf(fields), ...leadsOf(view, route, acting) }
}

const nothing: Action = {
  kind: 'route',
  destinations: [],
  mirrors: [],
  isPassedThrough: false,
  isOpaque: false,
}

/** A request goes to a host that a Service or ServiceEntry provides, as if no route spoke of it. */
export const defaultAction = (view: ClusterView, host: string, acting: Acting): Action => ({
  ...nothing,
  isOpaque: acting.asker.section !== 'http',
  destinations: [
    destinationOf(view, {
      target: targetOf(host, acting.asker.port),
      percent: 100,
      acting,
      headers: undefined,
    }),
  ],
})

const targetOf = (host: string, port: number | undefined): RouteTarget => ({
  place: [],
  host,
  namespace: '',
  subset: undefined,
  port,
  weight: undefined,
  percent: undefined,
  isMirror: false,
  hasShare: true,
})

/** A request leaves the mesh: it goes where the client sent it. */
export const passedThrough: Action = { ...nothing, isPassedThrough: true }

/** Nobody takes a request that must come over TLS, but is not. */
export const sentToHttps: Action = { ...nothing, kind: 'redirect', redirect: { code: 301, scheme: 'https' } }

/** What leaves the mesh is answered by the proxy itself (the block_all virtual host). */
export const blocked: Action = { ...nothing, kind: 'direct', status: 502 }

/** There is no route. */
export const refused: Action = { ...nothing, kind: 'none' }

function leadsOf(
  view: ClusterView,
  { targets, fields }: Route,
  acting: Acting,
): Pick<Action, 'destinations' | 'mirrors' | 'unknownWeight'> {
  const reached = targets.filter(({ hasShare }) => hasShare)
  const own = reached.filter(({ isMirror }) => !isMirror)
  const total = own.reduce((sum, { weight }) => sum + (weight ?? 0), 0)
  const isSplit = targets.filter(({ isMirror }) => !isMirror).length > 1
  const written = itemsOf(fields['route'])
    .map(fieldsOf)
    .filter(({ destination }) => textOf(fieldsOf(destination)['host']) !== undefined)
  const headersFor = (target: RouteTarget): HeaderOperations | undefined =>
    headersOf(written[targets.indexOf(target)]?.['headers'])
  const open = unknownWeightOf(written)
  const known = open.unknownWeight === undefined ? own : []
  return {
    ...open,
    destinations: known.map(target =>
      destinationOf(view, {
        target,
        percent: isSplit ? ((target.weight ?? 0) * 100) / total : 100,
        acting,
        headers: headersFor(target),
      }),
    ),
    mirrors: reached
      .filter(({ isMirror }) => isMirror)
      .map(target =>
        destinationOf(view, { target, percent: target.percent ?? 100, acting, headers: undefined }),
      ),
  }
}

interface Leading {
  readonly target: RouteTarget
  readonly percent: number
  readonly acting: Acting
  readonly headers: HeaderOperations | undefined
}

function destinationOf(view: ClusterView, { target, percent, acting, headers }: Leading): DecidedDestination {
  const outcome = outcomeOf(view, {
    target,
    host: expandHost(target.host, target.namespace, view.mesh.clusterDomain),
    ...acting,
  })
  const { host, port } = outcome
  const unknown = unknownAt(view, { target, outcomes: [outcome] }, acting)
  const failure = unknown === undefined ? failureOf(outcome, acting) : undefined
  return {
    host,
    subset: target.subset,
    port,
    percent,
    failure,
    headers,
    ...(unknown !== undefined && { unknown }),
  }
}

function failureOf(outcome: DestinationOutcome, acting: Acting): Failure | undefined {
  switch (outcome.found) {
    case 'assumed':
      return undefined
    case 'no-host':
      return { flag: 'NC', missing: 'host' }
    case 'no-rule':
    case 'no-subset':
      return { flag: 'NC', missing: 'subset' }
    case 'no-port':
      return { flag: 'NC', missing: 'port' }
    case 'cluster':
      return emptinessOf(outcome, acting)
  }
}

/** Where no workload of the Service is in view at all, and the view is not all that there is, they may be elsewhere. */
function emptinessOf(
  { provider, client, endpoints }: DestinationOutcome,
  { complete }: Acting,
): Failure | undefined {
  if (provider === undefined || isOpen(provider, client)) return undefined
  const selected = endpoints()
  if (selected?.running !== 0 || (selected.all === 0 && !complete)) return undefined
  // Istio makes no cluster for a name that is to be resolved from addresses that there are none of.
  return provider.form === 'dns' ? { flag: 'NC', missing: 'host' } : { flag: 'UH' }
}
