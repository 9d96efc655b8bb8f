import assert from 'node:assert/strict'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import test, { after } from 'node:test'
import { fc } from '../../../properties.ts'
import { withBlock, withoutBlock } from '../../../../plugin/commands/completion/block.ts'
import { runCommand, words, type Ended } from '../../run-command.ts'

const all = mkdtempSync(join(tmpdir(), 'canary-completion-'))
after(() => rmSync(all, { recursive: true, force: true }))

/** A home with files, and a folder on the PATH with the program. */
class Home {
  readonly folder = mkdtempSync(join(all, 'home-'))
  readonly bin = join(this.folder, 'bin')

  constructor(files: Readonly<Record<string, string | Uint8Array>> = {}) {
    mkdirSync(this.bin)
    writeFileSync(join(this.bin, 'kubectl-canary'), '#!/bin/sh\n', { mode: 0o755 })
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, name)), { recursive: true })
      writeFileSync(join(this.folder, name), text)
    }
  }

  does(line: string, env: Readonly<Record<string, string>> = {}): Promise<Ended> {
    return runCommand(words(`completion ${line}`), {
      env: { HOME: this.folder, PATH: this.bin, SHELL: '/bin/bash', ...env },
    })
  }

  text(name: string): string | undefined {
    const path = join(this.folder, name)
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined
  }
}

const link = 'bin/kubectl_complete-canary'

for (const [shell, file] of [
  ['bash', '.bashrc'],
  ['zsh', '.zshrc'],
] as const)
  for (const before of ['alias k=kubectl\n', 'alias k=kubectl', '', undefined])
    test(`${shell} is set up once, and left as it was: ${JSON.stringify(before)}`, async () => {
      const home = new Home(before === undefined ? {} : { [file]: before })
      const first = await home.does('--install', { SHELL: `/usr/bin/${shell}` })
      assert.equal(first.code, 0, first.stderr)
      const text = home.text(file)!
      assert.ok(text.startsWith(before ?? ''))
      assert.ok(text.includes(`source <(kubectl-canary completion ${shell})`))
      assert.equal(readlinkSync(join(home.folder, link)), 'kubectl-canary')
      const second = await home.does(`--install ${shell}`)
      assert.match(second.stdout, /unchanged\n.*unchanged\n$/)
      assert.equal(home.text(file), text)
      await home.does(`--uninstall ${shell}`)
      assert.equal(home.text(file) ?? '', before ?? '')
      assert.equal(home.text(link), undefined)
      assert.match((await home.does(`--uninstall ${shell}`)).stdout, /unchanged\n$/)
    })

test('fish gets a file of its own, which goes again', async () => {
  const home = new Home()
  const file = '.config/fish/completions/kubectl-canary.fish'
  assert.match(
    (await home.does('--install', { SHELL: '/usr/bin/fish' })).stdout,
    /kubectl-canary\.fish created\n/,
  )
  assert.equal(home.text(file), (await home.does('fish')).stdout)
  assert.match((await home.does('--uninstall fish')).stdout, /kubectl-canary\.fish deleted\n/)
  assert.equal(home.text(file), undefined)
})

test('PowerShell says itself where its profile is', async () => {
  const home = new Home()
  writeFileSync(join(home.bin, 'pwsh'), `#!/bin/sh\necho "$HOME/profile/profile.ps1"\n`, { mode: 0o755 })
  const { code, stderr } = await home.does('--install powershell', { PATH: `${home.bin}:/usr/bin:/bin` })
  assert.equal(code, 0, stderr)
  assert.match(home.text('profile/profile.ps1')!, /^if \(Get-Command kubectl-canary/m)
})

test('a dry run says what would change, and changes nothing', async () => {
  const home = new Home({ '.bashrc': 'x=1\n' })
  const { stdout } = await home.does('--install --dry-run=client')
  assert.match(stdout, /\.bashrc configured \(dry run\)\n.*kubectl_complete-canary created \(dry run\)\n$/)
  assert.deepEqual([home.text('.bashrc'), home.text(link)], ['x=1\n', undefined])
})

test('older lines of ours are replaced in place, and a linked file stays a link', async () => {
  const home = new Home({ dotfiles: 'before\n' })
  symlinkSync('dotfiles', join(home.folder, '.bashrc'))
  await home.does('--install')
  const text = home.text('dotfiles')!
  writeFileSync(join(home.folder, 'dotfiles'), `${text.replace('source <', 'old <')}after\n`)
  await home.does('--install')
  assert.equal(home.text('dotfiles'), `${text}after\n`)
  assert.ok(lstatSync(join(home.folder, '.bashrc')).isSymbolicLink())
})

const half = '# >>> kubectl-canary completion: kubectl-canary completion --install >>>\n'
for (const [what, content] of Object.entries({
  'our lines without their end': `x=1\n${half}y=2\n`,
  'our lines twice': `${half}# <<< kubectl-canary completion <<<\n`.repeat(2),
  'bytes that are not UTF-8': new Uint8Array([0x61, 0xff, 0xfe, 0x0a]),
  'UTF-16': new Uint8Array(Buffer.from('x=1\n', 'utf16le')),
}))
  test(`a file with ${what} is left as it is`, async () => {
    const home = new Home({ '.bashrc': content })
    for (const verb of ['--install', '--uninstall']) {
      const { code, stderr } = await home.does(verb)
      assert.equal(code, 1)
      assert.match(stderr, /^error: .*\.bashrc: .*\n {2}.+\n/)
    }
    assert.deepEqual(readFileSync(join(home.folder, '.bashrc')), Buffer.from(content))
    assert.equal(home.text(link), undefined)
  })

test('a file that may not be written, and a folder without a place for the link, are errors before any change', async () => {
  const home = new Home({ '.bashrc': 'x=1\n' })
  chmodSync(join(home.folder, '.bashrc'), 0o444)
  const { code, stderr } = await home.does('--install')
  assert.equal(code, 1)
  assert.match(stderr, /\.bashrc: the file is read-only/)
  assert.equal(home.text(link), undefined)
  const without = new Home()
  rmSync(join(without.bin, 'kubectl-canary'))
  const missing = await without.does('--install')
  assert.match(missing.stderr, /^error: kubectl-canary is not on the PATH/)
  assert.equal(without.text('.bashrc'), undefined)
})

test('what others put there for completion stays', async () => {
  const home = new Home()
  writeFileSync(join(home.folder, link), '#!/bin/sh\n', { mode: 0o755 })
  assert.match((await home.does('--install')).stdout, /kubectl_complete-canary unchanged\n$/)
  await home.does('--uninstall')
  assert.equal(home.text(link), '#!/bin/sh\n')
})

test('npm’s program has a file of its own beside it', async () => {
  const home = new Home({ 'lib/kubectl-canary.js': '', 'lib/kubectl_complete-canary.js': '' })
  rmSync(join(home.bin, 'kubectl-canary'))
  symlinkSync('../lib/kubectl-canary.js', join(home.bin, 'kubectl-canary'))
  await home.does('--install')
  assert.equal(readlinkSync(join(home.folder, link)), '../lib/kubectl_complete-canary.js')
})

for (const [expected, line, env, message] of [
  [1, '--install', { SHELL: '/bin/tcsh' }, /no completion for the shell tcsh/],
  [1, '--install', { SHELL: '' }, /SHELL is not set/],
  [2, '--install --uninstall', {}, /cannot be used together/],
  [2, 'bash --dry-run=client', {}, /--dry-run needs --install or --uninstall/],
  [2, '', {}, /completion needs a shell, or --install/],
] as const)
  test(`completion ${line} ${JSON.stringify(env)} is an error`, async () => {
    const { code, stderr } = await new Home().does(line, env)
    assert.equal(code, expected)
    assert.match(stderr, message)
  })

test('lines that are put into any text and taken off again leave it as it was', () => {
  const text = fc.array(fc.constantFrom('a', '#', '\n', '\r\n', ' ', half.trim().slice(0, 9)), {
    maxLength: 30,
  })
  fc.assert(
    fc.property(text, fc.constantFrom('one', 'one\ntwo'), (parts, lines) => {
      const before = parts.join('')
      const put = withBlock(before, lines, 'f')
      assert.equal(withBlock(put, lines, 'f'), put)
      assert.equal(withoutBlock(put, 'f'), before)
    }),
    { numRuns: 300 },
  )
})
