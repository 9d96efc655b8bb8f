import { keyOf, type Labels } from '../../objects/kube-object.ts'
import { versionKeyOf } from '../../objects/labels.ts'
import { formatValue } from '../../objects/paths.ts'
import { fieldsOf, itemsOf, numberOf } from '../../objects/unchecked.ts'
import type { ServiceReading } from '../../routing/provider.ts'

type Asked = Pick<ServiceReading, 'service' | 'versions' | 'traffic' | 'view'>

/** How a service gets one more version: by pods with its label, or where versions are Services by one more Service. */
export function newVersionHints(reading: Asked, said: string): readonly string[] {
  const { service, versions, view } = reading
  const isThere = view.get({ kind: 'Service', namespace: service.namespace, name: said }) !== undefined
  if (isThere && said !== service.name) return besideHints(reading, said)
  return service.hosts === undefined
    ? [
        `To add ${said}, deploy workloads whose pods are labelled ${versionKeyIn(versions)}: ${formatValue(said)} behind the Service.`,
      ]
    : ownServiceHints(reading, said)
}

/** The label by which the versions that are there are told apart. */
const versionKeyIn = (versions: Asked['versions']): string =>
  versionKeyOf(
    versions.flatMap(({ subset, workloads }): readonly Labels[] =>
      subset === undefined ? workloads.map(({ labels = {} }) => labels) : [subset.labels],
    ),
  )

/** A Service that nothing links to the others. */
function besideHints(reading: Asked, said: string): readonly string[] {
  const { service, traffic } = reading
  const [first] = traffic.entryPoints
  const written = writtenBeside(reading, said, first?.ref.kind ?? 'VirtualService')
  const where = first === undefined ? 'its VirtualService' : keyOf(first.ref)
  return [
    `Cannot tell whether the Service ${said} is a version of ${service.name}.`,
    'A version is named NAME-VERSION like the others, and only the version differs in its selector and labels.',
    ...(written === undefined
      ? []
      : [`Or write it beside the others in ${where}: ${written}. Then repeat this command.`]),
  ]
}

/** How a routing object names one more Service without a share; undefined where it is no object that names any. */
function writtenBeside({ view, service }: Asked, said: string, kind: string): string | undefined {
  const object = view.get({ kind: 'Service', namespace: service.namespace, name: said })
  const port = numberOf(fieldsOf(itemsOf(fieldsOf(object?.spec)['ports'])[0])['port']) ?? 80
  switch (kind) {
    case 'VirtualService':
      return `the destination {destination: {host: ${said}}, weight: 0}`
    case 'HTTPRoute':
    case 'GRPCRoute':
      return `the backend {name: ${said}, port: ${port}, weight: 0}`
    case 'ApisixRoute':
      return `the backend {serviceName: ${said}, servicePort: ${port}, weight: 0}`
    default:
      return undefined
  }
}

/** The versions of the service are Services: another one is one more. */
function ownServiceHints({ service, versions }: Asked, said: string): readonly string[] {
  const beside = versions.find(version => version.service !== undefined)
  const named = isNamedForVersion(beside?.service?.name, beside?.name)
    ? ` ${beside!.service!.name.slice(0, -beside!.name.length)}${said}`
    : ''
  return [
    `The versions of ${service.name} are Services of their own.`
      + ` To add ${said}, create the Service${named} beside ${beside?.service?.name ?? 'them'}:`
      + ` the same selector and ports, but version: ${formatValue(said)}.`,
  ]
}

const isNamedForVersion = (name: string | undefined, version: string | undefined): boolean =>
  name !== undefined && version !== undefined && name.endsWith(`-${version}`)
