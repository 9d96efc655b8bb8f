import { Argument, Option } from 'commander'
import { completed, services, versions } from '../flags/completed.ts'
import type { Session } from '../session.ts'
import { chosenService } from '../words/names.ts'

const serviceForms = 'the Service: NAME, svc/NAME, NAME.NAMESPACE or the host of a ServiceEntry'

/** The Service of an edit by position. */
export const serviceArgument = (source = services): Argument =>
  completed(new Argument('[service]', `${serviceForms}; inferred where only one fits`), source)

/** The Service that is shown, by position. */
export const shownServiceArgument = (): Argument =>
  completed(new Argument('[service]', `${serviceForms}; all that are routed where none is given`), services)

/** `--service`: the same as the Service by position. */
export const serviceOption = (): Option =>
  completed(new Option('--service <name>', 'the Service, as by position'), services)

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
    new Option('--stable <version>', 'the stable version, where several versions receive traffic now'),
    versions,
  )

/** `--force`, which overrides what a person may override. */
export const forceOption = (): Option =>
  new Option(
    '--force',
    'continue where a version has no ready workload, callers lose the service, or a wildcard route is overridden',
  ).default(false)
