import { patchCommand, serviceWord } from '../../../../objects/text/kubectl-commands.ts'
import { refOf } from '../../../../objects/kinds.ts'
import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { Note, NoteFix } from '../../../../routing/note.ts'
import { stableOf } from '../../../../routing/record/stable.ts'
import type { RoutedService } from '../../../../routing/service.ts'
import { overlay } from '../../../../view/overlay.ts'
import type { Client } from '../../resolve/clients.ts'
import { meshUse } from '../../resolve/mesh/use.ts'
import { areForTls } from '../../resolve/mesh/l4.ts'
import { providersAt } from '../../resolve/registry.ts'
import { routingOf, type Route } from '../../resolve/objects/routes.ts'
import { sharesOf } from '../../resolve/objects/shares.ts'
import { takesEverything } from '../../resolve/takes-everything.ts'
import { baseRoutesOf, type BaseRoute } from './base-routes.ts'
import { getsRequests, isTo, nameOf, type Carrier } from './carriers.ts'
import { destinationsTo, hostOf, leadsTo, listOf } from '../routed-service.ts'
import { isWhole, targetIn } from '../version-target.ts'
import { versionAt } from '../versions.ts'
import type { IstioReading } from '../reading.ts'

/**
 * No VirtualService of the Service is for callers in the mesh: the command that makes one, on the version that
 * is stable; where that is not known, the edit that extends one of them, if there is one that it does not break.
 */
export function withoutMesh(
  reading: IstioReading,
  carriers: readonly Carrier[],
  callers: readonly Client[],
): Note {
  const { service } = reading
  const note = { kind: 'mesh-not-covered', service: service.name } as const
  // No edit of ours makes routes by the names of TLS.
  const [provider] = providersAt(reading.view, hostOf(service))
  if (provider !== undefined && areForTls(provider.ports)) return note
  const stable = stableFor(reading, carriers)
  const extend = extendedToMesh(reading, carriers, callers)
  if (extend !== undefined && stable === undefined) return { ...note, ...extend, extend }
  if (stable === undefined) return note
  const fix = `kubectl canary init ${serviceWord(service.name)} --stable ${stable} -n ${service.namespace} --mesh`
  return { ...note, fix, ...(extend !== undefined && { extend }) }
}

/**
 * The edit by which one of the Service's VirtualServices is for callers in the mesh as well; undefined where none is
 * for gateways alone, callers in the mesh would lose requests by it, or some would still not have its routes.
 */
function extendedToMesh(
  reading: IstioReading,
  carriers: readonly Carrier[],
  callers: readonly Client[],
): NoteFix | undefined {
  const { service } = reading
  const object = carriers
    .flatMap(({ entries }) => entries.map(({ root }) => root))
    .find(
      root =>
        listOf(root.spec.gateways).length > 0
        && !listOf(root.spec.gateways).includes('mesh')
        && servesMesh(root, service)
        && appliesIn(reading, extended(root, service), callers),
    )
  if (object === undefined) return undefined
  const steps = [
    { op: 'add', path: '/spec/gateways/-', value: 'mesh' },
    { op: 'add', path: '/spec/hosts/-', value: hostOf(service) },
  ]
  const fix = patchCommand(refOf(object), 'json', steps)
  const where = `VirtualService ${nameOf(object)}`
  return { fix, edit: `add mesh to spec.gateways and ${hostOf(service)} to spec.hosts of ${where}` }
}

const extended = (root: VirtualService, service: RoutedService): VirtualService => ({
  ...root,
  spec: {
    ...root.spec,
    gateways: [...listOf(root.spec.gateways), 'mesh'],
    hosts: [...listOf(root.spec.hosts), hostOf(service)],
  },
})

/** Whether all of these callers would have the routes of a VirtualService: it is exported to them, and their ports take its routes. */
function appliesIn(
  { view, complete }: IstioReading,
  after: VirtualService,
  callers: readonly Client[],
): boolean {
  const before = view.get(refOf(after)) as VirtualService | undefined
  const later = overlay(view, before === undefined ? [] : [{ before, after }])
  return callers.every(client =>
    meshUse(later, after, { client, complete }).applications.some(({ isStray }) => !isStray),
  )
}

/**
 * Whether the routes of a VirtualService would do for all who call the Service by its own name. Istio refuses the host
 * `*` in the mesh, answers what no route takes with 404, and does there what a route does at the gateway: sends it
 * to another Service, rewrites its path, or redirects it.
 * https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService
 */
function servesMesh(root: VirtualService, service: RoutedService): boolean {
  const { hosts, routes } = routingOf(root)
  const http = routes.filter(({ section }) => section === 'http')
  const leads = isTo(service)
  const isPlain = ({ targets, delegate, fields }: Route): boolean =>
    delegate === undefined
    && targets.some(({ isMirror }) => !isMirror)
    && targets.every(target => target.isMirror || leads(target))
    && fields['rewrite'] === undefined
  if (hosts.includes('*')) return false
  return http.length === 0 || (http.every(isPlain) && http.some(takesEverything))
}

/** The version that is recorded as stable, else the only one that takes requests or that the pods have. */
function stableFor(
  { view, service, versions }: IstioReading,
  carriers: readonly Carrier[],
): string | undefined {
  const recorded = carriers.flatMap(({ object }) => stableOf(object, service) ?? [])
  const targets = carriers.flatMap(carrier =>
    takingRoutes(baseRoutesOf(view, carrier, service)).flatMap(({ raw }) =>
      sharesOf(destinationsTo(raw, leadsTo(carrier.object, service)))
        .filter(({ percent }) => percent > 0)
        .map(({ destination }) => targetIn(carrier.object, service)(destination)),
    ),
  )
  const [alone] = versions.length === 1 ? versions : []
  const led = targets.map(target => (isWhole(target) ? alone : versionAt(versions, target))?.name)
  const names = new Set(recorded.length > 0 ? recorded : led)
  const [only] = names
  return names.size === 1 && versions.some(({ name }) => name === only) ? only : undefined
}

/** The routes that take requests; all of them where none is in effect. */
function takingRoutes(routes: readonly BaseRoute[]): readonly BaseRoute[] {
  const reached = routes.filter(getsRequests)
  return reached.length > 0 ? reached : routes
}
