import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { urlSource } from '../../plugin/metrics/url-source.ts'
import { readText } from '../../shared/files/read-text.ts'
import { folderWith } from '../live/folder.ts'

test('the text of a pipe is there for each later read', { timeout: 10_000 }, async () => {
  await using folder = await folderWith({})
  const pipe = join(folder.path, 'pipe')
  execFileSync('mkfifo', [pipe])
  const [text] = await Promise.all([readText(pipe), writeFile(pipe, 'steps: [10]\n')])
  assert.equal(text, 'steps: [10]\n')
  assert.equal(await readText(pipe), 'steps: [10]\n')
})

test('a file is read again, as its text may be newer', async () => {
  await using folder = await folderWith({ token: 'one' })
  const file = join(folder.path, 'token')
  assert.equal(await readText(file), 'one')
  await writeFile(file, 'two')
  assert.equal(await readText(file), 'two')
})

test('each request to a Prometheus has the token of a pipe', { timeout: 10_000 }, async () => {
  await using folder = await folderWith({})
  const pipe = join(folder.path, 'pipe')
  execFileSync('mkfifo', [pipe])
  const { createServer } = await import('node:http')
  const proofs: (string | undefined)[] = []
  const server = createServer(({ headers }, response) => {
    proofs.push(headers.authorization)
    response.end('{}')
  })
  await new Promise<void>(ready => {
    server.listen(0, '127.0.0.1', ready)
  })
  const { port } = server.address() as { readonly port: number }
  const url = new URL(`http://127.0.0.1:${port}`)
  const opening = urlSource({ url, tokenFile: pipe, skipVerify: false }, {})
  const [source] = await Promise.all([opening, writeFile(pipe, 'secret\n')])
  for (const path of ['/one', '/two'])
    await source.send({ method: 'GET', path, form: '', signal: AbortSignal.timeout(5000) })
  server.closeAllConnections()
  server.close()
  assert.deepEqual(proofs, ['Bearer secret', 'Bearer secret'])
})
