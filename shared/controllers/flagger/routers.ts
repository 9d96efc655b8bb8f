import { namespaceOf, type KubeObject } from '../../objects/kube-object.ts'
import { fieldsOf, textOf } from '../../objects/unchecked.ts'
import type { UnreadRouter } from '../../routing/controller.ts'
import { canaryFields, serviceNames } from './canary.ts'

/** The kind of what each provider writes for the apex Service (pkg/router/factory.go); empty where that has another name. */
const apexKinds: Readonly<Record<string, string>> = {
  appmesh: '',
  contour: 'HTTPProxy',
  gloo: '',
  knative: '',
  kuma: '',
  linkerd: 'TrafficSplit',
  nginx: '',
  osm: 'TrafficSplit',
  skipper: '',
  smi: 'TrafficSplit',
  traefik: 'TraefikService',
}

/** The router of a Canary if nothing here reads its objects. Without `spec.provider` a flag of Flagger says which it is. */
export function unreadRouters(canary: KubeObject): readonly UnreadRouter[] {
  const fields = canaryFields(canary)
  const provider = textOf(fields.spec['provider']) ?? ''
  const kind = apexKinds[provider.split(':')[0]!]
  if (kind === undefined) return []
  const { kind: refKind, name } = fieldsOf(fields.spec['ingressRef'])
  const [namespace, ingress] = [namespaceOf(canary), textOf(name)]
  const objects = [
    ...(ingress === undefined ? [] : [`${textOf(refKind) ?? 'Ingress'} ${namespace}/${ingress}`]),
    ...(kind === '' ? [] : [`${kind} ${namespace}/${serviceNames(fields).apex}`]),
  ]
  return [{ field: `provider ${provider}`, objects }]
}
