import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { openStore } from '../../../plugin/open-store.ts'
import { runCommand, words, type Ended } from '../../plugin/run-command.ts'
import { listOf, startFakeServer, status, type Handle } from '../api-server.ts'
import { base64, folderWith, kubeconfig } from '../folder.ts'

const forbidden = status(403, 'Forbidden', 'x is forbidden: User "ann" cannot list resource "x"')
const service = {
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: { selector: { app: 'catalog' }, ports: [{ port: 80, name: 'http' }] },
}
const route = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name: 'catalog', namespace: 'shop' },
  spec: { hosts: ['catalog'], http: [{ route: [{ destination: { host: 'other.web.svc.cluster.local' } }] }] },
}

/** A user who may read Services and VirtualServices of one namespace, and nothing else. */
const narrow: Handle = ({ url: { pathname } }) => {
  if (pathname.endsWith('/namespaces/shop/services')) return listOf([service])
  if (pathname.endsWith('/namespaces/shop/virtualservices')) return listOf([route])
  return forbidden
}

async function run(line: string, handle: Handle = narrow): Promise<Ended & { readonly url: string }> {
  await using server = await startFakeServer(handle)
  await using folder = await folderWith({
    config: kubeconfig({
      server: server.url,
      'certificate-authority-data': base64(server.authority.certificate),
    }),
  })
  const argv = [...words(line), '-n', 'shop', '--kubeconfig', join(folder.path, 'config')]
  return { ...(await runCommand(argv, { store: openStore })), url: server.url }
}

for (const verb of ['status', 'list', 'cohorts', 'lint']) {
  test(`${verb} says in one line that rights are missing, and -v 1 what each of them leaves unchecked`, async () => {
    const { code, stderr } = await run(verb)
    const notes = stderr.split('\n').filter(line => line.includes('No permission'))
    assert.equal(code, 0, stderr)
    assert.equal(notes.length, 1, stderr)
    assert.match(
      notes[0]!,
      /No permission to read all of virtualservices\.networking\.istio\.io, .* and \d+ more: .* \(-v 1 says what\)\.$/,
    )
    const detailed = await run(`${verb} -v 1`)
    assert.match(
      detailed.stderr,
      /No permission to read destinationrules.*: cannot check which subsets exist\./,
    )
    assert.match(detailed.stderr, /No permission to read configmaps istio .*Istio's default mesh settings/)
    assert.doesNotMatch(detailed.stderr, /-v 1 says/)
  })
}

test('one missing right is one sentence, whatever -v says', async () => {
  const onlyGateways: Handle = seen =>
    seen.url.pathname.endsWith('/gateways')
      ? forbidden
      : seen.url.pathname.endsWith('/configmaps/istio')
        ? status(404, 'NotFound', 'not found')
        : narrow(seen) === forbidden
          ? listOf([])
          : narrow(seen)
  const { stderr } = await run('status', onlyGateways)
  assert.match(stderr, /^note: No permission to read gateways\S+ in shop: cannot check whether the gateways/m)
})

test('lint of a namespace does not take what it may not see for missing', async () => {
  const { code, stdout } = await run('lint')
  assert.equal(code, 0)
  assert.doesNotMatch(stdout, /unknown-host/)
})

test('-A without the right to read all namespaces reads the one of the kubeconfig, and says so', async () => {
  for (const verb of ['lint', 'status', 'list']) {
    const { code, stderr } = await run(`${verb} -A`)
    assert.equal(code, 0, stderr)
    assert.match(stderr, /only namespace shop was read/, verb)
  }
})

test('-v 6 shows each request as kubectl does', async () => {
  const { stderr, url } = await run('status -v 6')
  const lines = stderr.split('\n').filter(line => line.includes('"Response"'))
  assert.ok(lines.length > 5)
  const form =
    /^I\d{4} \d\d:\d\d:\d\d\.\d{6} "Response" verb="GET" url="([^"]+)" status="(200 OK|403 Forbidden)" milliseconds=\d+$/
  for (const line of lines) assert.match(line, form)
  assert.ok(lines.some(line => line.includes(`url="${url}/api/v1/namespaces/shop/services?limit=500"`)))
  assert.doesNotMatch((await run('status')).stderr, /"Response"/)
})
