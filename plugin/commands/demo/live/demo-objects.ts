import type { Workload } from '../../../../shared/objects/core.ts'
import type { Gateway } from '../../../../shared/objects/istio.ts'
import type { DestinationRule } from '../../../../shared/objects/destination-rule.ts'
import { isKind } from '../../../../shared/objects/kinds.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { readYaml } from '../../../read-yaml.ts'
import { demoManifests } from '../demo-manifests.ts'

/** What pods run that have nothing to do: small, for every processor, and on many nodes already. */
export const idleImage = 'registry.k8s.io/pause:3.10'

/** The label of a namespace that the demo made: none without it is written to or deleted. */
export const demoLabel = 'kubectl-canary/demo'

/**
 * The objects of the demo's files for a namespace, in the order in which they are made. Their pods run the image
 * and are asked nothing. The Gateway selects no pods: that of the files would open a host at the cluster's own
 * ingress gateway.
 */
export async function demoObjects(namespace: string, image: string): Promise<readonly KubeObject[]> {
  const texts = Object.values(demoManifests).flatMap(text => text.split(/^---$/m))
  const objects = await Promise.all(texts.map(async text => (await readYaml(text)) as KubeObject))
  return objects.map(object => {
    const placed = { ...object, metadata: { ...object.metadata, namespace } }
    if (isKind('Deployment', placed)) return withImage(placed, image)
    if (isKind('DestinationRule', placed)) return withHost(placed, namespace)
    return isKind('Gateway', placed) ? withoutPods(placed, namespace) : placed
  })
}

/** Without what the containers of the files are told: nobody reads it. */
const withImage = (deployment: Workload, image: string): Workload => {
  const { template, ...spec } = deployment.spec
  const containers = (template?.spec?.containers ?? []).map(({ name, ports }) => ({
    name: name!,
    image,
    ports: ports!,
  }))
  return { ...deployment, spec: { ...spec, template: { ...template, spec: { containers } } } }
}

const withHost = (rule: DestinationRule, namespace: string): DestinationRule => ({
  ...rule,
  spec: { ...rule.spec, host: `catalog.${namespace}.svc.cluster.local` },
})

const withoutPods = (gateway: Gateway, namespace: string): Gateway => ({
  ...gateway,
  spec: { ...gateway.spec, selector: { istio: namespace } },
})
