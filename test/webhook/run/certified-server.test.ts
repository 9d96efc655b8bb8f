import assert from 'node:assert/strict'
import net from 'node:net'
import { test } from 'node:test'
import { connect } from 'node:tls'
import { pino } from 'pino'
import { createAuthority, issueLeaf } from '../../../webhook/certificate/authority.ts'
import { createMetrics } from '../../../webhook/observe/metrics.ts'
import { AdmissionServer } from '../../../webhook/serve/admission-server.ts'
import type { KeyPair } from '../../../webhook/certificate/key-pair.ts'
import { CertifiedServer } from '../../../webhook/run/certified-server.ts'

const day = 86_400_000
const year = 365 * day
const now = Date.now()
const authority = await createAuthority({ from: now - 200 * year, until: now + 200 * year })
const pairFor = (from: number, until: number): Promise<KeyPair> =>
  issueLeaf(authority, { dnsNames: ['localhost'] }, { from: now + from, until: now + until })

function serving(port = 0) {
  const metrics = createMetrics()
  const it = new CertifiedServer({
    host: '127.0.0.1',
    port,
    log: pino({ level: 'silent' }),
    metrics,
    createServer: keyPair => new AdmissionServer({ keyPair, handle: () => Promise.resolve(undefined) }),
  })
  return { it, metrics, [Symbol.asyncDispose]: () => it.close() }
}

/** When the certificate expires that a new handshake gets, in milliseconds since 1970. */
async function servedUntil(port: number): Promise<number> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: authority.certificate,
    servername: 'localhost',
    rejectUnauthorized: false,
  })
  await new Promise(resolve => socket.once('secureConnect', resolve))
  const { valid_to: until } = socket.getPeerCertificate()
  socket.destroy()
  return Date.parse(until)
}

for (const [what, from, until, unready] of [
  ['is valid', -day, day, []],
  ['is valid for ten years', -day, 10 * year, []],
  ['is valid for a century', -50 * year, 50 * year, []],
  ['is not valid yet, because the clock is slow', day, 2 * day, ['the certificate is not yet valid']],
  ['has expired', -2 * day, -day, ['the certificate has expired']],
] as const) {
  test(`serves with a certificate that ${what}, and is ${unready.length === 0 ? '' : 'not '}ready`, async () => {
    await using all = serving()
    all.it.use(await pairFor(from, until))
    const port = await all.it.port
    assert.deepEqual(all.it.notReady(), unready)
    assert.ok(Math.abs((await servedUntil(port)) - now - until) < 1000)
    const [expiry] = (await all.metrics.certificateExpiry.get()).values
    assert.ok(Math.abs(expiry!.value * 1000 - now - until) < 1000)
    all.it.use(await pairFor(-day, 3 * day))
    assert.deepEqual(all.it.notReady(), [])
  })
}

test('does not listen before there is a usable certificate, and counts each unusable one', async () => {
  await using all = serving()
  const [one, other] = [await pairFor(-day, day), await pairFor(-day, day)]
  for (const pair of [
    { certificate: '', key: '' },
    { certificate: one.certificate, key: other.key },
    { certificate: one.certificate, key: 'garbage' },
  ])
    all.it.use(pair)
  assert.deepEqual(all.it.notReady(), ['there is no certificate'])
  assert.equal(
    (await all.metrics.errors.get()).values.find(({ labels }) => labels.reason === 'certificate')!.value,
    3,
  )
  all.it.use(one)
  await all.it.port
  assert.deepEqual(all.it.notReady(), [])
})

test('reports a port that is in use, and is not ready', async () => {
  const taken = net.createServer().listen(0, '127.0.0.1')
  await new Promise(resolve => taken.once('listening', resolve))
  await using all = serving((taken.address() as net.AddressInfo).port)
  all.it.use(await pairFor(-day, day))
  await assert.rejects(
    all.it.port,
    /^CanaryError: cannot listen on 127\.0\.0\.1 port \d+: it is in use by another program$/,
  )
  assert.notDeepEqual(all.it.notReady(), [])
  taken.close()
})
