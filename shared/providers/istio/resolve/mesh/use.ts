import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import type { Client } from '../clients.ts'
import { delegatedRoutes } from '../delegates.ts'
import { httpRoutes, idOf, type Application, type Listener, type MeshUse } from '../mesh.ts'
import { claimsOf, httpUse } from './http.ts'
import { l4Routes, l4Use } from './l4.ts'
import { ownerOf } from './owners.ts'
import { loads } from './scope.ts'
import { scopeOf } from './sidecars.ts'

export interface MeshAsking {
  readonly client: Client
  readonly complete: boolean
  /** Also what is there only because port 80 takes routes for any host. */
  readonly withStrays?: boolean
}

const nothing: MeshUse = { applications: [], lost: [] }

/**
 * Where a VirtualService applies in the sidecars of a client, over all listeners that have loaded it. Where a
 * host is provided by nothing and the
 * input is not the whole world (`complete`), somebody else's Service is taken to provide it, on ports
 * unknown.
 */
export function meshUse(
  view: ClusterView,
  object: VirtualService,
  { client, complete, withStrays = false }: MeshAsking,
): MeshUse {
  const scope = scopeOf(view, client)
  const loading = scope.listeners.filter(listener => loads(view, { scope, listener }, object))
  const asked = loading
    .map(listener => ({ object, client, scope, listener }))
    .map(asking => ({ ...asking, claims: claimsOf(view, asking) }))
  if (asked.length === 0) return nothing
  const isGuess =
    !complete
    && asked.every(({ claims }) => claims.every(({ providers }) => providers.length === 0))
    && asked.some(({ claims }) => claims.length > 0)
  if (isGuess) return guessedUse(view, object, asked[0]!)
  const uses = asked.map(asking => httpUse(view, { ...asking, withStrays }))
  const hasL4 = delegatedRoutes(view, object).routes.some(({ section }) => section !== 'http')
  return {
    applications: [
      ...uses.flatMap(use => use.applications),
      ...(hasL4 ? asked.flatMap(asking => l4Use(view, asking)) : []),
    ],
    lost: uses.flatMap(use => use.lost),
  }
}

type Asked = Parameters<typeof claimsOf>[1] & { readonly claims: ReturnType<typeof claimsOf> }

/** On a port that nobody knows, for each of the hosts that is not another's. */
function guessedUse(
  view: ClusterView,
  object: VirtualService,
  { client, claims, ...within }: Asked,
): MeshUse {
  const listener: Listener = { client, gateway: 'mesh', port: undefined }
  const routes = httpRoutes(delegatedRoutes(view, object).routes, listener)
  const contested =
    routes.length === 0
      ? []
      : claims.map(({ host }) => ({ host, owner: ownerOf(view, within, { host, listener }) ?? object }))
  const isOurs = contested.some(({ owner }) => idOf(owner) === idOf(object))
  const base = { ...listener, isStray: false }
  const l4 = (['tcp', 'tls'] as const).map((section): Application => ({
    ...base,
    section,
    routes: l4Routes([object], { view, section, listener }).get(idOf(object)) ?? [],
  }))
  return {
    applications: [
      ...(isOurs ? [{ ...base, section: 'http' as const, routes }] : []),
      ...l4.filter(application => application.routes.length > 0),
    ],
    lost: contested
      .filter(({ owner }) => idOf(owner) !== idOf(object))
      .map(({ host, owner }) => ({ host, client, owner })),
  }
}
