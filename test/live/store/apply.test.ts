import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openCluster, type ClusterStore } from '../../../shared/live/open-cluster.ts'
import type { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { KubeObject } from '../../../shared/objects/kube-object.ts'
import type { Change } from '../../../shared/view/change.ts'
import {
  startFakeServer,
  status,
  type FakeServer,
  type Handle,
  type Reply,
  type Seen,
} from '../api-server.ts'
import { base64, folderWith, kubeconfig, surroundings } from '../folder.ts'

const object = (
  kind: string,
  name: string,
  more: { readonly version?: string; readonly spec?: object } = {},
): KubeObject =>
  ({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata: {
      name,
      namespace: 'shop',
      ...(more.version !== undefined && { resourceVersion: more.version, uid: `uid-${name}` }),
    },
    spec: more.spec ?? {},
  }) as KubeObject
const update = (name: string): Change => ({
  before: object('VirtualService', name, { version: '1', spec: { a: 1 } }),
  after: object('VirtualService', name, { spec: { a: 2 } }),
})
const create: Change = { after: object('DestinationRule', 'catalog') }
const remove: Change = { before: object('DestinationRule', 'old', { version: '7' }) }
interface Setting {
  readonly store: ClusterStore
  readonly server: FakeServer
  readonly warnings: readonly string[]
  /** The requests that were to change something; shortly, `PATCH /…/virtualservices/a`. */
  readonly writes: () => readonly Seen[]
  readonly said: () => readonly string[]
}

async function withStore(
  handle: Handle,
  use: (setting: Setting) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  await using server = await startFakeServer(seen => (isTrial(seen) ? accept(seen) : handle(seen)))
  const writes = (): readonly Seen[] => server.seen.filter(seen => !isTrial(seen))
  await using folder = await folderWith({
    config: kubeconfig({
      server: server.url,
      'certificate-authority-data': base64(server.authority.certificate),
    }),
  })
  const warnings: string[] = []
  const store = await openCluster(
    { kubeconfig: join(folder.path, 'config') },
    { ...surroundings(), onWarning: text => warnings.push(text), ...(signal && { signal }) },
  )
  try {
    await use({
      store,
      server,
      warnings,
      writes,
      said: () =>
        writes().map(
          ({ method, url }) =>
            `${method} ${url.pathname.replace('/apis/networking.istio.io/v1/namespaces/shop', '…')}`,
        ),
    })
  } finally {
    await store.close()
  }
}

/** Several changes are tried by dry runs first, which find nothing here. */
const isTrial = ({ url }: Seen): boolean => url.searchParams.get('dryRun') === 'All'
/** Accepts every write: the object comes back with another version. */
const accept = ({ url, body }: Seen): Reply => {
  const sent = JSON.parse(body) as { readonly metadata?: object }
  return {
    body: {
      ...sent,
      kind: 'X',
      metadata: { name: url.pathname.split('/').at(-1), ...sent.metadata, resourceVersion: '99', uid: 'new' },
    },
  }
}
const failing =
  (isBad: (seen: Seen) => boolean, reply = status(422, 'Invalid', 'spec is invalid')): Handle =>
  seen =>
    isBad(seen) ? reply : accept(seen)
const none = { dryRun: 'none' } as const
const errorOf = (promise: Promise<unknown>): Promise<CanaryError> =>
  promise.then(
    () => assert.fail('no error'),
    (error: CanaryError) => error,
  )

test('carries changes out in order, each on the version that was read', async () => {
  await withStore(accept, async ({ store, writes, said }) => {
    const outcomes = await store.apply([create, update('a'), remove], none)
    assert.deepEqual(
      outcomes.map(({ ref, action, dryRun }) => `${ref.name} ${action} ${dryRun}`),
      ['catalog created none', 'a configured none', 'old deleted none'],
    )
    assert.deepEqual(said(), [
      'POST …/destinationrules',
      'PATCH …/virtualservices/a',
      'DELETE …/destinationrules/old',
    ])
    const [post, patch, deletion] = writes()
    assert.deepEqual(Object.fromEntries(post!.url.searchParams), {
      fieldManager: 'kubectl-canary',
      fieldValidation: 'Strict',
    })
    assert.deepEqual(Object.fromEntries(patch!.url.searchParams), {
      fieldManager: 'kubectl-canary',
      fieldValidation: 'Strict',
    })
    assert.equal(patch!.headers['content-type'], 'application/merge-patch+json')
    assert.deepEqual(JSON.parse(patch!.body), { spec: { a: 2 }, metadata: { resourceVersion: '1' } })
    assert.deepEqual((JSON.parse(deletion!.body) as { readonly preconditions: object }).preconditions, {
      uid: 'uid-old',
      resourceVersion: '7',
    })
  })
})

test('a dry run by the client sends nothing, one by the server says so in every write', async () => {
  await withStore(accept, async ({ store, server }) => {
    const changes = [
      create,
      update('a'),
      remove,
      { before: object('VirtualService', 'same', { version: '1' }), after: object('VirtualService', 'same') },
    ]
    assert.deepEqual(
      (await store.apply(changes, { dryRun: 'client' })).map(({ action }) => action),
      ['created', 'configured', 'deleted', 'unchanged'],
    )
    assert.equal(server.seen.length, 0)
    assert.deepEqual(
      (await store.apply(changes, { dryRun: 'server' })).map(({ action, dryRun }) => `${action} ${dryRun}`),
      ['created server', 'configured server', 'deleted server', 'unchanged server'],
    )
    assert.ok(server.seen.every(({ url }) => url.searchParams.get('dryRun') === 'All'))
    assert.equal(server.seen.length, 3)
  })
})

test('an object that has changed meanwhile is a conflict, and nothing further is done', async () => {
  await withStore(
    failing(({ method }) => method === 'PATCH', status(409, 'Conflict', 'the object has been modified')),
    async ({ store, said }) => {
      const error = await errorOf(store.apply([update('a'), create], none))
      assert.deepEqual(
        [error.code, error.message],
        ['conflict', 'VirtualService shop/a was changed by someone else in the meantime'],
      )
      assert.equal(said().length, 1)
    },
  )
})

test('what was created or deleted by someone else in the meantime is a conflict too', async () => {
  await withStore(
    () => status(409, 'AlreadyExists', 'exists'),
    async ({ store }) => {
      assert.equal((await errorOf(store.apply([create], none))).code, 'conflict')
      assert.equal((await errorOf(store.apply([remove], none))).code, 'conflict')
    },
  )
  await withStore(
    () => status(404, 'NotFound', 'not found'),
    async ({ store }) => {
      assert.match((await errorOf(store.apply([update('a')], none))).message, /was deleted by someone else/)
      assert.deepEqual(
        (await store.apply([remove], none)).map(({ action }) => action),
        ['unchanged'],
      )
    },
  )
})

test('when one write fails those before it are undone, the last first', async () => {
  await withStore(
    failing(({ url }) => url.pathname.endsWith('/bad')),
    async ({ store, writes, said }) => {
      const error = await errorOf(
        store.apply([create, update('a'), remove, update('bad'), update('never')], none),
      )
      assert.equal(error.code, 'rejected')
      assert.match(
        error.message,
        /^VirtualService shop\/bad: spec is invalid; the changes before it \(DestinationRule shop\/catalog, VirtualService shop\/a, DestinationRule shop\/old\) were undone$/,
      )
      assert.deepEqual(said().slice(4), [
        'POST …/destinationrules',
        'PATCH …/virtualservices/a',
        'DELETE …/destinationrules/catalog',
      ])
      assert.deepEqual(JSON.parse(writes()[5]!.body), {
        spec: { a: 1 },
        metadata: { resourceVersion: '99' },
      })
      assert.deepEqual(JSON.parse(writes()[4]!.body), { ...object('DestinationRule', 'old') })
    },
  )
})

test('when undoing fails too, the state and the commands are told', async () => {
  let writes = 0
  await withStore(
    failing(() => ++writes > 1, status(403, 'Forbidden', 'no more')),
    async ({ store }) => {
      const error = await errorOf(store.apply([update('a'), update("it's"), create], none))
      assert.equal(error.code, 'half-written')
      const hints = error.hints.join('\n').replaceAll(/ --kubeconfig \S+/g, '')
      assert.match(hints, /VirtualService shop\/a is configured and could not be restored: .*no more/)
      assert.match(hints, /VirtualService shop\/it's is unchanged/)
      assert.match(
        hints,
        /To undo: kubectl patch virtualservices\.networking\.istio\.io a -n shop --type=merge -p '\{"spec":\{"a":1\}\}'/,
      )
      assert.match(
        hints,
        /To complete instead: kubectl patch virtualservices\.networking\.istio\.io it's -n shop --type=merge -p '\{"spec":\{"a":2\}\}'/,
      )
      assert.match(hints, /To complete instead: echo '\{"apiVersion".*\}' \| kubectl create -n shop -f -/)
    },
  )
})

test('an answer that was lost leaves the object in doubt', async () => {
  let writes = 0
  const server = failing(() => ++writes > 1)
  await withStore(
    seen => (writes >= 1 ? Promise.reject(new Error('gone')) : server(seen)),
    async ({ store }) => {
      const error = await errorOf(store.apply([update('a'), update('b')], none))
      assert.match(
        error.hints.join('\n'),
        /VirtualService shop\/b is in an unknown state: the response was lost/,
      )
    },
  )
})

test('a second change of one object starts from the first', async () => {
  await withStore(accept, async ({ store, writes }) => {
    const { before, after } = update('a')
    await store.apply(
      [
        { before, after },
        { before: after, after: object('VirtualService', 'a', { spec: { a: 3 } }) },
      ],
      none,
    )
    assert.deepEqual(JSON.parse(writes()[1]!.body), {
      spec: { a: 3 },
      metadata: { resourceVersion: '99' },
    })
  })
})

test('stopping between two writes undoes the first', async () => {
  const controller = new AbortController()
  await withStore(
    seen => {
      controller.abort(new Error('stopped'))
      return accept(seen)
    },
    async ({ store, said }) => {
      const error = await errorOf(store.apply([update('a'), update('b')], none))
      assert.equal(error.code, 'interrupted')
      assert.match(
        error.message,
        /^interrupted before VirtualService shop\/b was written; the changes before it \(VirtualService shop\/a\) were undone$/,
      )
      assert.deepEqual(said(), ['PATCH …/virtualservices/a', 'PATCH …/virtualservices/a'])
    },
    controller.signal,
  )
})

test("a webhook's refusal is kept with all its lines", async () => {
  const refusal =
    'admission webhook "guard.example.com" denied the request: VirtualService shop/a:\n  weights add up to 110\n  fix it with …'
  await withStore(
    () => status(403, 'Forbidden', refusal),
    async ({ store }) => {
      const error = await errorOf(store.apply([update('a')], none))
      assert.equal(error.code, 'rejected')
      assert.ok(error.message.endsWith(refusal))
    },
  )
})

test('a refused patch is told without the whole object in it', async () => {
  await withStore(
    () =>
      status(
        422,
        'Invalid',
        '"" is invalid: patch: Invalid value: "{\\"a\\":\\"b\\"}": strict decoding error: unknown field "spec.htp"',
      ),
    async ({ store }) => {
      assert.equal(
        (await errorOf(store.apply([update('a')], none))).message,
        'VirtualService shop/a: strict decoding error: unknown field "spec.htp"',
      )
    },
  )
})

test("the server's warnings are passed on, each once", async () => {
  await withStore(
    seen => ({ ...accept(seen), headers: { warning: '299 - "deprecated"' } }),
    async ({ store, warnings }) => {
      await store.apply([update('a'), update('b')], none)
      assert.deepEqual(warnings, ['deprecated'])
    },
  )
})

test('creates under the version that the cluster serves, and says so where it knows none', async () => {
  const unserved = { status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found\n' }
  const old: Handle = seen => {
    if (seen.url.pathname === '/apis/networking.istio.io')
      return { body: { versions: [{ version: 'v1beta1' }] } }
    return seen.url.pathname.startsWith('/apis/networking.istio.io/v1/') ? unserved : accept(seen)
  }
  await withStore(old, async ({ store, server }) => {
    await store.apply([create], none)
    assert.equal(
      (JSON.parse(server.seen.at(-1)!.body) as KubeObject).apiVersion,
      'networking.istio.io/v1beta1',
    )
    await errorOf(store.apply([create, update('never')], none))
    assert.equal(
      server.seen.at(-1)!.url.pathname,
      '/apis/networking.istio.io/v1beta1/namespaces/shop/destinationrules/catalog',
    )
  })
  await withStore(
    () => unserved,
    async ({ store }) => {
      const error = await errorOf(store.apply([create], none))
      assert.match(
        `${error.message} ${error.hints.join()}`,
        /DestinationRule shop\/catalog cannot be created: this cluster has no destinationrules.networking.istio.io Install Istio's/,
      )
    },
  )
  await withStore(
    () => ({
      status: 404,
      body: {
        kind: 'Status',
        reason: 'NotFound',
        message: 'namespaces "shop" not found',
        details: { name: 'shop', kind: 'namespaces' },
      },
    }),
    async ({ store }) => {
      assert.match((await errorOf(store.apply([create], none))).message, /namespaces "shop" not found/)
    },
  )
})

test('shows what would change of the text, without what the server keeps', async () => {
  await withStore(accept, async ({ store }) => {
    assert.equal(
      await store.diff([update('a')]),
      [
        '--- live/networking.istio.io.v1.VirtualService.shop.a',
        '+++ planned/networking.istio.io.v1.VirtualService.shop.a',
        '@@ -6,6 +6,6 @@',
        '     "namespace": "shop"',
        '   },',
        '   "spec": {',
        '-    "a": 1',
        '+    "a": 2',
        '   }',
        ' }',
        '',
      ].join('\n'),
    )
    assert.match(await store.diff([create]), /^--- \/dev\/null\n\+\+\+ planned/)
    assert.match(await store.diff([remove]), /\n\+\+\+ \/dev\/null\n/)
  })
})
