import {
  disturbancesOf,
  type Disturbance,
} from '../../../../../shared/providers/istio/edit/placing/effect.ts'
import { cohortsAnnotation } from '../../../../../shared/routing/record/record.ts'
import type { TableKey } from '../../../../../shared/providers/istio/route/table.ts'
import { defaultCondition, type Condition } from '../../../../../shared/routing/condition.ts'
import type { ClusterView } from '../../../../../shared/view/cluster-view.ts'
import { sessionOf } from '../../../../../shared/view/session.ts'
import { snapshot } from '../../../../../shared/view/snapshot.ts'
import { istio, objects, route, shop, to } from '../../../../plan/written-worlds.ts'

const service = { name: 'catalog', namespace: 'shop', clusterDomain: 'cluster.local' }
const host = 'catalog.shop.svc.cluster.local'
/** What a route asks that is for the cohort internal. */
export const internal = '{x-istio-cohort: {exact: internal}}'
export const fromTill: Condition = { on: 'source-label', name: 'app', value: 'till' }

/** A route to the Service or to another one, with what it asks: `uri: {prefix: /a}`; nothing for all requests. */
export const asking = (match: string, subset = 'v1', more = ''): string =>
  `{${match === '' ? '' : `match: [{${match}}], `}${more}${to(subset).slice(1)}`
export const toOrders = (match: string): string =>
  `{${match === '' ? '' : `match: [{${match}}], `}route: [{destination: {host: orders}}]}`
/** A route of the cohort internal, by the name that its record has. */
export const ours = (match: string, name = 'ours', more = ''): string =>
  asking(match, 'v2', `name: ${name}, ${more}`)

interface Written {
  readonly name?: string
  readonly hosts?: string
  readonly day?: number
}

/** A VirtualService of these routes; those called `ours…` are of the cohort internal, those called `beta…` of another one. */
export function carrying(
  http: readonly string[],
  { name = 'catalog', hosts = 'hosts: [catalog]', day = 1 }: Written = {},
): string {
  const names = http.flatMap(text => /name: ((?:ours|beta)[-\w]*)/.exec(text)?.[1] ?? [])
  const cohorts = ['internal', 'beta'].map(cohort => ({
    service: 'catalog.shop',
    name: cohort,
    to: 'v2',
    routes: names.filter(each => each.startsWith(cohort === 'beta' ? 'beta' : 'ours')),
  }))
  return route(
    `shop/${name}`,
    `{${hosts}, http: [${http.join(', ')}]}`,
    `creationTimestamp: "2026-01-0${day}T00:00:00Z", annotations: {${cohortsAnnotation}: '${JSON.stringify({ cohorts })}'}`,
  )
}

const gateway = istio('Gateway', 'shop/gw', {
  spec: '{selector: {istio: ingressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}',
})
const viewOf = (...texts: readonly string[]): ClusterView =>
  sessionOf(snapshot(objects(...shop, gateway, ...texts)))

/** The tables of callers in the mesh, of those that are labelled `app=till`, and of a gateway. */
const inMesh: TableKey = {
  caller: { kind: 'workload', namespace: 'shop', labels: {} },
  host,
  port: 80,
}
export const till: TableKey = { ...inMesh, caller: { ...inMesh.caller, labels: { app: 'till' } } }
export const atGateway: TableKey = {
  caller: { kind: 'gateway', namespace: 'istio-system', labels: { istio: 'ingressgateway' } },
  host: 'shop.example.com',
  port: 80,
}
export const gatewayOnly = 'hosts: [shop.example.com], gateways: [gw]'

export interface Asked {
  readonly key?: TableKey
  readonly when?: readonly Condition[]
}

/** What is wrong with the cohort internal after an edit: `overtakes catalog[1] orders[0]`. */
export function wrong(
  before: readonly string[],
  after: readonly string[],
  { key = inMesh, when = [defaultCondition('internal')] }: Asked = {},
): readonly string[] {
  const check = { service, name: 'internal', when, before: viewOf(...before), after: viewOf(...after) }
  const place = (ref: Disturbance['base']): readonly string[] =>
    ref === undefined ? [] : [`${ref.object.name}[${ref.place[2]}]`]
  return disturbancesOf(check, [key]).map(({ is, base, overtaken }) =>
    [is, ...place(base), ...place(overtaken)].join(' '),
  )
}
/** The same for an edit of one VirtualService. */
export const wrongIn = (
  before: readonly string[],
  after: readonly string[],
  asked: Asked = {},
): readonly string[] => wrong([carrying(before)], [carrying(after)], asked)
