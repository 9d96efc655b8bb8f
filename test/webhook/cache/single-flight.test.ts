import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { RestsOn } from '../../../shared/rules/rule.ts'
import { singleFlight, type ApiRead } from '../../../webhook/cache/single-flight.ts'

const list: RestsOn = { kind: 'DestinationRule', namespace: 'shop' }
const never = new AbortController().signal

/** A read that ends when the test says so. */
function readByHand(): {
  readonly read: () => Promise<readonly KubeObject[]>
  readonly flights: PromiseWithResolvers<readonly KubeObject[]>[]
} {
  const flights: PromiseWithResolvers<readonly KubeObject[]>[] = []
  return { flights, read: () => (flights.push(Promise.withResolvers()), flights.at(-1)!.promise) }
}
/** A single flight of such reads. */
function flightByHand(): Pick<ReturnType<typeof readByHand>, 'flights'> & { readonly readApi: ApiRead } {
  const { read, flights } = readByHand()
  return { flights, readApi: singleFlight(read, 1000) }
}
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('a single flight', () => {
  it('gives all callers that come during a read the same next one', async () => {
    const { flights, readApi } = flightByHand()
    const answers = [readApi(list, never), readApi(list, never), readApi(list, never)]
    assert.equal(flights.length, 1)
    flights[0]!.resolve([])
    await turn()
    assert.equal(flights.length, 2)
    flights[1]!.resolve([{} as KubeObject])
    assert.deepEqual(
      (await Promise.all(answers)).map(({ length }) => length),
      [0, 1, 1],
    )
  })
  it('starts a new read when all have ended', async () => {
    const { flights, readApi } = flightByHand()
    for (let i = 0; i < 3; i++) {
      const answer = readApi(list, never)
      assert.equal(flights.length, i + 1)
      flights[i]!.resolve([])
      await answer
      await turn()
    }
  })
  it('passes a failure on to the callers of that read only', async () => {
    const { flights, readApi } = flightByHand()
    const [first, second] = [readApi(list, never), readApi(list, never)]
    flights[0]!.reject(new Error('broken'))
    await assert.rejects(first, /broken/)
    await turn()
    flights[1]!.resolve([])
    assert.deepEqual(await second, [])
  })
  it('ends each call at its own deadline', async () => {
    const { readApi } = flightByHand()
    const mine = new AbortController()
    const answer = readApi(list, mine.signal)
    mine.abort(new Error('over'))
    await assert.rejects(answer, /over/)
  })
  it('reads different evidence at the same time', () => {
    const { flights, readApi } = flightByHand()
    for (const name of ['a', 'b'])
      readApi({ kind: 'Service', namespace: 'shop', name }, never).catch(() => undefined)
    assert.equal(flights.length, 2)
  })
})
