import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import test, { after } from 'node:test'
import { folderWith, kubeconfig } from '../../live/folder.ts'
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

const waiting = [
  'run catalog v2 --plan PIPE --simulate errors=2',
  'run catalog v2 --hook https://example.com --hook-template PIPE --simulate errors=2',
  'run catalog v2 --from-canary PIPE --simulate errors=2',
  'run catalog v2 --simulate file=PIPE',
  'try --table PIPE -f empty.yaml',
  'status --kubeconfig PIPE',
  'status --server https://127.0.0.1:9 --certificate-authority PIPE --kubeconfig config',
  'status --client-certificate PIPE --client-key PIPE --kubeconfig config',
  'status --kubeconfig token-file',
]

test(
  'Ctrl-C ends a command that waits for a pipe, whatever flag names it',
  { timeout: 120_000 },
  async () => {
    await using folder = await folderWith({
      'empty.yaml': service,
      config: kubeconfig({ server: 'https://127.0.0.1:9' }, { token: 'x' }),
      'token-file': kubeconfig({ server: 'https://127.0.0.1:9' }, { tokenFile: 'pipe' }),
    })
    const pipe = join(folder.path, 'pipe')
    execFileSync('mkfifo', [pipe])
    const children = waiting.map(line => {
      const typed = line
        .replaceAll('PIPE', pipe)
        .replace(/(empty.yaml|config|token-file)$/, name => join(folder.path, name))
      return { line, child: built.start('kubectl-canary', words(typed)) }
    })
    await sleep(3 * started)
    const ended = await Promise.all(
      children.map(async ({ line, child }) => {
        const before = child.exitCode
        const exit = once(child, 'exit')
        child.kill('SIGINT')
        const late = setTimeout(() => child.kill('SIGKILL'), 2 * started)
        const [code] = (await exit) as readonly (number | null)[]
        clearTimeout(late)
        return { line, before, code }
      }),
    )
    assert.deepEqual(
      ended,
      waiting.map(line => ({ line, before: null, code: 130 })),
    )
  },
)

for (const line of ['rules', 'rules -o json', 'version'])
  test(
    `a full disk under the output of ${line} is an error`,
    { skip: !existsSync('/dev/full') },
    async () => {
      const { code, stderr } = await built.run('sh', ['-c', `kubectl-canary ${line} > /dev/full`])
      assert.equal(code, 1)
      assert.match(stderr, /^error: standard output cannot be written: .*space.*\n$/)
    },
  )
