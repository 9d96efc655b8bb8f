import assert from 'node:assert/strict'
import test from 'node:test'
import type { ApiRequest } from '../../../shared/live/connection/connection.ts'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { selfTest } from '../../../webhook/run/self-test.ts'

const answering = (status: number, body: unknown, asked: ApiRequest[] = []) => ({
  request: async (ask: ApiRequest) => {
    asked.push(ask)
    return {
      status,
      text: typeof body === 'string' ? body : JSON.stringify({ kind: 'Status', ...(body as object) }),
    }
  },
})
const denial =
  'admission webhook "routes.canary-guard.kubectl-canary" denied the request: the weights add up to 110'

test("returns the guard's denial, and only dry-runs", async () => {
  const asked: ApiRequest[] = []
  assert.equal(await selfTest(answering(403, { message: denial }, asked), 'shop'), denial)
  assert.deepEqual(
    asked.map(({ method, path, query }) => ({ method, path, query })),
    [
      {
        method: 'POST',
        path: '/apis/networking.istio.io/v1beta1/namespaces/shop/virtualservices',
        query: { dryRun: 'All' },
      },
    ],
  )
})

for (const [what, status, body, code] of [
  ['the object is accepted', 201, {}, 'failed'],
  ['the right to create is missing', 403, { message: 'virtualservices is forbidden' }, 'failed'],
  [
    'another webhook denies',
    403,
    { message: 'admission webhook "other.example.com" denied the request' },
    'failed',
  ],
  ['Istio is not installed', 404, '404 page not found', 'not-found'],
  [
    'the guard does not answer and failurePolicy is Fail',
    500,
    { message: 'failed calling webhook "routes.canary-guard.kubectl-canary"' },
    'failed',
  ],
] as const) {
  test(`fails when ${what}`, () =>
    assert.rejects(
      selfTest(answering(status, body), 'shop'),
      error => error instanceof CanaryError && error.code === code,
    ))
}
