import { resourcePath } from '../../shared/live/api-path.ts'

const resource = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'validatingwebhookconfigurations',
  namespaced: false,
} as const

/** The path of a ValidatingWebhookConfiguration; of all of them without a name. */
export const webhookConfigurationPath = (name?: string): string => resourcePath(resource, { name })

/**
 * The webhooks of the configuration, as the chart names them: for routes, for what routes depend on, for who
 * exempts, and for workloads that are scaled to zero.
 */
export const webhookNames: readonly string[] = [
  'routes.canary-guard.kubectl-canary',
  'backends.canary-guard.kubectl-canary',
  'exemptions.canary-guard.kubectl-canary',
  'scaling.canary-guard.kubectl-canary',
]
