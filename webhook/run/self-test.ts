import { apiPath } from '../../shared/live/api-path.ts'
import { statusOf } from '../../shared/live/connection/failure.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import type { ApiRequests } from '../certificate/api-connection.ts'

/** Its weights add up to 110, which is invalid in every cluster; it is only dry-run, so it is never stored. */
const invalidVirtualService = {
  apiVersion: 'networking.istio.io/v1beta1',
  kind: 'VirtualService',
  metadata: { generateName: 'canary-guard-test-' },
  spec: {
    hosts: ['canary-guard-test'],
    http: [
      {
        route: [
          { destination: { host: 'canary-guard-test-a' }, weight: 90 },
          { destination: { host: 'canary-guard-test-b' }, weight: 20 },
        ],
      },
    ],
  },
}

const possibleCauses = [
  "Is the namespace labelled kubectl-canary/guard=disabled, or excluded or not selected by the chart's values? Choose another with --namespace.",
  'Is the rule weights-sum-to-100 set to warn or off?',
  'With failurePolicy Ignore everything is accepted while the guard does not answer: check its pods and their log.',
]

/**
 * Dry-runs an invalid VirtualService in the namespace and returns the guard's denial; throws a CanaryError if it
 * was accepted, or denied by anything else.
 */
export async function selfTest(connection: ApiRequests, namespace: string): Promise<string> {
  const { status, text } = await connection.request({
    method: 'POST',
    path: apiPath('VirtualService', 'v1beta1', { namespace }),
    query: { dryRun: 'All' },
    body: invalidVirtualService,
  })
  if (status < 300)
    throw new CanaryError(
      'failed',
      `namespace ${namespace}: a VirtualService whose weights add up to 110 was accepted`,
      { hints: possibleCauses },
    )
  const message = statusOf(text)?.message ?? text.slice(0, 200)
  if (status === 403 && /^admission webhook "[^"]*canary-guard[^"]*" denied the request/.test(message))
    return message
  if (status === 404) {
    throw new CanaryError(
      'not-found',
      `namespace ${namespace}: there is no such namespace, or the API server has no VirtualServices`,
      {
        hints: ["Install Istio's custom resource definitions, or create the namespace."],
      },
    )
  }
  throw new CanaryError(
    'failed',
    `namespace ${namespace}: the VirtualService was denied, but not by the guard: ${status} ${message}`,
  )
}
