import type { EditPurpose, ServiceReading } from '../routing/provider.ts'
import type { RoutedService, ServiceVersion } from '../routing/service.ts'
import { serviceWord, shellWord } from '../objects/text/kubectl-commands.ts'
import { compareNaturally } from '../objects/text/natural-order.ts'
import type { Condition } from '../routing/condition.ts'
import type { RouteChoice } from '../routing/wanted.ts'

/**
 * The Service whose traffic is meant, as a person said it: `catalog` or `catalog.istioinaction`; left out, it
 * is inferred.
 */
export interface Target {
  readonly service?: string | undefined
  /** The namespace of the request. */
  readonly namespace: string
  /**
   * The words of the command as they were given, for hints that repeat it with one more flag: `kubectl canary
   * ${command} --force`.
   */
  readonly command: string
  /** Where in `command` a Service by position goes, in characters; it takes --service where left out. */
  readonly serviceAt?: number | undefined
  /** The flags that name the files that are worked on, for commands in hints: `-f k8s`; empty on a cluster. */
  readonly fileWords?: string | undefined
  /** A running cluster is meant, so that readiness can be judged; on files it is not. */
  readonly live?: boolean
}

export interface CohortIntent {
  readonly target: Target
  readonly name: string
  readonly to: string
  /** What part of its requests goes there, a whole percentage from 1 to 99; the rest goes to stable. All when left out. */
  readonly share?: number | undefined
  /** Where several services are meant, and the target names none: these, or all that have a route and the version. */
  readonly services?: readonly string[] | 'all' | undefined
  /** None means the header `x-istio-cohort: NAME`. */
  readonly conditions: readonly Condition[]
  /** RFC 3339, when the cohort was set. */
  readonly since: string
  /** RFC 3339, when it is meant to end. */
  readonly until?: string | undefined
  /** The cohort that comes after it, for requests of both; it keeps its place, else comes last, when left out. */
  readonly before?: string | undefined
  readonly reason?: string | undefined
  readonly stable?: string | undefined
  readonly choice?: RouteChoice | undefined
  /** Send traffic to a version even if it has no ready workload. */
  readonly force: boolean
}
export interface RemoveCohortIntent {
  readonly target: Target
  readonly name: string
  /** Where several services are meant, and the target names none: these, or all that have the cohort. */
  readonly services?: readonly string[] | 'all' | undefined
  /** Continue where a GitOps tool reverts the edit. */
  readonly force?: boolean
}

/** How users keep their version, as it was said; a name and a time of its own, or that which is recorded. */
export interface StickyWords {
  readonly cookie?: string | undefined
  /** Whole seconds. */
  readonly ttl?: number | undefined
  /** RFC 3339, when it was said. */
  readonly since: string
}
export interface WeightIntent {
  readonly target: Target
  /** Version → percent; the remainder goes to stable. */
  readonly weights: ReadonlyMap<string, number>
  /** Users keep the version that they got first; as it is when left out, and not any more with false. */
  readonly sticky?: StickyWords | false | undefined
  readonly stable?: string | undefined
  readonly choice?: RouteChoice | undefined
  readonly force: boolean
}
export interface MirrorIntent {
  readonly target: Target
  /** Version → percent of the requests that it gets a copy of; none ends all that were set by a command. */
  readonly mirrors: ReadonlyMap<string, number>
  readonly stable?: string | undefined
  readonly choice?: RouteChoice | undefined
  readonly force: boolean
}
export interface PromoteIntent {
  readonly target: Target
  readonly version: string
  readonly choice?: RouteChoice | undefined
  readonly force: boolean
}
export interface AbortIntent {
  readonly target: Target
  /** Continue where a GitOps tool reverts the edit. */
  readonly force?: boolean
  readonly stable?: string | undefined
  readonly choice?: RouteChoice | undefined
}
export interface InitIntent {
  readonly target: Target
  readonly stable: string
  /** Override the routes of another VirtualService. */
  readonly force?: boolean
  /** `NAME` or `NAMESPACE/NAME` of Gateways; with hosts, the route serves them too. */
  readonly gateways: readonly string[]
  readonly hosts: readonly string[]
  /** Cover callers inside the mesh, also where gateways are covered already. */
  readonly mesh?: boolean
  /** A version that is shown to some until it is promoted. */
  readonly preview?: PreviewIntent | undefined
}
/** How a version is shown before it is promoted: at hosts of its own, else by conditions. */
export interface PreviewIntent {
  readonly version: string
  /** With the gateways where they are. */
  readonly hosts: readonly string[]
  readonly gateways: readonly string[]
  /** None means the header `x-istio-cohort: preview`. */
  readonly conditions: readonly Condition[]
  /** RFC 3339, when it is set. */
  readonly since: string
}

/** The command that gives a service its first route, for hints. */
export const initCommand = (
  { name, namespace }: RoutedService,
  stable: string,
  fileWords: string | undefined = '',
): string =>
  [`kubectl canary init ${serviceWord(name)} --stable ${stable} -n ${namespace}`, fileWords]
    .join(' ')
    .trimEnd()

/** What is asked for: a service, and the versions that it has and that are meant. */
interface Purpose {
  readonly needs: EditPurpose['needs']
  readonly reading: Pick<ServiceReading, 'service' | 'versions'>
  /** The version that is to be stable, where it is known. */
  readonly stable?: string
  /** The versions that are to be canaries. */
  readonly canaries?: readonly Pick<ServiceVersion, 'name'>[]
  /** All requests go to one version: there are no shares. */
  readonly isWhole?: boolean
}

/** The commands that give the service its first route: one for each version that may be stable. */
function initCommands({ reading: { service, versions }, stable, canaries = [] }: Purpose, files?: string) {
  const names = versions.map(({ name }) => name).toSorted(compareNaturally)
  const others = names.filter(name => !canaries.some(canary => canary.name === name))
  const stables = stable === undefined ? (others.length > 0 ? others : names) : [stable]
  return (stables.length > 0 ? stables : ['VERSION']).map(name => initCommand(service, name, files))
}

/** What of an intent its purpose says again. */
interface PurposeIntent {
  readonly target: Target
  readonly choice?: RouteChoice | undefined
  /** As typed with `--stable`. */
  readonly stable?: string | undefined
}

/** What an edit is made for, as a provider needs it. */
export const purposeOf = ({ target, choice, stable }: PurposeIntent, purpose: Purpose): EditPurpose => {
  const {
    needs,
    reading: { service },
    canaries: [canary] = [],
  } = purpose
  return {
    needs,
    inits: initCommands(purpose, target.fileWords),
    ...(canary !== undefined && {
      byWeight: [
        `kubectl canary weight ${serviceWord(service.name)} ${shellWord(`${canary.name}=${purpose.isWhole === true ? 100 : 10}`)} -n ${service.namespace}`,
        stable === undefined ? '' : `--stable ${shellWord(stable)}`,
        target.fileWords ?? '',
      ]
        .filter(Boolean)
        .join(' '),
    }),
    command: `kubectl canary ${target.command}`,
    choice,
  }
}

/** The command of a request with its Service named, for hints. */
export const commandFor = (
  { command, serviceAt }: Pick<Target, 'command' | 'serviceAt'>,
  service: string,
): string =>
  serviceAt === undefined
    ? `kubectl canary ${command} --service ${serviceWord(service)}`
    : `kubectl canary ${command.slice(0, serviceAt)} ${serviceWord(service)}${command.slice(serviceAt)}`
