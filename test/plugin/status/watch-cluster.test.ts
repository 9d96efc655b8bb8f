import assert from 'node:assert/strict'
import { after, type TestContext } from 'node:test'
import { clusterTests } from '../../cluster/cluster-test.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { shopIn } from '../several/shop-in.ts'
import { Built } from '../program/built.ts'
import { noTerminal, Pty, type TerminalSize } from './pty.ts'

const real = clusterTests()

const built = await Built.make()
after(() => built.remove())

/** `status -w` on a terminal; in CI a machine without one is a failure. */
function onTerminal(
  context: TestContext,
  cluster: Cluster,
  size: TerminalSize & { readonly line: string },
): Pty | undefined {
  const missing = noTerminal()
  if (missing !== undefined && process.env['CI'] !== 'true') {
    context.skip(missing)
    return undefined
  }
  const env = { ...process.env, KUBECONFIG: cluster.kubeconfig, LANG: 'C.UTF-8', LC_ALL: '', TERM: 'xterm' }
  return new Pty([...built.command, ...size.line.split(' ')], env, size)
}

const entered = '\u001b[?1049h\u001b[?25l'
const restored = '\u001b[?25h\u001b[?1049l'

real(
  'status -w draws changes of the cluster in place, in whatever size the terminal is',
  async (cluster, context) => {
    const { does, namespace } = await shopIn(cluster, 'catalog')
    await using pty = onTerminal(context, cluster, {
      rows: 24,
      columns: 100,
      line: `status catalog -n ${namespace} -w`,
    })
    if (pty === undefined) return
    await pty.until(screen => /everyone +→ v1 +100\.0 % +█{18}/.test(plain(screen)))
    assert.match(plain(pty.screen[0]!), /^\d\d:\d\d:\d\d {2}shows changes as they come; Ctrl-C ends$/)
    const [frames, begun] = [countFrames(pty), performance.now()]
    await does('weight catalog v2=25')
    await pty.until(screen => /v2 +25\.0 % +█████░{15}/.test(plain(screen)))
    // Polling would have drawn as fast; that nothing is drawn where nothing happens tells them apart. Each second has a frame, as ages
    // grow, and a look at most each 800 ms; a machine that is busy takes many seconds for the change.
    const most = 5 + 2.25 * ((performance.now() - begun) / 1000)
    assert.ok(countFrames(pty) - frames < most, 'a change is drawn in a few frames')

    pty.resize({ rows: 24, columns: 60 })
    await pty.until(screen => /v2 +25\.0 % +███░{7}(\n|$)/.test(plain(screen)))
    pty.resize({ rows: 6, columns: 60 })
    await pty.until(screen => screen.includes('more lines: enlarge the terminal'))
    assert.equal(pty.screen.length, 6)
    pty.resize({ rows: 30, columns: 120 })
    await pty.until(screen => /v2 +25\.0 % +█████░{15}/.test(plain(screen)))

    pty.type('\u0003')
    assert.equal(await pty.ended(), 130)
    const [before = '', afterwards = ''] = pty.output.split(restored)
    assert.ok(before.includes(entered))
    assert.match(plain(afterwards), /^catalog in namespace .*\r\n[^]*v2 +25\.0 %/)
    assert.doesNotMatch(afterwards, /\u001b\[\?/)
  },
)

real('status -w restores the terminal when it is terminated', async (cluster, context) => {
  const { namespace } = await shopIn(cluster, 'catalog')
  await using pty = onTerminal(context, cluster, { rows: 24, columns: 80, line: `status -n ${namespace} -w` })
  if (pty === undefined) return
  await pty.until(screen => screen.includes('everyone'))
  pty.signal('SIGTERM')
  assert.equal(await pty.ended(), 143)
  assert.equal(pty.output.split(restored).length, 2)
})

const countFrames = ({ output }: Pty): number => output.split('\u001b[H').length

const plain = (text: string): string => text.replaceAll(/\u001b\[\??[\d;]*[a-zA-Z]/g, '')
