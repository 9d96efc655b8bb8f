import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { RestsOn } from '../../../shared/rules/rule.ts'
import { singleFlight, type ReadAgain } from '../../../webhook/cache/single-flight.ts'

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
function flightByHand(): Pick<ReturnType<typeof readByHand>, 'flights'> & { readonly readAgain: ReadAgain } {
  const { read, flights } = readByHand()
  return { flights, readAgain: singleFlight(read, 1000) }
}
const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('a single flight', () => {
  it('gives whoever comes while a read is under way the next one, all of them the same', async () => {
    const { flights, readAgain } = flightByHand()
    const answers = [readAgain(list, never), readAgain(list, never), readAgain(list, never)]
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
  it('starts anew when all have landed', async () => {
    const { flights, readAgain } = flightByHand()
    for (let i = 0; i < 3; i++) {
      const answer = readAgain(list, never)
      assert.equal(flights.length, i + 1)
      flights[i]!.resolve([])
      await answer
      await turn()
    }
  })
  it('passes a failure on to those who waited for it and to nobody else', async () => {
    const { flights, readAgain } = flightByHand()
    const [first, second] = [readAgain(list, never), readAgain(list, never)]
    flights[0]!.reject(new Error('broken'))
    await assert.rejects(first, /broken/)
    await turn()
    flights[1]!.resolve([])
    assert.deepEqual(await second, [])
  })
  it('lets each go when its own time is over', async () => {
    const { readAgain } = flightByHand()
    const mine = new AbortController()
    const answer = readAgain(list, mine.signal)
    mine.abort(new Error('over'))
    await assert.rejects(answer, /over/)
  })
  it('reads different things side by side', () => {
    const { flights, readAgain } = flightByHand()
    for (const name of ['a', 'b'])
      readAgain({ kind: 'Service', namespace: 'shop', name }, never).catch(() => undefined)
    assert.equal(flights.length, 2)
  })
})
