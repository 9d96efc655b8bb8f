import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createRun, foreseen, recordOf, takeOver, type Delivery } from '../../../../plugin/run/begin.ts'
import type { RunWorld } from '../../../../plugin/run/routes.ts'
import { refusedPromotion } from '../../../../plugin/run/steps/foreseen-promotion.ts'
import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { formatRecord } from '../../../../shared/rollout/rollout-record.ts'
import { trafficPrint } from '../../../../shared/rollout/traffic-print.ts'
import type { RolloutStatus } from '../../../../shared/rollout/rollout-state.ts'
import type { KeptRun, RunStore } from '../../../../shared/view/runs/run-store.ts'
import { MemoryStore } from '../../memory-store.ts'
import { shop, storeOf } from '../../shop.ts'
import { begun } from '../scripted-run.ts'

const at = new Date(begun.started)
const store = storeOf('catalog')
const before = store.objects
const world: RunWorld = {
  store,
  writing: { dryRun: 'none', historyLimit: 10 },
  now: () => at,
  report: () => undefined,
}
const delivery: Delivery = { version: 'v2', plan: begun.plan, command: 'kubectl canary run v2', force: false }

async function recorded(fields: Partial<Delivery> = {}) {
  const wanted = { ...delivery, ...fields }
  const { plan } = await foreseen(world, wanted)
  return { traffic: plan.traffic!, record: await recordOf(world, wanted, plan.traffic!) }
}

describe('a run of the stable version', () => {
  test('knows it also by the name of its subset', async () => {
    const text = JSON.stringify(shop('catalog')).replaceAll(/"(name|subset)":"v1"/g, '"$1":"version-v1"')
    const named = new MemoryStore(JSON.parse(text) as readonly KubeObject[], { namespace: 'shop' })
    await assert.rejects(
      foreseen({ ...world, store: named }, { ...delivery, service: 'catalog', version: 'version-v1' }),
      { code: 'usage', message: 'v1 of catalog is stable already' },
    )
  })

  test('says of a version that is stable already what is wrong, and nothing of weights', async () => {
    for (const service of ['catalog', 'catalog.shop', undefined])
      await assert.rejects(foreseen(world, { ...delivery, service, version: 'v1' }), {
        code: 'usage',
        message: 'v1 of catalog is stable already',
      })
  })
})

describe('the promotion of a run that begins', () => {
  const withPods = (v1: number, v2: number): MemoryStore =>
    new MemoryStore(
      store.objects.map(object => {
        const ready = object.kind !== 'Deployment' ? 0 : object.metadata.name.endsWith('v2') ? v2 : v1
        if (ready === 0) return object
        const { spec } = object as { readonly spec?: object }
        return {
          ...object,
          spec: { ...spec, replicas: ready },
          status: { readyReplicas: ready },
        } as KubeObject
      }),
      { namespace: 'shop' },
    )
  const refusedWith = async (v1: number, v2: number): Promise<CanaryError | undefined> => {
    const { record } = await recorded()
    return refusedPromotion({ ...world, store: withPods(v1, v2) }, record)
  }

  test('would be refused where the version has fewer ready pods than stable, with what to do', async () => {
    const refused = await refusedWith(9, 1)
    assert.match(refused!.message, /^version v2 of catalog has 1 ready pod, and v1, .* has 9$/)
    assert.match(refused!.hints[0]!, /^Scale it first: kubectl scale deployment \S+ -n shop --replicas=9$/)
  })

  test('is not said to be refused where it would be made', async () => {
    assert.equal(await refusedWith(2, 2), undefined)
  })
})

describe('the record of a run that begins', () => {
  test('has the service that was inferred, its stable version and the routes before the first step', async () => {
    const { record, traffic } = await recorded({ reason: 'new search', key: 'job-1', force: true })
    const { id, ...rest } = record
    assert.match(id, /^[0-9a-f]{8}$/)
    assert.deepEqual(rest, {
      format: 1,
      service: 'catalog',
      namespace: 'shop',
      version: 'v2',
      stable: 'v1',
      plan: begun.plan,
      state: { ...begun.state, print: trafficPrint(traffic.before) },
      command: 'kubectl canary run v2',
      started: begun.started,
      force: true,
      reason: 'new search',
      key: 'job-1',
    })
    assert.equal(store.objects, before)
  })

  test('has no password that was typed', async () => {
    const command = 'kubectl canary run v2 --prometheus http://me:s3cret@prometheus'
    assert.doesNotMatch((await recorded({ command })).record.command, /s3cret/)
  })

  test('is of no version that is stable already', async () => {
    const { traffic } = await recorded()
    const error = { code: 'usage', message: 'v1 of catalog is stable already' }
    await assert.rejects(recordOf(world, { ...delivery, version: 'v1' }, traffic), error)
    await assert.rejects(recordOf(world, { ...delivery, stable: 'v2' }, traffic), {
      code: 'usage',
      message: 'v2 of catalog is stable already',
    })
  })

  test('is not made where nothing says which version is stable; the hint is the command with --stable', async () => {
    const { traffic } = await recorded()
    const { stable: _, ...known } = traffic.before
    const unclear = { ...known, entryPoints: [] }
    await assert.rejects(
      recordOf(world, delivery, { before: unclear, after: unclear }),
      (error: unknown) =>
        error instanceof CanaryError
        && error.code === 'usage'
        && error.hints.join() === 'Name it: kubectl canary run v2 --stable VERSION',
    )
  })
})

const kept = (status: RolloutStatus, fields: Partial<KeptRun> = {}): KeptRun => ({
  service: 'catalog',
  namespace: 'shop',
  name: 'kubectl-canary.catalog',
  text: formatRecord({ ...begun, by: 'jane', state: { ...begun.state, status } }),
  renewed: '1',
  resourceVersion: '1',
  ...fields,
})

/** Runs that hold one Lease or none, and what is asked of them. */
function runsWith(old: KeptRun | undefined) {
  const calls: string[] = []
  const runs = {
    get: async () => old,
    remove: async ({ resourceVersion }: KeptRun) => void calls.push(`remove ${resourceVersion}`),
    create: async (_: unknown, { text, holder }: { text: string; holder?: string }) => {
      calls.push('create')
      return kept('running', { text, ...(holder !== undefined && { holder }), resourceVersion: '2' })
    },
    replace: async (run: KeptRun, content: object) => {
      calls.push('replace')
      return { ...run, ...content }
    },
  } as Partial<RunStore> as RunStore
  return { runs, calls }
}

const waiting = { onWait: () => undefined, wait: async () => undefined }

describe('a run of a service that had one', () => {
  test('takes the place of one that is over', async () => {
    for (const status of ['promoted', 'failed', 'aborted', 'stopped'] as const) {
      const { runs, calls } = runsWith(kept(status))
      const { run, record, holder } = await createRun(runs, begun, undefined)
      assert.deepEqual(calls, ['remove 1', 'create'])
      assert.deepEqual([run.holder, record], [holder, begun])
    }
    const { runs, calls } = runsWith(undefined)
    await createRun(runs, begun, undefined)
    assert.deepEqual(calls, ['create'])
  })

  test('is refused while one is in progress, with who began it, and how to look at it, go on and end it', async () => {
    for (const status of ['running', 'confirming', 'promoting', 'rolling-back'] as const) {
      const { runs, calls } = runsWith(kept(status))
      await assert.rejects(createRun(runs, begun, undefined), (error: unknown) => {
        assert.ok(error instanceof CanaryError && error.code === 'conflict')
        assert.equal(
          error.message,
          `a run of catalog is in progress: v2, step 1 of 2, by jane since ${begun.started.slice(0, 19)}Z`,
        )
        assert.deepEqual(
          error.hints.map(hint => hint.split(': ').at(-1)),
          [
            'kubectl canary status catalog -n shop',
            'kubectl canary run catalog -n shop --resume',
            'kubectl canary abort catalog -n shop',
          ],
        )
        return true
      })
      assert.deepEqual(calls, [])
    }
  })
})

describe('a run that another process began', () => {
  test('is not taken over where there is none, or where it is over', async () => {
    for (const [old, message] of [
      [undefined, 'there is no run of catalog in namespace shop'],
      [kept('promoted'), 'the run of catalog is over: v2 was promoted'],
    ] as const) {
      const { runs, calls } = runsWith(old)
      await assert.rejects(takeOver(runs, begun, waiting), { code: 'not-found', message })
      assert.deepEqual(calls, [])
    }
  })

  test('is taken over at once where nobody holds it', async () => {
    const { runs, calls } = runsWith(kept('running'))
    let waits = 0
    const { run, holder } = await takeOver(runs, begun, { ...waiting, wait: async () => void waits++ })
    assert.deepEqual([run.holder, waits, calls], [holder, 0, ['replace']])
  })
})
