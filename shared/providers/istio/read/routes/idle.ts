import type { VirtualService } from '../../../../objects/virtual-service.ts'
import type { Idle } from '../../../../routing/traffic.ts'
import type { ClusterView } from '../../../../view/cluster-view.ts'
import { delegatedRoutes } from '../../resolve/delegates.ts'
import { unreadBy } from '../../resolve/gateways.ts'
import { hostsOf } from '../../resolve/mesh.ts'
import { areAgesUnknown } from '../../resolve/mesh/owners.ts'
import { routingOf } from '../../resolve/objects/routes.ts'
import type { Completeness } from '../../resolve/outcome.ts'
import { providersAt, serviceMeant } from '../../resolve/registry.ts'
import { nameOf, type Carrier, type EntryVirtualService } from './carriers.ts'
import { ignoredOn } from './ignored-routes.ts'

/**
 * Why the mesh carries out no route of a VirtualService; undefined where it carries out some, or the input
 * does not tell. The rule `applies-nowhere` rests on it, too, and leaves to other rules what they explain.
 */
export function idleOf(
  view: ClusterView,
  { object, entries }: Pick<Carrier, 'object' | 'entries'>,
  { complete }: Completeness,
): Idle | undefined {
  if (entries.some(({ evaluation }) => evaluation.applications.length > 0)) return undefined
  const explained =
    conflictOf(view, entries)
    ?? gatewayFault(entries, complete)
    ?? unreadFault(view, entries)
    ?? entries.map(({ root }) => faultOfRoutes(view, root)).find(fault => fault !== undefined)
  if (explained !== undefined) return explained
  const isKnown =
    complete
    || entries.every(
      ({ root, evaluation }) =>
        !evaluation.isWaiting && (root !== object || hostsOf(view, root).some(host => isServed(view, host))),
    )
  if (!isKnown) return undefined
  const isDelegate = entries.every(({ root }) => routingOf(root).hosts.length === 0)
  return {
    rule: 'applies-nowhere',
    reason: isDelegate ? 'no VirtualService delegates to it' : 'no client and no gateway uses it',
  }
}

/** Whether something in view answers for a host: what an alias leads to may be in other files. */
const isServed = (view: ClusterView, host: string): boolean =>
  providersAt(view, host).some(
    ({ form, target }) => form !== 'alias' || (target !== undefined && providersAt(view, target).length > 0),
  )

function conflictOf(view: ClusterView, entries: readonly EntryVirtualService[]): Idle | undefined {
  const [found] = entries.flatMap(({ root, evaluation }) => evaluation.lost.map(lost => ({ root, lost })))
  if (found === undefined) return undefined
  const { owner, host, client } = found.lost
  const isGuess = areAgesUnknown(view, [owner, found.root], client.namespace)
  return {
    rule: 'conflicting-virtual-services',
    reason: isGuess
      ? `VirtualService ${nameOf(owner)} has the host ${host}, too, and Istio ignores the younger (files do not tell their ages: the one written first counts as the older)`
      : `VirtualService ${nameOf(owner)} has the host ${host}: this one is ignored`,
  }
}

function gatewayFault(entries: readonly EntryVirtualService[], complete: boolean): Idle | undefined {
  const unserved = entries
    .flatMap(({ evaluation }) => evaluation.bindings)
    .find(({ gateway, servers }) => servers.length === 0 && (gateway !== undefined || complete))
  if (unserved === undefined) return undefined
  const reason =
    unserved.gateway === undefined
      ? `there is no Gateway ${unserved.name}`
      : `Gateway ${unserved.name} serves none of its hosts`
  return { rule: 'unknown-gateway', reason: `${reason}: its routes are installed nowhere` }
}

/** A gateway whose servers take routes of other kinds only. */
function unreadFault(view: ClusterView, entries: readonly EntryVirtualService[]): Idle | undefined {
  const [unread] = entries.flatMap(({ root, evaluation }) =>
    evaluation.bindings.flatMap(binding => {
      const found = unreadBy(binding, delegatedRoutes(view, root).routes)
      return found === undefined ? [] : [{ ...found, name: binding.name }]
    }),
  )
  if (unread === undefined) return undefined
  const { name, read, written } = unread
  return {
    rule: 'unknown-gateway',
    reason: `Gateway ${name} takes only ${read.join(' and ')} routes for its hosts: its ${written.join(' and ')} routes are installed nowhere`,
  }
}

/** What is written in a VirtualService by which its routes do not apply. */
function faultOfRoutes(view: ClusterView, root: VirtualService): Idle | undefined {
  const [broken] = delegatedRoutes(view, root).broken
  if (broken !== undefined) {
    const { namespace, name } = broken.route.delegate!
    return { rule: 'broken-delegate', reason: `Istio drops what it delegates to ${namespace}/${name}` }
  }
  const [ignored] = ignoredOn(view, root)
  if (ignored !== undefined)
    return { rule: 'http-route-on-non-http-port', reason: `${ignored.host} has no port for http` }
  const host = hostsOf(view, root).find(each => serviceMeant(view, each) !== undefined)
  return host === undefined
    ? undefined
    : { rule: 'unexpanded-host', reason: `Istio does not expand the host ${host}` }
}
