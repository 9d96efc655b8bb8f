import { serviceOfHost, expandHost } from '../../objects/hosts.ts'
import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, labelsOf } from '../../objects/unchecked.ts'
import { workloadKinds } from '../../objects/kinds.ts'
import { destinationsOf } from '../../providers/istio/resolve/indexes/routing.ts'
import { routingOf } from '../../providers/istio/resolve/objects/routes.ts'
import { shellWord } from '../../objects/text/kubectl-commands.ts'
import { providerOfService } from '../../providers/istio/resolve/objects/providers.ts'
import { servedHosts } from '../../providers/istio/read/routed-service.ts'
import { delegatedRoutes } from '../../providers/istio/resolve/delegates.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { once } from '../../view/session.ts'
import type { ReadinessFix, ServiceCheck } from '../check.ts'
import { listed } from '../facts/names.ts'
import { markCommand } from '../facts/patches.ts'
import { podOf } from '../facts/proxies.ts'
import type { ServiceSubject } from '../subject.ts'

/** On a Service or a workload that calls others: the headers of a request that it passes on, with commas between. */
export const forwardsAnnotation = 'kubectl-canary/forwards'

/** Proxies pass no header on: the application has to, and nobody sees from outside whether it does. */
export const headerForwarding: ServiceCheck = {
  id: 'header-forwarding',
  summary: 'The callers of the service forward the headers that its routes match.',
  fix: `Forward the header in the application, then declare it: annotate its Service \`${forwardsAnnotation}: HEADER\`.`,
  needs: ['VirtualService'],
  states: [],
  ofMesh: true,
  *check(subject) {
    const { reading, view, service } = subject
    const headers = headersIn(subject)
    if (reading.traffic.entryPoints.length === 0) return
    if (headers.length === 0) {
      yield { state: 'pass', message: 'no route for callers in the mesh matches a header' }
      return
    }
    const entries = entrancesTo(view, service.namespace).filter(name => name !== service.name)
    const declared = declaredIn(view, service.namespace)
    for (const { name: header, value } of headers) {
      const silent = entries.filter(name => !(declared.get(name) ?? new Set()).has(header))
      const speaking = [...declared].filter(([, known]) => known.has(header)).map(([name]) => name)
      if (silent.length === 0 && speaking.length > 0) {
        yield {
          state: 'pass',
          message: `${listed(speaking)} ${speaking.length === 1 ? 'declares' : 'declare'} to forward ${header}`,
        }
        continue
      }
      const callers = silent.length === 0 ? 'callers in the mesh' : listed(silent)
      const forward = silent.length === 1 ? 'forwards' : 'forward'
      yield {
        state: 'unknown',
        message: `cannot tell from outside whether ${callers} ${forward} ${header}`,
        fix: declaring(subject, silent, { name: header, value }),
      }
    }
  },
}

/** Headers that a gateway or a proxy sets itself, as that of Knative. */
const setByProxies = /^(?::|x-forwarded-|x-envoy-|k-)/

/** A header that routes ask for, in lower case, and a value of it where one is known. */
interface TellingHeader {
  readonly name: string
  readonly value: string | undefined
}

/** The headers by which routes for callers in the mesh tell requests to the service apart. */
function headersIn({ view, service, reading }: ServiceSubject): readonly TellingHeader[] {
  const hosts = new Set(servedHosts(service))
  const { clusterDomain } = view.mesh
  const routes = reading.traffic.entryPoints
    .filter(({ gateways, idle }) => idle === undefined && gateways.includes('mesh'))
    .flatMap(({ ref }) => view.get({ ...ref, kind: 'VirtualService' }) ?? [])
    .flatMap(object => delegatedRoutes(view, object).routes)
    .filter(
      ({ section, targets }) =>
        section === 'http'
        && targets.some(({ host, namespace }) => hosts.has(expandHost(host, namespace, clusterDomain))),
    )
  const found = routes
    .flatMap(({ conditions }) => conditions.map(({ match }) => match))
    .flatMap(({ headers }) =>
      headers.map(({ name, test }) => ({
        name: name.toLowerCase(),
        value: test.is === 'exact' ? test.text : undefined,
      })),
    )
    .filter(({ name }) => !setByProxies.test(name))
  return [...new Map(found.toReversed().map(header => [header.name, header])).values()].toReversed()
}

/** The Services of a namespace that gateways lead to: what comes in there is passed on from them. */
const entrancesTo = (view: ClusterView, namespace: string): readonly string[] =>
  entrancesByNamespace(view).get(namespace) ?? []

const entrancesByNamespace = (view: ClusterView): ReadonlyMap<string, readonly string[]> =>
  once(view, [entrancesByNamespace, ''], () => {
    const { clusterDomain } = view.mesh
    const hosts = view
      .list('VirtualService')
      .filter(object => routingOf(object).gateways.some(name => name !== 'mesh'))
      .flatMap(object =>
        destinationsOf(object).map(({ host }) => expandHost(host, namespaceOf(object), clusterDomain)),
      )
    const named = [...new Set(hosts)].flatMap(host => serviceOfHost(host, clusterDomain) ?? [])
    return new Map(
      [...Map.groupBy(named, ({ namespace }) => namespace)].map(([namespace, all]) => [
        namespace,
        all.map(({ name }) => name).toSorted(),
      ]),
    )
  })

/** The headers that Services and workloads of a namespace declare to pass on, by their names. */
const declaredIn = (view: ClusterView, namespace: string): ReadonlyMap<string, ReadonlySet<string>> =>
  once(view, [declaredIn, namespace], () => {
    const found = new Map<string, Set<string>>()
    for (const object of (['Service', ...workloadKinds] as const).flatMap((kind): readonly KubeObject[] =>
      view.list(kind, namespace),
    )) {
      const said = [object.metadata.annotations, fieldsOf(podOf(object)['metadata'])['annotations']]
        .map(each => labelsOf(each)[forwardsAnnotation])
        .find(text => text !== undefined)
      if (said === undefined) continue
      const known = found.get(object.metadata.name) ?? new Set()
      for (const name of said.split(',')) known.add(name.trim().toLowerCase())
      found.set(object.metadata.name, known)
    }
    return found
  })

function declaring(
  subject: ServiceSubject,
  silent: readonly string[],
  { name: header, value }: TellingHeader,
): ReadinessFix {
  const { namespace } = subject.service
  const declared = declaredIn(subject.view, namespace)
  const headersOf = (name: string): string => [...(declared.get(name) ?? []), header].join(',')
  const tried =
    value === undefined ? [] : ['What a request with it gets:', tryCommand(subject, `${header}: ${value}`)]
  if (silent.length === 0)
    return {
      commands: [
        ...tried,
        `Once you know that a caller forwards it, annotate its Service or workload with ${forwardsAnnotation}: ${header}`,
      ],
    }
  const verb = silent.length === 1 ? 'it forwards it' : 'they forward it'
  return {
    commands: [
      ...tried,
      `Once you know that ${verb}, declare it:`,
      ...silent.map(name =>
        markCommand(
          'annotate',
          { kind: 'Service', name, namespace },
          { [forwardsAnnotation]: headersOf(name) },
        ),
      ),
    ],
    sets: silent.map(name => ({
      ref: { kind: 'Service' as const, namespace, name },
      path: ['metadata', 'annotations', forwardsAnnotation],
      value: headersOf(name),
    })),
  }
}

function tryCommand({ service, services }: ServiceSubject, header: string): string {
  const port = services
    .flatMap(each => providerOfService(each).ports)
    .find(({ takesHttp }) => takesHttp)?.port
  const address = `http://${service.name}${port === undefined || port === 80 ? '' : `:${port}`}/`
  return `kubectl canary try ${shellWord(address)} -H ${shellWord(header)} -n ${service.namespace}`
}
