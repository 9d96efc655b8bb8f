import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { after } from 'node:test'
import { folderWith } from '../../live/folder.ts'
import { words } from '../run-command.ts'
import { Built } from './built.ts'

const built = await Built.make()
after(() => built.remove())

const service = 'apiVersion: v1\nkind: Service\nmetadata: { name: catalog, namespace: shop }\n'
/** So long a program needs to start and to open what it reads, in milliseconds. */
const started = 2000

test(
  'Ctrl-C ends a command that waits for a pipe into which nobody writes',
  { timeout: 60_000 },
  async () => {
    await using folder = await folderWith({})
    const pipe = join(folder.path, 'pipe')
    execFileSync('mkfifo', [pipe])
    const child = built.start('kubectl-canary', words(`status -f ${pipe}`))
    await sleep(started)
    assert.equal(child.exitCode, null)
    child.kill('SIGINT')
    assert.deepEqual(await once(child, 'exit'), [130, null])
  },
)

test(
  'a pipe is read to its end, also where its writer comes late and pauses',
  { timeout: 60_000 },
  async () => {
    await using folder = await folderWith({})
    const pipe = join(folder.path, 'pipe')
    execFileSync('mkfifo', [pipe])
    const child = built.start('kubectl-canary', words(`doctor -f ${pipe} -o json`))
    let stdout = ''
    child.stdout?.on('data', text => {
      stdout += String(text)
    })
    await sleep(started)
    await writeFile(
      pipe,
      (async function* () {
        yield service
        await sleep(200)
        yield 'spec: { ports: [{ name: http, port: 80 }] }\n'
      })(),
    )
    await once(child, 'close')
    const { reports } = JSON.parse(stdout) as {
      readonly reports: readonly { readonly kind: string; readonly name: string }[]
    }
    assert.ok(
      reports.some(({ kind, name }) => kind === 'Service' && name === 'catalog'),
      stdout,
    )
  },
)
