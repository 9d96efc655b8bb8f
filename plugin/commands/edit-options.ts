import { Option } from 'commander'
import { completed, services, versions } from '../flags/completed.ts'
import { checkServiceName } from '../words/names.ts'

/** `--service`, by which a command takes its Service; left out, the Service is inferred. */
export const serviceOption = (): Option =>
  completed(
    new Option(
      '--service <name>',
      'the Service: NAME, NAME.NAMESPACE or the host of a ServiceEntry; inferred where only one fits',
    ).argParser(checkServiceName),
    services,
  )

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
