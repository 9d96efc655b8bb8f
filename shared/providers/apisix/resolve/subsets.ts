import type { ApisixBackend } from '../../../objects/apisix/apisix-route.ts'
import type { Labels } from '../../../objects/kube-object.ts'
import { fieldsOf, itemsOf, labelsOf, textOf } from '../../../objects/unchecked.ts'
import type { ClusterView } from '../../../view/cluster-view.ts'

/** A Service by its name. */
interface NamedService {
  readonly namespace: string
  readonly name: string
}

/**
 * The labels that a subset of a Service selects pods by: the ApisixUpstream of the Service's name says them
 * (apisixroute_controller.go, getSubsetLabels); undefined where none in view does. Controllers since 2.0 take all pods then.
 */
export function subsetLabelsOf(view: ClusterView, service: NamedService, subset: string): Labels | undefined {
  const found = itemsOf(fieldsOf(view.get({ kind: 'ApisixUpstream', ...service })?.spec)['subsets'])
    .map(fieldsOf)
    .find(({ name }) => name === subset)
  return found === undefined ? undefined : labelsOf(found['labels'])
}

/** The version whose pods a backend's subset selects; undefined where it has none, or one of something else. */
export function versionOfSubset(
  view: ClusterView,
  namespace: string,
  { serviceName, subset }: ApisixBackend,
): string | undefined {
  const [name, of] = [textOf(serviceName), textOf(subset)]
  if (name === undefined || of === undefined) return undefined
  const labels = subsetLabelsOf(view, { namespace, name }, of)
  return labels?.['version'] ?? labels?.['app.kubernetes.io/version']
}
