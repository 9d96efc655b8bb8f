import { Argument, Option } from 'commander'
import type { RouteChoice } from '../../shared/routing/wanted.ts'
import { completed, routes, services, versions, virtualServices } from '../flags/completed.ts'
import type { Session } from '../session.ts'
import { chosenService } from '../words/names.ts'

const serviceForms = 'the Service: NAME, svc/NAME, NAME.NAMESPACE or the host of a ServiceEntry'

/** The Service of an edit by position. */
export const serviceArgument = (source = services): Argument =>
  completed(new Argument('[service]', `${serviceForms}; inferred if only one fits`), source)

/** The Service that is shown, by position. */
export const shownServiceArgument = (): Argument =>
  completed(new Argument('[service]', `${serviceForms}; all that are routed where none is given`), services)

/** `--service`: the same as the Service by position. */
export const serviceOption = (): Option =>
  completed(new Option('--service <name>', 'the Service (same as the argument)'), services)

/** The Service that was typed, in either way; throws `usage` where the words disagree. */
export function serviceNamed(
  { flags: { namespace, allNamespaces } }: Session,
  word: string | undefined,
  flag: string | undefined,
): { readonly service?: string } {
  const service = chosenService({ word, flag, namespace: allNamespaces ? undefined : namespace })
  return service === undefined ? {} : { service }
}

/** `--stable`, needed where several versions receive traffic and none is recorded as stable. */
export const stableOption = (): Option =>
  completed(
    new Option('--stable <version>', 'the stable version, if several versions receive traffic now'),
    versions,
  )

/** What was typed to choose routes. */
export interface ChoiceFlags {
  readonly route?: readonly string[]
  readonly virtualService?: readonly string[]
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value]

/** `--route`: the routes that an edit is for, where not all of the Service are meant. */
export const routeOption = (): Option =>
  completed(
    new Option(
      '--route <name>',
      'change only the routes of this name, path or position (http[1]); the others stay as they are (repeatable)',
    ).argParser(collect),
    routes,
  )

/** `--virtual-service`: the objects whose routes an edit is for, where not all of the Service are meant. */
export const virtualServiceOption = (): Option =>
  completed(
    new Option(
      '--virtual-service <name>',
      'change only the routes of this VirtualService, NAME or NAMESPACE/NAME (repeatable)',
    ).argParser(collect),
    virtualServices,
  )

/** The flags of a command with the choice of routes as a value; without one where nothing was chosen. */
export function withChoice<F extends ChoiceFlags>({
  route = [],
  virtualService = [],
  ...flags
}: F): Omit<F, keyof ChoiceFlags> & { readonly choice?: RouteChoice } {
  return route.length + virtualService.length === 0
    ? flags
    : { ...flags, choice: { routes: route, objects: virtualService } }
}

/** `--force` of an edit that nothing else may hold up. */
export const insistOption = (more = ''): Option =>
  new Option('--force', `continue even if a GitOps tool reverts the edit${more}`)

/** `--force`, which overrides what a person may override. */
export const forceOption = (): Option =>
  new Option(
    '--force',
    'continue even if a version has too few ready pods, callers lose the service, routes of others are overridden, or a GitOps tool reverts the edit',
  ).default(false)
