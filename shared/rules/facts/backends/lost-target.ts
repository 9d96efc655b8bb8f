import type { Service } from '../../../objects/core.ts'
import { refOf } from '../../../objects/kinds.ts'
import { keyOf, namespaceOf, type KubeObject, type Labels } from '../../../objects/kube-object.ts'
import { quotedName } from '../../../objects/text/escaped.ts'
import { patchCommand } from '../../../objects/text/kubectl-commands.ts'
import { enumerated } from '../../../objects/text/listed.ts'
import { fieldsOf, itemsOf, textOf } from '../../../objects/unchecked.ts'
import { containerPorts, hasContainers } from '../../../providers/istio/resolve/objects/target-port.ts'
import { providerOfService } from '../../../providers/istio/resolve/objects/providers.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'
import { backingsOfService, mayMatch, templateOf, type Backing } from '../../../workloads/backings.ts'
import { backingKinds } from '../../../workloads/workload-indexes.ts'
import type { Rule, Violation } from '../../rule.ts'
import { portOf } from '../service-ports.ts'
import { workloadsOf } from '../workloads-of.ts'

/** The rule is one for routes of all kinds. Only a warning: what admits the pods may add the container. */
export const unknownTargetRule: Pick<Rule, 'id' | 'severity' | 'summary' | 'fix'> = {
  id: 'unknown-target-port',
  severity: { webhook: 'warning', lint: 'warning' },
  summary:
    'If `targetPort` of a Service port that a route leads to is a name, a container of its pods has a port of this name.',
  fix: 'Give the port of the container this name in `ports[].name`, or set `targetPort` of the Service to its number.',
}

/** What is said of a port of a Service whose pods have no port of the name that it leads to. */
export type LostTarget = Required<Pick<Violation, 'message' | 'tells' | 'restsOn'>>
  & Pick<Violation, 'fix' | 'sets'>

/** The port that a destination leads to, and the labels that it asks for besides those of the Service. */
export interface PortBehind {
  readonly port: number | undefined
  readonly labels: Labels
}

/** Whether a Service leads to any port by a name: most do not, and need no search of their pods. */
export const leadsByName = ({ spec }: Service): boolean => {
  for (const item of itemsOf(spec?.ports)) if (textOf(fieldsOf(item)['targetPort']) !== undefined) return true
  return false
}

/**
 * That no container of the pods behind a port of a Service has a port of the name that its `targetPort` says: their
 * addresses are listed without this port (Kubernetes looks for the name in each pod). Undefined if one has, or may have
 * in what was not read, and for pods that are not there.
 */
export function lostTargetOf(
  view: ClusterView,
  service: Service,
  { port, labels }: PortBehind,
): LostTarget | undefined {
  const declared = portOf(service, port)
  const name = declared && textOf(fieldsOf(itemsOf(service.spec?.ports)[declared.index])['targetPort'])
  if (declared === undefined || name === undefined || !isPortName(name)) return undefined
  const provider = providerOfService(service)
  if (provider.selector === undefined || backingKinds.some(kind => view.unread.has(kind))) return undefined
  const running = (backingsOfService(view, service) ?? []).filter(({ isDormant }) => !isDormant)
  const asked = running.filter(backing => mayMatch(labels, backing.labels))
  if (asked.length === 0 || asked.some(backing => mayHave(portsIn(view, backing), name))) return undefined
  const namespace = namespaceOf(service)
  const names = [...new Set(asked.flatMap(({ object }) => (object ? keyOf(refOf(object)) : [])))]
  return {
    message:
      `port ${declared.port} of Service ${namespace}/${service.metadata.name} leads to the container port ${quotedName(name)}, `
      + `which ${enumerated(names)} ${names.length === 1 ? 'does' : 'do'} not have: the requests fail`,
    ...byNumber(service, declared.index, { name, ports: running.map(backing => portsIn(view, backing)) }),
    tells: [
      { kind: 'Service', namespace },
      { kind: 'Deployment', namespace },
    ],
    restsOn: [refOf(service), ...workloadsOf(provider, labels)],
  }
}

type Ports = ReturnType<typeof containerPorts>

/** The ports of the containers of some pods; undefined where these are not known, as for pods of an earlier template. */
function portsIn(view: ClusterView, { object, isKept }: Backing): Ports | undefined {
  const template: KubeObject | undefined = object && templateOf(view, object)
  if (template === undefined || isKept === true || !hasContainers(template)) return undefined
  return containerPorts(template).filter(({ protocol }) => protocol === 'TCP')
}

const mayHave = (ports: Ports | undefined, name: string): boolean =>
  ports === undefined
  || ports.some(port => port.name === name || (port.name !== undefined && !isPortName(port.name)))

/** What an API server takes as the name of a port: no number, which needs no port of a container, and no placeholder. */
const isPortName = (text: string): boolean => /^[a-z0-9-]+$/.test(text) && /[a-z]/.test(text)

interface Named {
  readonly name: string
  readonly ports: readonly (Ports | undefined)[]
}

/** The number instead of the name, if it is the same in all pods of the Service. */
function byNumber(service: Service, index: number, { name, ports }: Named): Pick<Violation, 'fix' | 'sets'> {
  const numbers = new Set(ports.map(each => numberIn(each, name)))
  const [value] = numbers
  if (value === undefined || numbers.size > 1) return {}
  const ref = refOf(service)
  return {
    fix: patchCommand(ref, 'json', [{ op: 'replace', path: `/spec/ports/${index}/targetPort`, value }]),
    sets: { ref, path: ['spec', 'ports', index, 'targetPort'], value },
  }
}

/** The port of a name, or the only one; undefined where there are several. */
function numberIn(ports: Ports | undefined, name: string): number | undefined {
  const named = ports?.find(port => port.name === name)?.port
  const numbers = [...new Set(ports?.map(({ port }) => port))]
  return named ?? (numbers.length === 1 ? numbers[0] : undefined)
}
