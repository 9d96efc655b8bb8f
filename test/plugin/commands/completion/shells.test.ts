/** The TAB key in real shells, on a terminal, after `completion --install`. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import test, { after, before, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { executable } from '../../../build/built-programs.ts'
import { Built } from '../../program/built.ts'
import { noTerminal, Pty } from '../../status/pty.ts'

let built: Built
before(async () => {
  built = await Built.make()
  // As krew and a download leave it: one program, under one name.
  if (executable === undefined) return
  rmSync(join(built.bin, 'kubectl_complete-canary'))
  rmSync(join(built.bin, 'kubectl-canary'))
  copyFileSync(executable, join(built.bin, 'kubectl-canary'))
})
after(() => built.remove())

const folder = mkdtempSync(join(tmpdir(), 'canary-shells-'))
after(() => rmSync(folder, { recursive: true, force: true }))

function hasShell(context: TestContext, shell: string): boolean {
  const missing =
    noTerminal()
    ?? (isThere(shell) ? undefined : `there is no ${shell} on the PATH (Debian: apt-get install ${shell})`)
  if (missing !== undefined) context.skip(missing)
  return missing === undefined
}

function isThere(program: string): boolean {
  try {
    execFileSync(program, ['--version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

for (const shell of ['bash', 'zsh', 'fish'])
  test(`${shell} completes kubectl-canary after --install, and no longer after --uninstall`, async context => {
    if (!hasShell(context, shell)) return
    const home = join(folder, shell)
    mkdirSync(home)
    // zsh asks a new user questions, unless there is a start-up file.
    if (shell === 'zsh') writeFileSync(join(home, '.zshrc'), 'PS1="> "\n')
    symlinkSync(process.execPath, join(home, 'node'))
    const env = {
      HOME: home,
      SHELL: `/usr/bin/${shell}`,
      PATH: [built.bin, home, '/usr/bin', '/bin'].join(delimiter),
      TERM: 'xterm',
      LANG: 'C.UTF-8',
      KUBECONFIG: '/nonexistent',
    }
    const done = /kubectl-canary promote/
    const does = (...flags: readonly string[]) =>
      built.run('kubectl-canary', ['completion', ...flags], { env })
    const completes = async (): Promise<string> => {
      // `script` starts the terminal's program with this shell.
      await using pty = new Pty([shell, '-i'], { ...env, SHELL: '/bin/sh' }, { rows: 24, columns: 100 })
      await pty.until(() => /[$#>%]\s*$/.test(plain(pty.output)))
      // Its start-up file is read before; a line editor may still be on its way.
      await sleep(500)
      const at = pty.output.length
      pty.type('kubectl-canary promo\t')
      await pty.until(() => pty.output.includes('promo', at))
      // Time to answer, where something answers.
      const end = performance.now() + 3000
      while (!done.test(plain(pty.output.slice(at))) && performance.now() < end) await sleep(50)
      return plain(pty.output.slice(at))
    }
    const { code, stderr } = await does('--install')
    assert.equal(code, 0, stderr)
    assert.match(await completes(), done)
    assert.equal((await does('--uninstall')).code, 0)
    assert.doesNotMatch(await completes(), done)
  })

const plain = (text: string): string =>
  text.replaceAll(/\u001b(\[[?>=\d;]*[a-zA-Z]|[=>]|\][^\u0007\u001b]*(\u0007|\u001b\\)|\(B)/g, '')
