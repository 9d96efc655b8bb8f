import { quotedName } from '../../../objects/text/escaped.ts'
import type { Fault, Re2Fault } from '../../schema/fault.ts'
import { checkExportTo } from '../export-to.ts'
import { checkHosts } from './hosts.ts'
import { checkHttpRoute, type HttpRouteSpec } from './http-route.ts'
import { checkTcpRoute, checkTlsRoute, type TcpRoute, type TlsRoute } from './l4-route.ts'
import { checkGatewayNames, isJwtClaim } from './match.ts'

/** A VirtualService's spec that holds its schema. */
export interface CheckedVirtualService {
  readonly hosts?: readonly string[]
  readonly gateways?: readonly string[]
  readonly http?: readonly HttpRouteSpec[]
  readonly tcp?: readonly TcpRoute[]
  readonly tls?: readonly TlsRoute[]
  readonly exportTo?: readonly string[]
}

/**
 * What Istio's webhook says against a VirtualService, beyond its schema (istio/pkg/config/validation,
 * ValidateVirtualService).
 */
export function* checkVirtualService(
  spec: CheckedVirtualService,
  namespace: string,
  re2Fault: Re2Fault | undefined,
): Iterable<Fault> {
  const { hosts = [], gateways = [], exportTo = [] } = spec
  const toMesh = gateways.length === 0 || gateways.includes('mesh')
  if (hosts.length === 0) yield* checkDelegate(spec)
  yield* checkGatewayNames(gateways, ['spec', 'gateways'])
  if (toMesh) yield* checkNoClaims(spec.http ?? [])
  yield* checkHosts(hosts, { toMesh, bySni: isRoutedBySni(spec) }, ['spec', 'hosts'])
  yield* checkRoutes(spec, re2Fault)
  yield* checkExportTo(exportTo, { namespace, hasSelector: false }, ['spec', 'exportTo'])
}

const isRoutedBySni = ({ tls = [] }: CheckedVirtualService): boolean =>
  tls.some(({ match = [] }) => match.some(({ sniHosts = [] }) => sniHosts.length > 0))

function* checkRoutes(spec: CheckedVirtualService, re2Fault: Re2Fault | undefined): Iterable<Fault> {
  const { hosts = [], gateways = [], http = [], tcp = [], tls = [] } = spec
  const isDelegate = hosts.length === 0
  if (http.length + tcp.length + tls.length === 0)
    yield {
      path: ['spec'],
      message: 'a VirtualService needs http, tcp or tls routes',
      about: 'routes',
      fix: 'Add routes to spec.http, spec.tcp or spec.tls.',
    }
  for (const [i, route] of http.entries())
    yield* checkHttpRoute(route, { isDelegate, re2Fault }, ['spec', 'http', i])
  for (const [i, route] of tls.entries())
    yield* checkTlsRoute(route, { hosts, bindsMesh: gateways.includes('mesh') }, ['spec', 'tls', i])
  for (const [i, route] of tcp.entries()) yield* checkTcpRoute(route, ['spec', 'tcp', i])
}

function* checkDelegate(spec: CheckedVirtualService): Iterable<Fault> {
  for (const key of ['gateways', 'tls', 'tcp'] as const) {
    if ((spec[key] ?? []).length > 0) {
      yield {
        path: ['spec', key],
        message: `a VirtualService without hosts is a delegate and cannot have ${key}`,
        about: '',
      }
    }
  }
}

/** Claims are there on gateways only. */
function* checkNoClaims(http: readonly HttpRouteSpec[]): Iterable<Fault> {
  for (const [i, { match = [] }] of http.entries()) {
    for (const [j, block] of match.entries()) {
      for (const key of ['headers', 'withoutHeaders'] as const) {
        if (block[key] === undefined) continue
        for (const name of Object.keys(block[key]).filter(isJwtClaim)) {
          yield {
            path: ['spec', 'http', i, 'match', j, key, name],
            message: `${quotedName(name)} can be matched on gateways only, not in the mesh`,
            about: '',
          }
        }
      }
    }
  }
}
