import { CanaryError } from '../objects/canary-error.ts'
import { textOf } from '../objects/unchecked.ts'
import type { EditableRoute } from '../routing/provider.ts'
import type { ServiceVersion } from '../routing/service.ts'
import { canBe, choiceOf, flagsOf, formatRoute, isChosen, type RouteQuestion } from './find/choose-routes.ts'

/** The versions of a service, and those that are to get requests or copies of them. */
export interface ReceivingVersions {
  readonly versions: readonly ServiceVersion[]
  readonly to: readonly ServiceVersion[]
}

/**
 * Throws a CanaryError `usage` where a version is a Service of another application, which shares the requests of some
 * routes only, and nobody chose which are meant: the others would send it requests that it does not know, as all of
 * those of a monolith from which it takes one path over.
 */
export function requireOneApplication(question: RouteQuestion, { versions, to }: ReceivingVersions): void {
  const { service, target, choice, routes, withChoice } = question
  if (isChosen(choice) || routes.leftOut.length > 0) return
  const ordinary = routes.routes.filter(route => route.versions.length > 0 && !route.singlesOut)
  const [foreign] = to.flatMap(version => {
    const without = ordinary.filter(route => isForeignTo(route, version, versions))
    const shared = ordinary.filter(route => route.versions.includes(version.name))
    return without.length === 0 || shared.length === 0 ? [] : [{ version, without, shared }]
  })
  if (foreign === undefined) return
  const { version, without, shared } = foreign
  const objects = [...new Set(ordinary.map(({ object }) => `${object.namespace}/${object.name}`))]
  const choices = [...shared.map(route => choiceOf(route, ordinary)), { routes: [], objects }]
  const commands = [...new Set(choices.filter(one => canBe(() => withChoice(one))).map(flagsOf))]
  throw new CanaryError(
    'usage',
    `routes of ${service} lead to other applications than ${version.name}: ${without.map(route => formatRoute(route, ordinary)).join('; ')}`,
    {
      hints: [
        'Choose the routes to change; the others keep their versions:',
        ...commands.map(flags => `  kubectl canary ${target.command}${flags}`),
      ],
    },
  )
}

/** Whether a route that is not on the canary leads to other applications than that of a version. */
const isForeignTo = (
  { versions: led, isOnCanary }: EditableRoute,
  version: ServiceVersion,
  versions: readonly ServiceVersion[],
): boolean =>
  isOnCanary !== true
  && led.every(name => versions.some(other => other.name === name && areOfTwo(version, other)))

/** Whether nothing says of two Services that they are of one application: neither their names nor their pods. */
function areOfTwo(one: ServiceVersion, other: ServiceVersion): boolean {
  if (one.service === undefined || other.service === undefined) return false
  const [own, others] = [applicationsOf(one), applicationsOf(other)]
  return (
    own.length > 0
    && others.length > 0
    && !own.some(name => others.includes(name))
    && stemOf(one.service.name) !== stemOf(other.service.name)
  )
}

const keys = [
  'app',
  'app.kubernetes.io/name',
  'app.kubernetes.io/instance',
  'k8s-app',
  'run',
  'name',
] as const

/** What the pods of a version say of their application. */
const applicationsOf = ({ workloads }: ServiceVersion): readonly string[] =>
  workloads.flatMap(({ labels = {} }) => keys.flatMap(key => textOf(labels[key]) ?? []))

/** The first word of a name: `catalog` of `catalog-new`, `catalog2` and `catalogv2`. */
const stemOf = (name: string): string => name.split('-')[0]!.replace(/v?\d+$/, '')
