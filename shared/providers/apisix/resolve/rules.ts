import type {
  ApisixBackend,
  ApisixRoute,
  ApisixRule,
  ApisixStreamRule,
} from '../../../objects/apisix/apisix-route.ts'
import { namespaceOf, type KubeObject } from '../../../objects/kube-object.ts'
import { derivedOnce, fieldsOf, itemsOf, numberOf, textOf } from '../../../objects/unchecked.ts'

/** The rules of a route for HTTP; what is no mapping is an empty rule, so that places stay right. */
export const rulesOf = (route: ApisixRoute): readonly ApisixRule[] =>
  itemsOf(fieldsOf(route.spec)['http']).map(rule => fieldsOf(rule) as ApisixRule)

/** The rules of a route for TCP and UDP. */
export const streamRulesOf = (route: ApisixRoute): readonly ApisixStreamRule[] =>
  itemsOf(fieldsOf(route.spec)['stream']).map(rule => fieldsOf(rule) as ApisixStreamRule)

/** The Services that a rule names. */
export const backendsOf = (rule: ApisixRule): readonly ApisixBackend[] =>
  itemsOf(rule.backends).map(backend => fieldsOf(backend) as ApisixBackend)

/** What a weight is where none is written: `DefaultWeight` of the ingress controller. */
export const defaultWeight = 100

/** The proportion of a backend or upstream among those of its rule; negative ones count as none. */
export const weightOf = ({ weight }: Pick<ApisixBackend, 'weight'>): number =>
  Math.max(0, numberOf(weight) ?? defaultWeight)

/** The priority of a rule: 0 where it says none. */
export const priorityOf = ({ priority }: ApisixRule): number => numberOf(priority) ?? 0

/**
 * What each rule is called in what we write down: its name. A rule without one, which the API server does not allow, and one
 * whose name an earlier rule has, which controllers refuse since 2.0, are called by their places, too.
 */
export const ruleKeys: (route: ApisixRoute) => readonly string[] = derivedOnce(route => {
  const names = rulesOf(route).map(({ name }) => textOf(name))
  return names.map((name = '', i) => (name === '' || names.indexOf(name) < i ? `${name}#${i}` : name))
})

/** Whether an object is an ApisixRoute. */
export const isApisixRoute = (object: KubeObject): object is ApisixRoute =>
  object.apiVersion.startsWith('apisix.apache.org/') && object.kind === 'ApisixRoute'

/** The ingress class whose APISIX has a route; empty where it names none, and the controller's own counts. */
export const classOf = (route: ApisixRoute): string => textOf(fieldsOf(route.spec)['ingressClassName']) ?? ''

/** `namespace/name`. */
export const nameOf = (route: KubeObject): string => `${namespaceOf(route)}/${route.metadata.name}`
