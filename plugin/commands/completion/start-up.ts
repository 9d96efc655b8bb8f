import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import type { Streams } from '../../streams.ts'
import { scripts, shells, type Shell } from './scripts.ts'

/** What makes a shell complete at every start. */
export interface StartUp {
  readonly path: string
  /** All of the file, which is ours; or lines in a file of the user's. */
  readonly content: { readonly whole: string } | { readonly lines: string }
}

/** The shell that is named, or the one that the environment names. */
export function shellOf(named: Shell | undefined, env: Streams['env']): Shell {
  if (named !== undefined) return named
  const name = /([^/\\]+?)(?:\.exe)?$/.exec(env['SHELL'] ?? '')?.[1] ?? ''
  const known = shells.find(shell => shell === name)
  if (known !== undefined) return known
  if (name === 'pwsh' || (name === '' && env['PSModulePath'] !== undefined)) return 'powershell'
  throw new CanaryError(
    'not-found',
    name === '' ? 'SHELL is not set: name the shell' : `there is no completion for the shell ${name}`,
    { hints: shells.map(shell => `kubectl canary completion --install ${shell}`) },
  )
}

/** Which file a shell reads at its start, and what is put there. */
export async function startUpOf(shell: Shell, env: Streams['env']): Promise<StartUp> {
  if (shell === 'powershell')
    return { path: await powershellProfile(env), content: { lines: lines.powershell } }
  const home = env['HOME'] ?? env['USERPROFILE']
  if (home === undefined || home === '')
    throw new CanaryError('failed', 'HOME is not set, so the start-up files of the shell cannot be found')
  if (shell === 'fish')
    return {
      path: join(env['XDG_CONFIG_HOME'] || join(home, '.config'), 'fish/completions/kubectl-canary.fish'),
      content: { whole: scripts.fish },
    }
  if (shell === 'zsh') return { path: join(env['ZDOTDIR'] || home, '.zshrc'), content: { lines: lines.zsh } }
  // Terminals of macOS start login shells, which read only this one where it is there.
  const [usual, login] = [join(home, '.bashrc'), join(home, '.bash_profile')]
  return { path: !existsSync(usual) && existsSync(login) ? login : usual, content: { lines: lines.bash } }
}

/** Nothing happens where the program was removed. zsh completes only after compinit, which frameworks call themselves. */
const lines = {
  bash: `if command -v kubectl-canary >/dev/null; then source <(kubectl-canary completion bash); fi`,
  zsh: `if (( $+commands[kubectl-canary] )); then
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  source <(kubectl-canary completion zsh)
fi`,
  powershell: `if (Get-Command kubectl-canary -ErrorAction SilentlyContinue) { kubectl-canary completion powershell | Out-String | Invoke-Expression }`,
} as const

/** PowerShell alone knows where its profile is: folders of Windows can be elsewhere. */
async function powershellProfile(env: Streams['env']): Promise<string> {
  for (const program of ['pwsh', 'powershell']) {
    const path = await new Promise<string | undefined>(resolve => {
      const words = ['-NoProfile', '-NonInteractive', '-Command', '$PROFILE.CurrentUserAllHosts']
      execFile(program, words, { env, timeout: 30_000 }, (error, stdout) =>
        resolve(error === null ? stdout.trim() : undefined),
      )
    })
    if (path !== undefined && path !== '') return path
  }
  throw new CanaryError(
    'not-found',
    'there is no PowerShell on the PATH: neither pwsh nor powershell tells where its profile is',
    {
      hints: [
        'Put this into your profile yourself: kubectl-canary completion powershell | Out-String | Invoke-Expression',
      ],
    },
  )
}
