import type { ApiRequest } from '../../shared/live/connection/connection.ts'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/** All that the test needs of a connection. */
export interface Asks {
  request(asked: ApiRequest): Promise<{ readonly status: number; readonly text: string }>
}

/**
 * Its weights add up to 110: wrong whatever else is in the cluster, and harmless, because nothing is ever
 * stored.
 */
const knownBad = {
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

const bypasses = [
  "Is the namespace labelled kubectl-canary/guard=disabled, or excluded by the chart's values? Choose another with --namespace.",
  'Is the rule weights-sum-to-100 set to warn or off?',
  'With failurePolicy Ignore everything is accepted while the guard does not answer: look at its pods and their log.',
]

/**
 * Dry-runs a known-bad VirtualService in the namespace and returns the guard's refusal of it; throws a
 * CanaryError where it was not the guard that refused.
 */
export async function selfTest(connection: Asks, namespace: string): Promise<string> {
  const path = `/apis/networking.istio.io/v1beta1/namespaces/${encodeURIComponent(namespace)}/virtualservices`
  const { status, text } = await connection.request({
    method: 'POST',
    path,
    query: { dryRun: 'All' },
    body: knownBad,
  })
  if (status < 300)
    throw new CanaryError(
      'failed',
      `namespace ${namespace}: a VirtualService whose weights add up to 110 was accepted`,
      { hints: bypasses },
    )
  const message = messageOf(text)
  if (status === 403 && /^admission webhook "[^"]*canary-guard[^"]*" denied the request/.test(message))
    return message
  if (status === 404) {
    throw new CanaryError('not-found', `namespace ${namespace}: no VirtualServices are served`, {
      hints: ["Install Istio's custom resource definitions, or make the namespace."],
    })
  }
  throw new CanaryError(
    'failed',
    `namespace ${namespace}: the VirtualService was refused, but not by the guard: ${status} ${message}`,
  )
}

function messageOf(text: string): string {
  try {
    return String((JSON.parse(text) as { readonly message?: unknown }).message)
  } catch {
    return text.slice(0, 200)
  }
}
