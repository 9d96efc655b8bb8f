import type { Labels } from '../../../objects/kube-object.ts'

/** What the labels say, where they say it. */
export type Tristate = 'yes' | 'no' | 'unknown'

/** What decides on a pod's side whether it gets a proxy. */
export interface PodLabelling {
  readonly labels: Labels
  readonly annotations: Labels
}

/** What decides on the namespace's side. */
export interface NamespaceLabelling {
  readonly name: string
  /** Undefined where the Namespace is not in view. */
  readonly labels: Labels | undefined
  /**
   * Whether a namespace without labels is known to be left alone; false where it may be injected by default.
   */
  readonly isOptIn: boolean
}

const injectLabel = 'sidecar.istio.io/inject'
const revisionLabel = 'istio.io/rev'
const injectionLabel = 'istio-injection'
const modeLabel = 'istio.io/dataplane-mode'

/** Namespaces that Istio never injects (istio/pkg/kube/inject, IgnoredNamespaces). */
const ignoredNamespaces: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
])

/**
 * Whether Istio's webhook puts a sidecar into a pod (the selectors of istio-discovery's mutatingwebhook.yaml,
 * then injectRequired in
 * istio/pkg/kube/inject/inject.go): `inject: "false"` on the pod, as a label or an annotation, always wins;
 * then the namespace's
 * `istio-injection`, then its `istio.io/rev`, and only without both the pod's own labels. A revision is taken
 * at its word, since the webhooks
 * that serve revisions are not read. `unknown` where labels leave it open: a revision label in ambient mode,
 * which also chooses the control
 * plane of waypoints; an annotation that asks for injection in a namespace without labels, which OpenShift
 * Service Mesh obeys and Istio does not;
 * a member of such a mesh; and a namespace without labels, unless they are known to be opt-in.
 */
export function injectedInto(
  pod: PodLabelling,
  { name, labels: namespace, isOptIn }: NamespaceLabelling,
): Tristate {
  const wish = wishOf(pod)
  if (wish === false || ignoredNamespaces.has(name)) return 'no'
  if (namespace === undefined) return 'unknown'
  const injection = namespace[injectionLabel]
  if (injection !== undefined) return injection === 'enabled' ? 'yes' : 'no'
  return withoutInjectionLabel(pod, namespace, { wish, isOptIn })
}

function withoutInjectionLabel(
  { labels: pod }: PodLabelling,
  namespace: Labels,
  { wish, isOptIn }: { readonly wish: boolean | undefined; readonly isOptIn: boolean },
): Tristate {
  const isAmbient = namespace[modeLabel] === 'ambient' || pod[modeLabel] === 'ambient'
  if ((namespace[revisionLabel] ?? pod[revisionLabel]) !== undefined) return isAmbient ? 'unknown' : 'yes'
  if (wish === true) return pod[injectLabel] === 'true' ? 'yes' : 'unknown'
  if (isAmbient) return 'no'
  return isOptIn && namespace['maistra.io/member-of'] === undefined ? 'no' : 'unknown'
}

/** What a pod asks for itself; its label hides its annotation (injectRequired). */
function wishOf({ labels, annotations }: PodLabelling): boolean | undefined {
  const said = (labels[injectLabel] ?? annotations[injectLabel] ?? '').toLowerCase()
  return said === '' ? undefined : ['y', 'yes', 'true', 'on'].includes(said)
}

/** Whether a namespace asks for sidecars by a label. */
export const asksForSidecars = (labels: Labels): boolean =>
  labels[injectionLabel] === 'enabled' || labels[revisionLabel] !== undefined

/** Whether a namespace refuses sidecars by a label. */
export const refusesSidecars = (labels: Labels): boolean => labels[injectionLabel] === 'disabled'

/**
 * Whether ztunnel takes a pod's traffic: the pod's label wins over the namespace's (istio/cni/pkg/util,
 * PodRedirectionEnabled).
 */
export const isInAmbient = (pod: Labels, namespace: Labels): boolean =>
  pod[modeLabel] !== 'none' && (pod[modeLabel] === 'ambient' || namespace[modeLabel] === 'ambient')

/**
 * The waypoint that an object's labels name; undefined where they say nothing (getUseWaypoint in istio's
 * ambient index).
 */
export function waypointSaid(labels: Labels): 'yes' | 'no' | undefined {
  const name = labels['istio.io/use-waypoint']
  if (name === undefined) return undefined
  return name === 'none' || name === '' ? 'no' : 'yes'
}
