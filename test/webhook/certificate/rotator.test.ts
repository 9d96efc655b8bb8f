import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import test from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { KeyPair } from '../../../webhook/certificate/key-pair.ts'
import { startCertificates, type Certificates } from '../../../webhook/certificate/start-certificates.ts'
import { FakeCluster } from './fake-cluster.ts'
import { day, FakeTimers, second } from './fake-timers.ts'

const rejections: unknown[] = []
process.on('unhandledRejection', reason => rejections.push(reason))
test.after(() => assert.deepEqual(rejections, []))

interface Running extends AsyncDisposable {
  readonly certificates: Certificates
  readonly rotated: KeyPair[]
  readonly problems: string[]
}

function run(connection: FakeCluster, timers: FakeTimers): Running {
  const problems: string[] = []
  const rotated: KeyPair[] = []
  const certificates = startCertificates({
    mode: 'rotator', connection, timers, secretRef: { namespace: 'guard', name: 'certificates' }, webhookConfigurationName: 'guard',
    webhookNames: ['one', 'two'], dnsNames: ['guard.guard.svc'], ipAddresses: ['127.0.0.1'], onProblem: error => problems.push(String(error)),
  })
  certificates.onRotate(pair => rotated.push(pair))
  return { certificates, rotated, problems, [Symbol.asyncDispose]: () => certificates.stop() }
}

async function started(cluster = new FakeCluster(), timers = new FakeTimers('2026-08-01T00:00:00Z')) {
  const running = run(cluster, timers)
  await timers.idle()
  return { cluster, timers, ...running }
}

/** Whether a client that trusts the bundle accepts the certificate. */
const isTrusted = (pair: KeyPair | undefined, bundle: string): boolean => pair !== undefined && bundle.split(/(?<=-----END CERTIFICATE-----\n)/)
  .filter(pem => pem !== '').some(pem => new X509Certificate(pair.certificate).verify(new X509Certificate(pem).publicKey))
const authoritiesIn = (pem: string): number => pem.split('BEGIN CERTIFICATE').length - 1

test('fills an empty Secret, has its authority trusted, and then serves', async () => {
  await using all = await started()
  const { cluster, certificates } = all
  await certificates.ready
  const leaf = new X509Certificate(certificates.current()!.certificate)
  assert.deepEqual(Object.keys(cluster.texts()).sort(), ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'])
  assert.equal(isTrusted(certificates.current(), cluster.bundle!), true)
  assert.deepEqual([leaf.checkHost('guard.guard.svc'), leaf.checkIP('127.0.0.1'), leaf.ca], ['guard.guard.svc', '127.0.0.1', false])
  assert.equal(certificates.expiresAt(), Date.parse('2026-10-29T23:00:00Z'))
  assert.deepEqual(cluster.calls, ['GET', 'PUT', 'PATCH'])
})

test('uses what the Secret holds and writes nothing', async () => {
  const { cluster, certificates, timers } = await started()
  await certificates.stop()
  cluster.calls.length = 0
  await using again = await started(cluster, timers)
  assert.deepEqual(again.certificates.current(), certificates.current())
  assert.deepEqual(cluster.calls, ['GET', 'PATCH'])
})

test('renews the certificate at two thirds of its life, under the same authority', async () => {
  await using all = await started()
  const { cluster, certificates, timers, rotated } = all
  const first = certificates.current()
  await timers.pass(59 * day)
  assert.equal(certificates.current(), first)
  await timers.pass(1 * day)
  await timers.pass(20 * second)
  assert.equal(rotated.length, 2)
  assert.notDeepEqual(certificates.current(), first)
  assert.equal(authoritiesIn(cluster.bundle!), 1)
  assert.equal(isTrusted(first, cluster.bundle!) && isTrusted(certificates.current(), cluster.bundle!), true)
})

test('replaces an expired certificate', async () => {
  await using all = await started()
  const { certificates, timers } = all
  await timers.pass(91 * day)
  assert.equal(certificates.expiresAt()! > timers.now(), true)
})

test('while the authority changes, both the old and the new one are trusted, before the first new certificate is served', async () => {
  const { cluster, certificates, timers } = await started()
  const old = certificates.current()!
  await certificates.stop()
  const texts = cluster.texts()
  await using other = await started(cluster, timers)
  // As if the authority were old: it is taken out of the Secret, as somebody would who wants a new one.
  cluster.write({ ...texts, 'ca.crt': '', 'ca.key': '' })
  await timers.pass(20 * second)
  assert.deepEqual(other.certificates.current(), old)
  assert.equal(authoritiesIn(cluster.bundle!), 2)
  assert.equal(isTrusted(old, cluster.bundle!), true)
  await timers.pass(6 * second)
  assert.notDeepEqual(other.certificates.current(), old)
  assert.equal(isTrusted(other.certificates.current(), cluster.bundle!), true)
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
  ['garbage', (texts: Readonly<Record<string, string>>) => ({ ...texts, 'tls.crt': 'garbage', 'tls.key': '\u0000' })],
  ['a certificate without its key', (texts: Readonly<Record<string, string>>) => ({ ...texts, 'tls.key': texts['ca.key']! })],
  ['a certificate of another authority', (texts: Readonly<Record<string, string>>) => ({ ...texts, 'ca.crt': other['ca.crt']!, 'ca.key': other['ca.key']! })],
  ['nothing', () => ({})],
] as const) {
  test(`mends a Secret that holds ${what}, and what was served stays trusted`, async () => {
    await using all = await started()
    const { cluster, certificates, timers } = all
    const old = certificates.current()!
    cluster.write(spoil(cluster.texts()))
    await timers.pass(20 * second)
    assert.equal(isTrusted(certificates.current(), cluster.bundle!) && isTrusted(old, cluster.bundle!), true)
    await timers.pass(20 * second)
    assert.notDeepEqual(certificates.current(), old)
    assert.equal(isTrusted(certificates.current(), cluster.bundle!), true)
  })
}
const other = await (async () => {
  const { cluster, certificates } = await started()
  await certificates.stop()
  return cluster.texts()
})()

test('serves on without the Secret, and fills it when it is back', async () => {
  await using all = await started()
  const { cluster, certificates, timers } = all
  const old = certificates.current()
  cluster.secret = undefined
  for (let i = 0; i < 5; i++) await timers.pass(20 * second)
  assert.equal(certificates.current(), old)
  cluster.write({})
  for (let i = 0; i < 3; i++) await timers.pass(20 * second)
  assert.equal(isTrusted(certificates.current(), cluster.bundle!) && isTrusted(old, cluster.bundle!), true)
})

test('has a configuration that was installed anew trust the authority again', async () => {
  await using all = await started()
  const { cluster, certificates, timers } = all
  cluster.bundle = undefined
  for (let i = 0; i < 3; i++) await timers.pass(20 * second)
  cluster.bundle = ''
  await timers.pass(20 * second)
  assert.equal(isTrusted(certificates.current(), cluster.bundle), true)
})

test('serves even before there is a configuration', async () => {
  const cluster = new FakeCluster()
  cluster.bundle = undefined
  await using all = await started(cluster)
  assert.notEqual(all.certificates.current(), undefined)
})

test('replicas that start together agree on one authority', async () => {
  const cluster = new FakeCluster()
  const timers = new FakeTimers('2026-08-01T00:00:00Z')
  await using one = run(cluster, timers)
  await using two = run(cluster, timers)
  await using three = run(cluster, timers)
  await timers.idle(3)
  for (let i = 0; i < 4; i++) await timers.pass(20 * second)
  assert.deepEqual(one.certificates.current(), two.certificates.current())
  assert.deepEqual(two.certificates.current(), three.certificates.current())
  assert.equal(isTrusted(one.certificates.current(), cluster.bundle!), true)
  assert.deepEqual([...one.problems, ...two.problems, ...three.problems], [])
})

test('outlives every failure of the API server', async () => {
  const cluster = new FakeCluster()
  const answers = [500, 429, 401, 403, 409, 404, 503]
  cluster.interfere = () => {
    const next = answers.shift()
    if (next === 503) throw new Error('connection reset')
    return next
  }
  await using all = await started(cluster)
  for (let i = 0; i < 9; i++) await all.timers.pass(20 * second)
  assert.equal(isTrusted(all.certificates.current(), cluster.bundle!), true)
  assert.equal(all.problems.length, 6)
})

test('a callback that throws is reported, and the certificate is current all the same', async () => {
  const timers = new FakeTimers('2026-08-01T00:00:00Z')
  await using running = run(new FakeCluster(), timers)
  running.certificates.onRotate(() => {
    throw new Error('planned')
  })
  await timers.idle()
  assert.notEqual(running.certificates.current(), undefined)
  assert.deepEqual(running.problems, ['Error: planned'])
})

test('stopping settles what waits for a certificate', async () => {
  const cluster = new FakeCluster()
  cluster.interfere = () => 500
  const { certificates } = await started(cluster)
  await certificates.stop()
  await certificates.ready
  await setImmediate()
  assert.equal(certificates.current(), undefined)
})
