/** Which version of a kind is watched, while its definition comes and goes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiFailure } from '../../../shared/live/watch/stream/api-failure.ts'
import type { Requester } from '../../../shared/live/watch/stream/requester.ts'
import { servedVersion } from '../../../shared/live/watch/stream/served-version.ts'
import { systemTimers } from '../../../shared/live/watch/stream/timers.ts'

/** Asks an API server that serves, at the time of each question (from 0), the versions that `servedAt` gives. */
async function versionWhere(
  servedAt: (question: number) => readonly string[],
): Promise<{ readonly version: string; readonly asked: readonly string[] }> {
  const asked: string[] = []
  const requester: Requester = {
    request: async ({ path }) => {
      const isServed = servedAt(asked.length).includes(path)
      asked.push(path)
      const text = isServed ? '{"metadata":{"resourceVersion":"7"},"items":[]}' : '{}'
      return { status: isServed ? 200 : 404, body: (async function* () {})(), text }
    },
  }
  const { signal } = new AbortController()
  const version = await servedVersion('VirtualService', path => ({
    requester,
    path,
    query: {},
    timers: systemTimers,
    idleMs: 1_000,
    signal,
  }))
  return { version, asked }
}

test('the first version that is served is taken, with one question where it is the preferred one', async () => {
  assert.deepEqual(await versionWhere(() => ['v1', 'v1beta1', 'v1alpha3']), { version: 'v1', asked: ['v1'] })
  assert.equal((await versionWhere(() => ['v1beta1', 'v1alpha3'])).version, 'v1beta1')
  assert.equal((await versionWhere(() => ['v1alpha3'])).version, 'v1alpha3')
})

for (const start of [1, 2])
  test(`a definition that is established before question ${start} is followed in its preferred version`, async () => {
    const all = ['v1', 'v1beta1', 'v1alpha3']
    assert.equal((await versionWhere(question => (question < start ? [] : all))).version, 'v1')
  })

test('where no version is served, the kind is absent', async () => {
  await assert.rejects(
    versionWhere(() => []),
    (error: unknown) => error instanceof ApiFailure && error.status === 404,
  )
})
