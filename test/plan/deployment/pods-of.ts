/** A Service hello over Deployments with versions, as a cluster without Istio or files have them. */
import type { Service, Workload } from '../../../shared/objects/core.ts'
import type { Kind } from '../../../shared/objects/kinds.ts'
import type { KubeObject, Labels } from '../../../shared/objects/kube-object.ts'
import type { Target } from '../../../shared/plan/intent.ts'
import { settled } from '../../../shared/providers/deployment/edit/settled.ts'
import type { Change } from '../../../shared/view/change.ts'
import type { ClusterView } from '../../../shared/view/cluster-view.ts'
import { overlay } from '../../../shared/view/overlay.ts'
import { snapshot } from '../../../shared/view/snapshot.ts'
import { deepFreeze } from '../worlds.ts'

/** `weight hello …` in the namespace shop of a running cluster. */
export const target: Target = {
  namespace: 'shop',
  service: 'hello',
  command: 'weight hello v2=20',
  live: true,
}

/** The Service hello. */
export const service = (selector: Labels = { app: 'hello' }, more: object = {}): Service =>
  deepFreeze({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'hello', namespace: 'shop' },
    spec: { selector, ports: [{ name: 'http', port: 80 }], ...more },
  })

/** A Deployment whose pods have labels, all of them ready unless something else is said. */
export const pods = (
  name: string,
  labels: Labels,
  [replicas, ready = replicas]: readonly [replicas: number, ready?: number],
): Workload => {
  const deployment: Workload = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'shop' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: `${name}:1` }] } },
    },
    status: { replicas, readyReplicas: ready },
  }
  return deepFreeze(deployment)
}

/** The pods of a version behind hello. */
export const version = (name: string, replicas: number, ready = replicas): Workload =>
  pods(`hello-${name}`, { app: 'hello', version: name }, [replicas, ready])

/** A cluster that does not serve Istio's kinds. */
export const plainView = (objects: readonly KubeObject[]): ClusterView =>
  snapshot(objects, { absent: new Set<Kind>(['VirtualService', 'DestinationRule']) })

/** The cluster after changes, with the pods that were asked for. */
export const later = (view: ClusterView, changes: readonly Change[]): ClusterView =>
  overlay(view, changes.map(settled))

/** The replicas of the Deployments in a view by their names. */
export const replicasIn = (view: ClusterView): Readonly<Record<string, number>> =>
  Object.fromEntries(view.list('Deployment').map(({ metadata, spec }) => [metadata.name, spec.replicas ?? 1]))
