import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  stoppedWhileDraining,
  writePlan,
  type WriteOptions,
  type WriteProgress,
} from '../../../../plugin/edit/write-plan.ts'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import type { Plan, PlanTraffic } from '../../../../shared/plan/plan.ts'
import type { EntryPoint, Traffic } from '../../../../shared/routing/traffic.ts'
import type { Change } from '../../../../shared/view/change.ts'
import { snapshot } from '../../../../shared/view/snapshot.ts'
import type { ApplyChangesOptions, Outcome } from '../../../../shared/view/store.ts'
import { MemoryStore } from '../../memory-store.ts'
import { shop } from '../../shop.ts'

const now = new Date('2026-08-01T12:00:00Z')
const [service, v1, v2, rule, route] = shop('catalog') as [KubeObject, ...KubeObject[]]
const edited = (object: KubeObject | undefined, as: string): KubeObject => ({
  ...object!,
  metadata: { ...object!.metadata, labels: { as } },
})
const change = (object: KubeObject | undefined): Change => ({ before: object, after: edited(object, 'new') })

const trafficOf = (own: Partial<Traffic> = {}, name = 'catalog', namespace = 'shop'): PlanTraffic => {
  const traffic = { service: name, namespace, versions: [], entryPoints: [], notes: [], ...own }
  return { before: traffic, after: traffic }
}
const planOf = (own: Partial<Plan>): Plan => ({
  title: 'weight v1=90,v2=10',
  traffic: trafficOf(),
  changes: [change(rule), change(route)],
  steps: [{ change: change(rule) }, { change: change(route), waits: 'served' }],
  objects: [],
  notes: [],
  ...own,
})

/** A cluster that keeps what it was asked for. */
class Asked extends MemoryStore {
  readonly options: ApplyChangesOptions[] = []
  readonly readIn: unknown[] = []

  override async read(...[scope]: readonly unknown[]) {
    this.readIn.push(scope)
    return super.read()
  }
  override async apply(
    changes: readonly Change[],
    options: ApplyChangesOptions,
  ): Promise<readonly Outcome[]> {
    this.options.push(options)
    return super.apply(changes, options)
  }
}
const cluster = (): Asked => new Asked([service, v1!, v2!, rule!, route!], { namespace: 'shop' })
const pace = { settle: 1, drain: 1, ready: 0, wait: () => Promise.resolve() }
const words = { command: 'kubectl canary weight v2=10', limit: 10 } as unknown as NonNullable<
  WriteOptions['words']
>

async function written(
  store: Asked,
  plan: Plan,
  { live = true, ...options }: Partial<WriteOptions> & { readonly live?: boolean } = {},
) {
  const target = { service: 'catalog', namespace: 'shop', command: 'weight v2=10', live }
  const toWrite = { plan, view: snapshot(store.objects), target, live, givenUp: new Set<string>() }
  const result = await writePlan(store, toWrite, { dryRun: 'none', now, ...options })
  if (result === 'read again') throw new Error('nothing is under way')
  return result
}

describe('a plan on a cluster', () => {
  test('is written step by step, with the waits before its steps', async () => {
    const [store, progress] = [cluster(), [] as WriteProgress[]]
    await written(store, planOf({}), { pace, report: each => progress.push(each) })
    assert.deepEqual(progress, [{ kind: 'waiting', waiting: { until: 'served', milliseconds: 1 } }])
    assert.equal(store.applied[0]!.length, 2)
  })

  test('looks for ready pods in the namespaces of all its services, each once', async () => {
    const store = cluster()
    const others = [trafficOf({}, 'cart'), trafficOf({}, 'pay', 'bank')]
    await written(store, planOf({ others, lacking: () => [] }), { pace })
    assert.deepEqual(store.readIn, [{ namespaces: ['shop', 'bank'] }])
  })

  test('is read again by nobody where no version is about to get requests', async () => {
    const store = cluster()
    await written(store, planOf({}), { pace })
    assert.equal(store.reads, 0)
  })

  test('is written whole without waits where none are wanted', async () => {
    const store = cluster()
    await written(store, planOf({}))
    assert.equal(store.objects.filter(({ metadata }) => metadata.labels?.['as'] === 'new').length, 2)
  })

  test('stops before a step whose version has no ready pod', async () => {
    const store = cluster()
    const lacking = () => [{ version: 'v2', service: 'catalog', pods: 'none' }]
    await assert.rejects(written(store, planOf({ lacking }), { pace }), { code: 'refused' })
    assert.equal(
      store.objects.find(({ kind }) => kind === 'VirtualService'),
      route,
    )
  })
})

describe('the steps of a plan', () => {
  test('whose drain is interrupted says so and keeps what was to be removed', async () => {
    const store = cluster()
    const steps = [{ change: change(route) }, { change: { before: rule }, waits: 'drained' as const }]
    const signal = AbortSignal.abort()
    const { stoppedDraining } = await written(store, planOf({ steps }), { pace, signal })
    assert.equal(stoppedDraining, true)
    assert.ok(store.objects.includes(rule!))
    assert.equal((await written(cluster(), planOf({ steps }), { pace })).stoppedDraining, undefined)
  })

  test('that writes an object twice counts it once, as it was first, but as deleted where it ends so', async () => {
    const middle = edited(rule, 'middle')
    const steps = [
      { change: { before: rule, after: middle } },
      { change: { before: middle, after: undefined } },
      { change: { after: edited(v1, 'x'), before: v1 } },
      { change: change(route) },
      { change: { before: change(route).after, after: edited(route, 'last') } },
    ]
    const { outcomes } = await written(cluster(), planOf({ steps }))
    assert.deepEqual(
      outcomes.map(({ ref, action }) => `${ref.kind} ${action}`),
      ['DestinationRule deleted', 'Deployment configured', 'VirtualService configured'],
    )
  })
})

describe('what a written plan calls and confirms', () => {
  test('calls what carries its order out after it is written, and not in a dry run', async () => {
    const order = { calls: [{ path: '/gate/open', body: { name: 'catalog' }, command: 'curl' }] }
    const asked: unknown[] = []
    const plan = planOf({ order: order as unknown as NonNullable<Plan['order']> })
    for (const [dryRun, status] of [
      ['none', 200],
      ['server', 200],
      ['none', 500],
    ] as const) {
      const store = cluster()
      const request = async (made: object) => {
        asked.push([made, store.applied.length])
        return { status, headers: {}, text: '' }
      }
      const done = written(Object.assign(store, { request }), plan, { dryRun })
      await (status === 200
        ? done
        : assert.rejects(done, { code: 'failed', message: '/gate/open answers 500' }))
    }
    const call = { method: 'POST', path: '/gate/open', body: { name: 'catalog' } }
    assert.deepEqual(asked, [
      [call, 1],
      [call, 1],
    ])
  })
})

describe('what comes of a written plan', () => {
  test('gives what controllers refuse of it', async () => {
    const confirms = ({ metadata }: KubeObject) =>
      metadata.labels === undefined
        ? { state: 'confirmed' as const }
        : { state: 'refused' as const, by: 'gw', reason: 'no' }
    const { unconfirmed } = await written(cluster(), planOf({ confirms }), { pace })
    assert.deepEqual(
      unconfirmed?.map(({ ref, confirmation }) => [ref.kind, confirmation.state]),
      [
        ['DestinationRule', 'refused'],
        ['VirtualService', 'refused'],
      ],
    )
  })

  test('sets replicas whatever has changed of a Deployment meanwhile, where it is about replicas', async () => {
    const store = cluster()
    await written(store, planOf({ scales: true }))
    await written(store, planOf({ steps: [] }))
    assert.deepEqual(
      store.options.map(({ scales }) => scales),
      [true, undefined],
    )
  })
})

describe('the claim on the fields of the objects', () => {
  const withCohort = { cohorts: [{ name: 'qa' }] } as unknown as EntryPoint
  const bare = { cohorts: [] } as unknown as EntryPoint
  const disowns = async (own: Partial<Plan>): Promise<boolean | undefined> => {
    const store = cluster()
    await written(store, planOf(own))
    return store.options[0]!.disown
  }

  test('is given up where no stable version and no cohort is left of any service', async () => {
    assert.equal(await disowns({ traffic: trafficOf({ entryPoints: [bare] }) }), true)
    assert.equal(await disowns({ traffic: trafficOf({ stable: 'v1' }) }), false)
    assert.equal(await disowns({ traffic: trafficOf({ entryPoints: [bare, withCohort] }) }), false)
    assert.equal(await disowns({ others: [trafficOf({ stable: 'v1' }, 'cart')] }), false)
  })

  test('is kept where a tool keeps the edit only so, and where no service is known', async () => {
    assert.equal(await disowns({ keepsClaims: true }), false)
    assert.equal(await disowns({ traffic: undefined } as unknown as Partial<Plan>), false)
  })
})

describe('the record of a plan', () => {
  test('is made with the changes that were recorded before', async () => {
    const store = cluster()
    assert.deepEqual((await written(store, planOf({}), { words })).earlier, [])
    const again = planOf({ changes: [], steps: [] })
    assert.equal((await written(store, again, { words })).earlier, undefined)
    assert.equal(store.history.records.length, 1)
  })

  test('that may not be read is told with why, and the plan is written', async () => {
    const [store, progress] = [cluster(), [] as WriteProgress[]]
    store.history.missing = 'secrets may not be listed'
    await written(store, planOf({}), { words, report: each => progress.push(each) })
    assert.deepEqual(progress, [{ kind: 'not-recorded', why: 'secrets may not be listed' }])
    assert.equal(store.applied.length, 1)
  })

  test('is not made where earlier ones may not be read, though it might be written', async () => {
    const [store, progress] = [cluster(), [] as WriteProgress[]]
    store.history.list = async () => ({ changes: [], missing: 'secrets may not be listed' })
    await written(store, planOf({}), { words, report: each => progress.push(each) })
    assert.deepEqual(store.history.records, [])
    assert.equal(progress.length, 1)
  })
})

describe('a record of somebody else, or none', () => {
  test('waits for another change of the service until Ctrl-C', async () => {
    const store = cluster()
    await written(store, planOf({}), { words })
    const heartbeat = new Date().toISOString()
    store.history.records = store.history.records.map(record => ({ ...record, heartbeat }))
    const [stop, progress] = [new AbortController(), [] as WriteProgress[]]
    const report = (each: WriteProgress): void => {
      progress.push(each)
      stop.abort()
    }
    const plan = planOf({ steps: [{ change: { before: v1, after: edited(v1, 'x') } }] })
    await assert.rejects(written(store, plan, { words, signal: stop.signal, report }), { name: 'AbortError' })
    assert.deepEqual([progress.map(({ kind }) => kind), store.applied.length], [['under-way'], 1])
  })

  test('is not made without words, of no service, and in a dry run', async () => {
    for (const [own, options] of [
      [{}, {}],
      [{ traffic: undefined } as unknown as Partial<Plan>, { words }],
      [{}, { words, dryRun: 'server' }],
      [{}, { words, dryRun: 'client' }],
    ] as const) {
      const store = cluster()
      await written(store, planOf(own), options)
      assert.deepEqual([store.history.records, store.applied.length], [[], 1])
    }
  })
})

describe('a plan on files, or in a dry run', () => {
  const middle = edited(rule, 'middle')
  const twice = [
    { before: rule, after: middle },
    { before: middle, after: edited(rule, 'new') },
  ]

  test('is written at once, each object once', async () => {
    const store = cluster()
    const { outcomes } = await written(store, planOf({ changes: twice }), { pace, live: false })
    assert.deepEqual([store.applied.map(all => all.length), outcomes.length, store.reads], [[1], 1, 0])
  })

  test('keeps its changes apart where one is a patch to the letter', async () => {
    const store = cluster()
    const changes = twice.map(one => ({ ...one, patch: { type: 'merge' as const } }))
    const { outcomes } = await written(store, planOf({ changes: [changes[0]!, twice[1]!] }), {
      dryRun: 'server',
    })
    assert.deepEqual([store.applied.map(all => all.length), outcomes.length], [[2], 1])
  })

  test('gives no difference where nothing changes, and in a dry run of the server', async () => {
    const difference = async (own: Partial<Plan>, dryRun: 'client' | 'server') =>
      (await written(cluster(), planOf(own), { dryRun, withDiff: true })).diff
    assert.equal(await difference({ changes: [] }, 'client'), undefined)
    assert.equal(await difference({}, 'server'), undefined)
    assert.match((await difference({}, 'client'))!, /^--- DestinationRule shop\/catalog/)
  })
})

test('a command that is stopped while it drains names what is still there, each object once', () => {
  const steps = [
    { change: change(route) },
    { change: change(rule), waits: 'drained' as const },
    { change: { before: change(rule).after } },
    { change: { before: v1 } },
  ]
  const error = stoppedWhileDraining(planOf({ steps }))
  assert.ok(error instanceof CanaryError)
  assert.equal(error.code, 'interrupted')
  assert.equal(error.hints[0], 'Unchanged: DestinationRule shop/catalog, Deployment shop/catalog-v1.')
})
