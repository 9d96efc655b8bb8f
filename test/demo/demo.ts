/** Runs `kubectl canary demo` with the built program, and fails where a step does not say what it should. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { wrongIn } from './steps.ts'

const folder = mkdtempSync(join(tmpdir(), 'canary-demo-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const program = join(import.meta.dirname, '../../dist/kubectl-canary.js')
const { status, stdout, stderr } = spawnSync(
  'sh',
  ['-c', 'exec "$0" "$1" demo 2>&1', process.execPath, program],
  {
    cwd: folder,
    encoding: 'utf8',
  },
)
// The folder goes with this program, so what the demo says of it does not hold here.
const [steps = ''] = stdout.split(/^The files are in /m)
process.stdout.write(
  `${steps}${stderr}These steps were played in a folder that is removed now. To go through them yourself: npm run build && npm link, then kubectl canary demo\n`,
)
const wrong = [...wrongIn(stdout), ...(status === 0 ? [] : [`the demo ended with ${status}`])]
for (const line of wrong) console.error(`error: ${line}`)
process.exitCode = wrong.length === 0 ? 0 : 1
