/** The path of all ValidatingWebhookConfigurations. */
export const webhookConfigurationsPath =
  '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

/** The webhooks of the configuration, as the chart names them: one for routes, one for what routes depend on. */
export const webhookNames: readonly string[] = [
  'routes.canary-guard.kubectl-canary',
  'backends.canary-guard.kubectl-canary',
]
