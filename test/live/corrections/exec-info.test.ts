import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { RequestOptions } from 'node:https'
import { ExecAuth } from '@kubernetes/client-node/dist/exec_auth.js'
import { execEnvironment } from '../../../shared/live/corrections/exec/exec-info.ts'

const apiVersion = 'client.authentication.k8s.io/v1'
const around = {
  env: { HOME: '/home/ann', EXTRA: 'old' },
  isInteractive: true,
  server: 'https://a:6443',
  cluster: {
    name: 'a',
    server: 'https://a:6443',
    skipTLSVerify: false,
    caData: 'Q0E=',
    tlsServerName: 'a.internal',
    proxyUrl: 'http://p',
    execConfig: { audience: 'x' },
  },
}

test('a program learns which version to print, whether it may ask, and of the cluster where it wants to', () => {
  const { KUBERNETES_EXEC_INFO: info = '', ...env } = execEnvironment(
    { command: 'login', apiVersion, provideClusterInfo: true, env: [{ name: 'EXTRA', value: 'new' }] },
    around,
  )
  assert.deepEqual(env, { HOME: '/home/ann', EXTRA: 'new' })
  assert.deepEqual(JSON.parse(info), {
    kind: 'ExecCredential',
    apiVersion,
    spec: {
      interactive: true,
      cluster: {
        server: 'https://a:6443',
        'tls-server-name': 'a.internal',
        'certificate-authority-data': 'Q0E=',
        'proxy-url': 'http://p',
        config: { audience: 'x' },
      },
    },
  })
  const { KUBERNETES_EXEC_INFO: brief = '' } = execEnvironment({ command: 'login', apiVersion }, around)
  assert.deepEqual(JSON.parse(brief), { kind: 'ExecCredential', apiVersion, spec: { interactive: true } })
})

test('is needed as long as upstream sets nothing', async () => {
  const printed = '{"status":{"token":"\'"$KUBERNETES_EXEC_INFO-"\'"}}'
  const options: RequestOptions = { headers: {} }
  const exec = { command: 'sh', args: ['-c', `printf '%s' '${printed}'`], apiVersion }
  await new ExecAuth().applyAuthentication({ name: 'u', exec }, options)
  assert.equal((options.headers as { readonly Authorization?: string }).Authorization, 'Bearer -')
})
