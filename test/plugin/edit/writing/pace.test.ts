import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { waitBefore, type Pace, type Waiting } from '../../../../plugin/edit/pace.ts'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { UnreadyVersion } from '../../../../shared/plan/finish/ready.ts'
import type { PlanStep } from '../../../../shared/routing/provider.ts'

const times = { settle: 3000, drain: 7000, ready: 2500 }
const target = { service: 'catalog', namespace: 'shop', command: 'weight v2=10', live: true }
const none: UnreadyVersion = { version: 'v2', service: 'catalog', pods: 'no pods' }
const starting: UnreadyVersion = { ...none, pods: '1 pod' }

interface Waited {
  readonly pace?: Partial<Pace>
  /** What lacks ready pods at each look; nothing from then on. */
  readonly lacking?: readonly (readonly UnreadyVersion[])[]
  /** Ctrl-C is pressed during the wait of this number, from 1. */
  readonly interruptedIn?: number
}

/** What one step waited for: `waits` in milliseconds, and what was reported. */
async function waited(until: PlanStep['waits'], { pace, lacking = [], interruptedIn }: Waited = {}) {
  const stop = new AbortController()
  const waits: number[] = []
  const told: (readonly [Waiting['until'], number])[] = []
  let looks = 0
  const wait = async (milliseconds: number): Promise<void> => {
    waits.push(milliseconds)
    if (waits.length !== interruptedIn) return
    stop.abort(new CanaryError('interrupted', 'interrupted'))
    throw stop.signal.reason
  }
  const goes = await waitBefore(until === undefined ? {} : { waits: until }, {
    pace: { ...times, wait, ...pace },
    signal: stop.signal,
    report: waiting => void told.push([waiting.until, waiting.milliseconds]),
    lacking: async () => lacking[looks++] ?? [],
    target,
  }).catch((error: unknown) => error)
  return { goes, waits, told, looks }
}

describe('a step of an edit', () => {
  test('that asks for no wait is written at once, and nobody looks at pods', async () => {
    assert.deepEqual(await waited(undefined), { goes: true, waits: [], told: [], looks: 0 })
  })

  test('that removes something waits for the requests that are under way, whatever pods there are', async () => {
    assert.deepEqual(await waited('drained', { lacking: [[none]] }), {
      goes: true,
      waits: [7000],
      told: [['drained', 7000]],
      looks: 0,
    })
  })

  test('that names new subsets waits for the proxies, once where all pods are ready', async () => {
    assert.deepEqual(await waited('served'), {
      goes: true,
      waits: [3000],
      told: [['served', 3000]],
      looks: 1,
    })
  })

  test('waits for the proxies again where pods became ready only after the first wait', async () => {
    assert.deepEqual(await waited('served', { lacking: [[none]] }), {
      goes: true,
      waits: [3000, 1000, 3000],
      told: [
        ['served', 3000],
        ['ready', 2500],
        ['served', 3000],
      ],
      looks: 2,
    })
  })
})

describe('a step of an edit that asks for pods, or for no time', () => {
  test('that asked for pods waits for the proxies after them, once', async () => {
    const toldAfterwards = ['pods', 3000] as const
    assert.deepEqual(await waited('pods'), { goes: true, waits: [3000], told: [toldAfterwards], looks: 1 })
    assert.deepEqual(await waited('pods', { lacking: [[none]] }), {
      goes: true,
      waits: [1000, 3000],
      told: [['ready', 2500], toldAfterwards],
      looks: 2,
    })
  })

  test('waits for nothing, and tells nothing, where the time of a wait is 0', async () => {
    const pace = { settle: 0, drain: 0 }
    for (const until of ['served', 'drained', 'pods'] as const) {
      const { goes, waits, told } = await waited(until, { pace })
      assert.deepEqual({ goes, waits, told }, { goes: true, waits: [], told: [] }, until)
    }
  })
})

describe('the wait for ready pods', () => {
  test('tells what lacks again only where it has changed, with the time that is left', async () => {
    const { told } = await waited('pods', { lacking: [[none], [none], [starting]] })
    assert.deepEqual(told, [
      ['ready', 2500],
      ['ready', 500],
      ['pods', 3000],
    ])
  })

  test('ends after its time, rounded up to the next look, and names the version', async () => {
    const { goes, waits, looks } = await waited('pods', { lacking: Array.from({ length: 9 }, () => [none]) })
    assert.ok(goes instanceof CanaryError)
    assert.equal(goes.code, 'refused')
    assert.match(goes.message, /v2.*2\.5 s/)
    assert.deepEqual([waits, looks], [[1000, 1000, 1000], 4])
  })

  test('looks once where it may take no time', async () => {
    const { goes, waits, told } = await waited('served', { pace: { ready: 0 }, lacking: [[none]] })
    assert.ok(goes instanceof CanaryError)
    assert.deepEqual([waits, told], [[3000], [['served', 3000]]])
  })
})

describe('Ctrl-C', () => {
  test('ends a drain, and the step is not written, without an error', async () => {
    assert.equal((await waited('drained', { interruptedIn: 1 })).goes, false)
  })

  test('while the proxies or pods are waited for ends the edit with its error', async () => {
    for (const [until, interruptedIn] of [
      ['served', 1],
      ['served', 2],
      ['served', 3],
      ['pods', 1],
      ['pods', 2],
    ] as const) {
      const { goes, waits } = await waited(until, { lacking: [[none]], interruptedIn })
      assert.ok(goes instanceof CanaryError, `${until} ${interruptedIn}`)
      assert.equal(goes.code, 'interrupted')
      assert.equal(waits.length, interruptedIn)
    }
  })
})
