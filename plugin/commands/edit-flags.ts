/** The flag by which every command takes its Service; left out, the Service is inferred. */
export const serviceFlag = [
  '--service <name>',
  'the Service meant, NAME, NAME.NAMESPACE or a ServiceEntry’s host; inferred where only one fits',
] as const
export const stableFlag = [
  '--stable <version>',
  'the version that everyone else gets, where several take traffic now',
] as const
export const forceFlag = [
  '--force',
  'go on where a version has no ready workload, callers lose the service, or a wildcard route is overridden',
  false,
] as const
