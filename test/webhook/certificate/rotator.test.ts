import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import test from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { rotatedKeyPair } from '../../../webhook/certificate/rotated-key-pair.ts'
import type { KeyPair, KeyPairSource } from '../../../webhook/certificate/key-pair.ts'
import { FakeCluster } from './fake-cluster.ts'
import { day, FakeTimers, second } from './fake-timers.ts'

const rejections: unknown[] = []
process.on('unhandledRejection', reason => rejections.push(reason))
test.after(() => assert.deepEqual(rejections, []))

interface Running extends AsyncDisposable {
  readonly source: KeyPairSource
  readonly served: KeyPair[]
  readonly problems: string[]
  readonly current: () => KeyPair | undefined
}

function run(connection: FakeCluster, timers: FakeTimers): Running {
  const problems: string[] = []
  const served: KeyPair[] = []
  const source = rotatedKeyPair({
    connection,
    timers,
    secretRef: { namespace: 'guard', name: 'certificates' },
    webhookConfigurationName: 'guard',
    dnsNames: ['guard.guard.svc'],
    ipAddresses: ['127.0.0.1'],
    onProblem: error => problems.push(String(error)),
  })
  source.start(pair => served.push(pair))
  return {
    source,
    served,
    problems,
    current: () => served.at(-1),
    [Symbol.asyncDispose]: () => source.close(),
  }
}

async function started(cluster = new FakeCluster(), timers = new FakeTimers('2026-08-01T00:00:00Z')) {
  const running = run(cluster, timers)
  await timers.idle()
  return { cluster, timers, ...running }
}

/** Whether a client that trusts the bundle accepts the certificate. */
const isTrusted = (pair: KeyPair | undefined, bundle: string): boolean =>
  pair !== undefined
  && bundle
    .split(/(?<=-----END CERTIFICATE-----\n)/)
    .filter(pem => pem !== '')
    .some(pem => new X509Certificate(pair.certificate).verify(new X509Certificate(pem).publicKey))
const authoritiesIn = (pem: string): number => pem.split('BEGIN CERTIFICATE').length - 1

test('fills an empty Secret, publishes its authority, and then serves', async () => {
  await using all = await started()
  const { cluster, current } = all
  const leaf = new X509Certificate(current()!.certificate)
  assert.deepEqual(Object.keys(cluster.texts()).sort(), ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'])
  assert.equal(isTrusted(current(), cluster.bundle!), true)
  assert.deepEqual(
    [leaf.checkHost('guard.guard.svc'), leaf.checkIP('127.0.0.1'), leaf.ca],
    ['guard.guard.svc', '127.0.0.1', false],
  )
  assert.equal(
    Date.parse(new X509Certificate(current()!.certificate).validTo),
    Date.parse('2026-10-29T23:00:00Z'),
  )
  assert.deepEqual(cluster.calls, ['GET', 'GET', 'PUT', 'PATCH'])
})

test('uses the certificates in the Secret and writes nothing', async () => {
  const { cluster, current, source, timers } = await started()
  await source.close()
  cluster.calls.length = 0
  await using again = await started(cluster, timers)
  assert.deepEqual(again.current(), current())
  assert.deepEqual(cluster.calls, ['GET', 'PATCH'])
})

test('renews the certificate at two thirds of its life, under the same authority', async () => {
  await using all = await started()
  const { cluster, current, timers, served } = all
  const first = current()
  await timers.pass(59 * day)
  assert.equal(current(), first)
  await timers.pass(1 * day)
  await timers.pass(20 * second)
  assert.equal(served.length, 2)
  assert.notDeepEqual(current(), first)
  assert.equal(authoritiesIn(cluster.bundle!), 1)
  assert.equal(isTrusted(first, cluster.bundle!) && isTrusted(current(), cluster.bundle!), true)
})

test('replaces an expired certificate', async () => {
  await using all = await started()
  const { current, timers } = all
  await timers.pass(91 * day)
  assert.equal(Date.parse(new X509Certificate(current()!.certificate).validTo) > timers.now(), true)
})

test('while the authority changes, both the old and the new one are trusted, before the first new certificate is served', async () => {
  const { cluster, current, source, timers } = await started()
  const old = current()!
  await source.close()
  const texts = cluster.texts()
  await using other = await started(cluster, timers)
  // As if the authority were old: removed from the Secret, as by a user who wants a new one.
  cluster.write({ ...texts, 'ca.crt': '', 'ca.key': '' })
  await timers.pass(20 * second)
  assert.deepEqual(other.current(), old)
  assert.equal(authoritiesIn(cluster.bundle!), 2)
  assert.equal(isTrusted(old, cluster.bundle!), true)
  await timers.pass(6 * second)
  assert.notDeepEqual(other.current(), old)
  assert.equal(isTrusted(other.current(), cluster.bundle!), true)
})

test('renews the authority at two thirds of its life and forgets the old one when it has expired', async () => {
  await using all = await started()
  const { cluster, timers } = all
  const first = cluster.texts()['ca.crt']!
  // A replica always runs, so the certificate is renewed again and again meanwhile.
  for (let days = 0; days < 2440; days += 61) await timers.pass(61 * day)
  assert.equal(authoritiesIn(cluster.bundle!), 2)
  assert.equal(cluster.bundle!.endsWith(first), true)
  for (let days = 2440; days < 3720; days += 61) await timers.pass(61 * day)
  assert.equal(cluster.bundle!.includes(first), false)
})

for (const [what, spoil] of [
  [
    'garbage',
    (texts: Readonly<Record<string, string>>) => ({ ...texts, 'tls.crt': 'garbage', 'tls.key': '\u0000' }),
  ],
  [
    'a certificate without its key',
    (texts: Readonly<Record<string, string>>) => ({ ...texts, 'tls.key': texts['ca.key']! }),
  ],
  [
    'a certificate of another authority',
    (texts: Readonly<Record<string, string>>) => ({
      ...texts,
      'ca.crt': other['ca.crt']!,
      'ca.key': other['ca.key']!,
    }),
  ],
  ['nothing', () => ({})],
] as const) {
  test(`repairs a Secret that contains ${what}, and the served certificate stays trusted`, async () => {
    await using all = await started()
    const { cluster, current, timers } = all
    const old = current()!
    cluster.write(spoil(cluster.texts()))
    await timers.pass(20 * second)
    assert.equal(isTrusted(current(), cluster.bundle!) && isTrusted(old, cluster.bundle!), true)
    await timers.pass(20 * second)
    assert.notDeepEqual(current(), old)
    assert.equal(isTrusted(current(), cluster.bundle!), true)
  })
}
const other = await (async () => {
  const { cluster, source } = await started()
  await source.close()
  return cluster.texts()
})()

test('keeps serving without the Secret, and fills it when it exists again', async () => {
  await using all = await started()
  const { cluster, current, timers } = all
  const old = current()
  cluster.secret = undefined
  for (let i = 0; i < 5; i++) await timers.pass(20 * second)
  assert.equal(current(), old)
  cluster.write({})
  for (let i = 0; i < 3; i++) await timers.pass(20 * second)
  assert.equal(isTrusted(current(), cluster.bundle!) && isTrusted(old, cluster.bundle!), true)
})

test('where the Secret is lost with all pods, the certificates that pods on their way out still serve stay trusted', async () => {
  const { cluster, current, source, timers } = await started()
  const old = current()
  await source.close()
  cluster.write({})
  await using again = await started(cluster, timers)
  assert.notDeepEqual(again.current(), old)
  assert.equal(isTrusted(old, cluster.bundle!) && isTrusted(again.current(), cluster.bundle!), true)
  assert.equal(authoritiesIn(cluster.bundle!), 2)
})

test('publishes its authority to a configuration that was installed again', async () => {
  await using all = await started()
  const { cluster, current, timers } = all
  cluster.bundle = undefined
  for (let i = 0; i < 3; i++) await timers.pass(20 * second)
  cluster.bundle = ''
  await timers.pass(20 * second)
  assert.equal(isTrusted(current(), cluster.bundle), true)
})

test('checks at once when the Secret or the configuration has changed', async () => {
  await using all = await started()
  const { cluster, current, timers } = all
  cluster.bundle = ''
  cluster.announce()
  while (cluster.bundle === '') await nextTurn()
  assert.equal(isTrusted(current(), cluster.bundle), true)
  await timers.idle()
})

test('checks at once when the missing configuration exists', async () => {
  const cluster = new FakeCluster()
  cluster.bundle = undefined
  await using all = await started(cluster)
  for (let i = 0; i < 8; i++) await all.timers.pass(20 * second)
  cluster.bundle = ''
  cluster.announce()
  while (cluster.bundle === '') await nextTurn()
  assert.equal(isTrusted(all.current(), cluster.bundle), true)
})

test('serves even before there is a configuration', async () => {
  const cluster = new FakeCluster()
  cluster.bundle = undefined
  await using all = await started(cluster)
  assert.notEqual(all.current(), undefined)
})

test('replicas that start together agree on one authority', async () => {
  const cluster = new FakeCluster()
  const timers = new FakeTimers('2026-08-01T00:00:00Z')
  await using one = run(cluster, timers)
  await using two = run(cluster, timers)
  await using three = run(cluster, timers)
  await timers.idle(3)
  for (let i = 0; i < 4; i++) await timers.pass(20 * second)
  assert.deepEqual(one.current(), two.current())
  assert.deepEqual(two.current(), three.current())
  assert.equal(isTrusted(one.current(), cluster.bundle!), true)
  assert.deepEqual([...one.problems, ...two.problems, ...three.problems], [])
})

for (const key of ['tls.key', 'tls.crt', 'ca.key'] as const) {
  test(`a replica that finds garbage in ${key} and creates a new authority keeps the others' certificates trusted`, async () => {
    const cluster = new FakeCluster()
    const timers = new FakeTimers('2026-08-01T00:00:00Z')
    const old = run(cluster, timers)
    await timers.idle()
    const served = old.current()
    await old.source.close()
    cluster.write({ ...cluster.texts(), [key]: 'garbage' })
    await using one = await started(cluster, timers)
    assert.equal(isTrusted(one.current(), cluster.bundle!) && isTrusted(served, cluster.bundle!), true)
    assert.deepEqual([authoritiesIn(cluster.bundle!), one.problems], [2, []])
  })
}

test('survives every failure of the API server', async () => {
  const cluster = new FakeCluster()
  const answers = [500, 429, 401, 403, 409, 404, 503]
  cluster.interfere = () => {
    const next = answers.shift()
    if (next === 503) throw new Error('connection reset')
    return next
  }
  await using all = await started(cluster)
  for (let i = 0; i < 9; i++) await all.timers.pass(20 * second)
  assert.equal(isTrusted(all.current(), cluster.bundle!), true)
  assert.equal(all.problems.length, 6)
})

test('closing ends the attempts', async () => {
  const cluster = new FakeCluster()
  cluster.interfere = () => 500
  const { source, timers, current } = await started(cluster)
  await source.close()
  const { length } = cluster.calls
  await timers.pass(60 * second)
  assert.deepEqual([current(), cluster.calls.length], [undefined, length])
})
