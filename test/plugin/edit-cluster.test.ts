import assert from 'node:assert/strict'
import test from 'node:test'
import type { VirtualService } from '../../shared/objects/virtual-service.ts'
import { MemoryStore, readExample } from './memory-store.ts'
import { runCommand, words } from './run-command.ts'

const catalog = (): MemoryStore => new MemoryStore(readExample('catalog'))

test('says what happens to people first, then which objects changed, as kubectl says it', async () => {
  const { code, stdout, stderr } = await runCommand(words('weight v2=10'), { store: catalog() })
  assert.equal(code, 0)
  assert.equal(stderr, '')
  assert.equal(
    stdout,
    [
      'catalog: everyone → v1 90 %, v2 10 %',
      'virtualservice.networking.istio.io/catalog configured',
      'virtualservice.networking.istio.io/catalog-vs-from-gw configured',
      '',
    ].join('\n'),
  )
})

test('a server dry run is marked and changes nothing', async () => {
  const store = catalog()
  const before = store.objects
  const { stdout } = await runCommand(words('weight v2=10 --dry-run=server'), { store })
  assert.match(stdout, /\/catalog configured \(server dry run\)\n/)
  assert.equal(store.objects, before)
})

test('bare --dry-run is client, with the warning that kubectl gives', async () => {
  const { code, stdout, stderr } = await runCommand(words('promote --dry-run v2'), { store: catalog() })
  assert.equal(code, 0, stderr)
  assert.match(stdout, /\(dry run\)/)
  assert.match(stderr, /--dry-run is deprecated and can be replaced with --dry-run=client/)
})

test('on a conflict it reads and plans again on what somebody else wrote', async () => {
  const store = catalog()
  let conflicts = 0
  store.beforeApply = () => {
    if (conflicts++ > 1) return
    store.objects = store.objects.map(object =>
      object.kind === 'VirtualService'
        ? { ...object, metadata: { ...object.metadata, labels: { touched: String(conflicts) } } }
        : object,
    )
  }
  const { code, stdout, stderr } = await runCommand(words('weight v2=10'), { store })
  assert.equal(code, 0, stderr)
  assert.equal(store.reads, 3)
  assert.match(stderr, /was changed meanwhile; trying again/)
  assert.equal(stdout.match(/everyone → v1 90 %/g)?.length, 1)
  const routes = store.objects.filter(({ kind }) => kind === 'VirtualService')
  assert.deepEqual(
    routes.map(({ metadata }) => metadata.labels?.['touched']),
    ['2', '2'],
  )
})

test('who loses every race gives up after eight tries', async () => {
  const store = catalog()
  store.beforeApply = () => {
    store.objects = store.objects.map(object => ({ ...object }))
  }
  const { code, stderr } = await runCommand(words('weight v2=10'), { store })
  assert.equal(code, 1)
  assert.equal(store.reads, 8)
  assert.match(stderr, /^error: .*changed meanwhile/m)
})

test('a plan that breaks a rule is refused with the finding and the fix, and nothing is written', async () => {
  const withoutName = readExample('catalog')
    .map(object =>
      object.kind === 'Service' && object.metadata.name === 'catalog'
        ? { ...object, spec: { selector: { app: 'catalog' }, ports: [{ port: 80, targetPort: 3000 }] } }
        : object,
    )
    .filter(({ kind }) => kind !== 'VirtualService' && kind !== 'Gateway')
  const store = new MemoryStore(withoutName)
  const { code, stdout, stderr } = await runCommand(words('init --service catalog --stable v1'), { store })
  assert.equal(code, 3, stdout + stderr)
  assert.match(
    stderr,
    /^error: refused, nothing was written: this would break a rule\n {2}Service istioinaction\/catalog .*\(unnamed-port\)\n {4}Fix: kubectl patch .+\n$/,
  )
  assert.deepEqual(store.applied, [])
})

test('what an annotation exempts with a reason is no reason to refuse, as in lint and the webhook', async () => {
  const annotations = { 'kubectl-canary/exempt': 'unnamed-port: spoken over a proxy of our own' }
  const exempted = readExample('catalog')
    .map(object =>
      object.kind === 'Service' && object.metadata.name === 'catalog'
        ? {
            ...object,
            metadata: { ...object.metadata, annotations },
            spec: { selector: { app: 'catalog' }, ports: [{ port: 80, targetPort: 3000 }] },
          }
        : object,
    )
    .filter(({ kind }) => kind !== 'VirtualService' && kind !== 'Gateway')
  const { code, stderr } = await runCommand(words('init --service catalog --stable v1'), {
    store: new MemoryStore(exempted),
  })
  assert.equal(code, 0, stderr)
})

test('a regex that Envoy cannot read is told before the API server refuses the object for it', async () => {
  const withRegex = readExample('catalog').map(object =>
    object.kind !== 'VirtualService'
      ? object
      : {
          ...object,
          spec: {
            ...(object as VirtualService).spec,
            http: [
              { match: [{ uri: { regex: '(?=x)' } }], redirect: { uri: '/' } },
              ...((object as VirtualService).spec.http ?? []),
            ],
          },
        },
  )
  const { stderr } = await runCommand(words('weight v2=10'), { store: new MemoryStore(withRegex) })
  assert.match(stderr, /existing problem: VirtualService .*regex.*\(istio-rejects\)/)
})

test('a version without a ready workload gets no traffic without --force', async () => {
  const store = new MemoryStore(
    readExample('catalog').map(object =>
      object.metadata.name === 'catalog-v2' ? { ...object, status: { replicas: 1 } } : object,
    ),
  )
  const refused = await runCommand(words('weight v2=10'), { store })
  assert.equal(refused.code, 3)
  assert.match(refused.stderr, /Deployment catalog-v2 0\/1 ready\n[^]*kubectl canary weight v2=10 --force\n$/)
  assert.equal((await runCommand(words('weight v2=10 --force'), { store })).code, 0)
})

test('an old fault does not stand in the way, and is told', async () => {
  const store = new MemoryStore(
    readExample('catalog').map(object => {
      if (object.metadata.name !== 'catalog-vs-from-gw') return object
      const route = [
        { destination: { host: 'catalog', subset: 'version-v1' }, weight: 90 },
        { destination: { host: 'catalog', subset: 'version-v2' }, weight: 20 },
      ]
      const { spec } = object as VirtualService
      return { ...object, spec: { ...spec, http: [{ route }] } }
    }),
  )
  const { code, stderr } = await runCommand(words('cohort internal --to v2 --stable v1'), { store })
  assert.equal(code, 0, stderr)
  assert.match(stderr, /note: existing problem: .*weights-sum-to-100/)
})

test('Ctrl-C before anything is written ends with 130 and one line', async () => {
  const interrupt = new AbortController()
  const store = catalog()
  store.read = () => {
    interrupt.abort()
    return new Promise(() => undefined)
  }
  const { code, stdout, stderr } = await runCommand(words('weight v2=10'), {
    store,
    interrupt: interrupt.signal,
  })
  assert.deepEqual(
    { code, stdout, stderr },
    { code: 130, stdout: '', stderr: 'interrupted, nothing was written\n' },
  )
})

test('Ctrl-C while something is written waits until it is whole', async () => {
  const interrupt = new AbortController()
  const store = catalog()
  store.beforeApply = async () => {
    interrupt.abort()
    await new Promise(resolve => {
      setImmediate(resolve)
    })
  }
  const { code, stdout, stderr } = await runCommand(words('weight v2=10'), {
    store,
    interrupt: interrupt.signal,
  })
  assert.equal(code, 130)
  assert.match(stderr, /^interrupted: waiting for the current write/)
  assert.match(stdout, /catalog-vs-from-gw configured/)
  assert.equal(store.applied.length, 1)
})

test('no command but those about a cluster or files opens a store', async () => {
  for (const line of ['--help', 'weight --help', 'help cohort', 'version', 'completion bash', 'rules']) {
    const { code, stdout, stderr } = await runCommand(words(line))
    assert.equal(code, 0, line)
    assert.notEqual(stdout, '', line)
    assert.equal(stderr, '', line)
  }
})

test('flags stand before and after the verb', async () => {
  const store = catalog()
  const openings: unknown[] = []
  const open = async (flags: object) => {
    openings.push(flags)
    return store
  }
  await runCommand(
    words('-n shop --context=prod status --as jane --as-group a,b --as-group c --request-timeout 5s'),
    { store: open },
  )
  await runCommand(
    words('status -n=shop --context prod --as=jane --as-group=a,b --as-group c --request-timeout=5s'),
    { store: open },
  )
  assert.deepEqual(openings[0], openings[1])
  assert.deepEqual((openings[0] as { readonly connection: object }).connection, {
    context: 'prod',
    as: 'jane',
    asGroups: ['a', 'b', 'c'],
    requestTimeout: '5s',
    insecureSkipTlsVerify: false,
  })
})
