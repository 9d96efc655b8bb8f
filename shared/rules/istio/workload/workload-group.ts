import type { Fault } from '../../schema/fault.ts'
import { checkLabels, faultAt, portFault } from '../names.ts'

interface PortProbe {
  readonly port: number
}
interface HttpProbe extends PortProbe {
  readonly httpHeaders?: readonly { readonly name?: string }[]
}
/** A WorkloadGroup's spec that holds its schema. */
export interface CheckedWorkloadGroup {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> }
  readonly probe?: {
    readonly httpGet?: HttpProbe
    readonly tcpSocket?: PortProbe
    readonly exec?: { readonly command: readonly string[] }
  }
}

/**
 * What Istio's webhook says against a WorkloadGroup, beyond its schema (istio/pkg/config/validation,
 * ValidateWorkloadGroup). The template is not looked at.
 */
export function* checkWorkloadGroup({ metadata, probe }: CheckedWorkloadGroup): Iterable<Fault> {
  yield* checkLabels(metadata?.labels, ['spec', 'metadata', 'labels'])
  if (probe !== undefined) yield* checkProbe(probe)
}

/** A grpc probe is in the schema, but Istio refuses it. */
function* checkProbe({
  httpGet,
  tcpSocket,
  exec,
}: NonNullable<CheckedWorkloadGroup['probe']>): Iterable<Fault> {
  const path = ['spec', 'probe']
  if (httpGet === undefined && tcpSocket === undefined && exec === undefined)
    yield { path, message: 'a probe needs httpGet, tcpSocket or exec', about: '' }
  if (tcpSocket !== undefined) yield* faultAt([...path, 'tcpSocket', 'port'], portFault(tcpSocket.port))
  if (exec?.command.length === 0)
    yield { path: [...path, 'exec', 'command'], message: 'a command must not be empty', about: '' }
  if (httpGet === undefined) return
  yield* faultAt([...path, 'httpGet', 'port'], portFault(httpGet.port))
  for (const [i, { name = '' }] of (httpGet.httpHeaders ?? []).entries()) {
    if (!/^[-A-Za-z0-9]+$/.test(name)) {
      const at = [...path, 'httpGet', 'httpHeaders', i, 'name']
      yield {
        path: at,
        message: `${JSON.stringify(name)} is not the name of a header: use letters, digits and dashes`,
      }
    }
  }
}
