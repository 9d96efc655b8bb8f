import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test from 'node:test'
import { createAuthority, issueLeaf } from '../../../webhook/certificate/authority.ts'
import type { KeyPair } from '../../../webhook/certificate/key-pair.ts'
import { startCertificates } from '../../../webhook/certificate/start-certificates.ts'
import { until } from '../../live/watch/watching.ts'

const hour = 60 * 60 * 1000
const authority = await createAuthority({ from: Date.now() - hour, until: Date.now() + hour })
const leaf = (until = Date.now() + hour): Promise<KeyPair> => issueLeaf(authority, { dnsNames: ['guard'] }, { from: Date.now() - hour, until })

async function mounted() {
  const folder = await mkdtemp(join(tmpdir(), 'canary-mounted-'))
  const problems: string[] = []
  let writes = 0
  /** As the kubelet does it: a new folder, then one rename of the link. */
  const write = async ({ certificate, key }: KeyPair): Promise<void> => {
    const version = join(folder, `..v${++writes}`)
    await mkdir(version)
    await writeFile(join(version, 'tls.crt'), certificate)
    await writeFile(join(version, 'tls.key'), key)
    await symlink(version, join(folder, '..new'))
    await rename(join(folder, '..new'), join(folder, '..data'))
    if (writes === 1) for (const name of ['tls.crt', 'tls.key']) await symlink(join('..data', name), join(folder, name))
  }
  const start = () => startCertificates({
    mode: 'files', files: { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }, onProblem: error => problems.push(String(error)),
  })
  return { problems, write, start, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}

test('serves the mounted pair and each one that replaces it', async () => {
  await using folder = await mounted()
  const [first, second] = [await leaf(), await leaf()]
  await folder.write(first)
  const certificates = folder.start()
  await certificates.ready
  assert.deepEqual(certificates.current(), first)
  await folder.write(second)
  await until('the second pair is served', () => certificates.current()!.certificate === second.certificate)
  await certificates.stop()
})

test('goes on with the old pair when a bad one is mounted', async () => {
  await using folder = await mounted()
  const first = await leaf()
  await folder.write(first)
  const certificates = folder.start()
  await certificates.ready
  const bad: KeyPair[] = [{ certificate: 'garbage', key: 'garbage' }, { certificate: first.certificate, key: authority.key }, await leaf(Date.now() - 1000), { certificate: '', key: '' }]
  for (const [i, pair] of bad.entries()) {
    await folder.write(pair)
    await until('the bad pair is reported', () => folder.problems.length === i + 1)
    assert.deepEqual(certificates.current(), first)
  }
  await certificates.stop()
})

test('waits for files that are not there yet', async () => {
  await using folder = await mounted()
  const certificates = folder.start()
  await until('their absence is reported', () => folder.problems.length > 0)
  const pair = await leaf()
  await folder.write(pair)
  await certificates.ready
  assert.deepEqual(certificates.current(), pair)
  await certificates.stop()
})
