import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { ensureAssets } from '../../../cluster/assets.ts'
import { orSkip } from '../../../cluster/cluster-test.ts'

const run = promisify(execFile)
// For measurements between networks (RFC 2544): nobody's, and neither loopback nor link-local, which an EndpointSlice would not take.
const address = '198.18.0.1'
const inside = (command: string): ReturnType<typeof run> =>
  run('unshare', [
    '--net',
    '--map-root-user',
    'sh',
    '-ec',
    `ip link set lo up; ip address add ${address}/32 dev lo; ${command}`,
  ])

test('the API server reaches the guard by its Service, and presents the certificate for it', async context => {
  if (!(await orSkip(context, () => ensureAssets(['etcd', 'kube-apiserver', 'kubectl'])))) return
  const isPermitted = await inside('true').then(
    () => true,
    () => false,
  )
  if (!isPermitted)
    return context.skip(
      'a network namespace of its own is not permitted here (unshare --net --map-root-user, ip)',
    )
  const { stdout } = await inside(
    `exec '${process.execPath}' '${join(import.meta.dirname, 'own-network.ts')}' ${address}`,
  )
  const { refused, taken, told } = JSON.parse(String(stdout)) as {
    readonly refused: string
    readonly taken: number
    readonly told: string
  }
  assert.match(refused, /denied the request: this would break canary routing\n\[weights-sum-to-100\]/)
  assert.equal(taken, 0)
  // By the name of the Service the API server finds the certificate to present.
  assert.match(told, /DestinationRule NAMESPACE\/catalog/)
})
