import { CanaryError } from '../../objects/canary-error.ts'
import { serviceOfHost } from '../../objects/hosts.ts'
import { fieldsOf, itemsOf, numberOf, textOf } from '../../objects/unchecked.ts'
import type { ClusterView } from '../../view/cluster-view.ts'
import { serviceOf } from '../version-services.ts'

/** Which port a new backend of a rule is to name. */
export interface PortAsked<P extends number | string> {
  /** The host of the version's Service. */
  readonly host: string
  /** The host of the Service whose backend the new one is made after; undefined where that is none. */
  readonly template: string | undefined
  /** The port that that backend names: its number, or its name where the routing API has names. */
  readonly said: P | undefined
  /** The rule, as errors say it. */
  readonly where: string
}

/**
 * The port of a version's Service that stands for the one that another backend names: the same number or name, else the
 * one of the same name, else the only one. Throws a CanaryError `refused` where none does.
 */
export function portFor<P extends number | string>(
  view: ClusterView,
  { host, template, said, where }: PortAsked<P>,
): P | number | undefined {
  const ports = portsOf(view, host)
  const isThere = ports.some(({ port, name }) => port === said || (name !== undefined && name === said))
  if (ports.length === 0 || isThere) return said
  const called =
    template === undefined ? undefined : portsOf(view, template).find(({ port }) => port === said)?.name
  const named = called === undefined ? undefined : ports.find(({ name }) => name === called)
  const found = named ?? (ports.length === 1 ? ports[0] : undefined)
  if (found !== undefined) return found.port
  const { name, namespace } = serviceOfHost(host, view.mesh.clusterDomain)!
  throw new CanaryError('refused', `Service ${name} has no port ${said ?? ''}, which ${where} names`, {
    hints: [`Give it the ports of the other versions: kubectl edit service ${name} -n ${namespace}`],
  })
}

interface NumberedPort {
  readonly port: number
  readonly name: string | undefined
}

const portsOf = (view: ClusterView, host: string): readonly NumberedPort[] =>
  itemsOf(fieldsOf(serviceOf(view, host)?.spec)['ports'])
    .map(fieldsOf)
    .flatMap(({ port, name }) => {
      const number = numberOf(port)
      return number === undefined ? [] : [{ port: number, name: textOf(name) }]
    })
