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
  'send traffic to a version without a ready workload all the same',
  false,
] as const
