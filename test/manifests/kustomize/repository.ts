import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { openStore } from '../../../plugin/open-store.ts'
import { runCommand, words, type Ended } from '../../plugin/run-command.ts'

/** A copy of the case of a base with an overlay, and files beside; gone when it is disposed of. */
export class Repository implements Disposable {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), 'canary-kustomize-')))
  readonly #env: Readonly<Record<string, string>>
  constructor(files: Readonly<Record<string, string>> = {}, env = { PATH: process.env['PATH'] ?? '' }) {
    this.#env = env
    cpSync(join(import.meta.dirname, '../../fixtures/cases/kustomize-patches'), this.path, {
      recursive: true,
    })
    for (const [name, text] of Object.entries(files)) this.write(name, text)
  }
  write(name: string, text: string): void {
    mkdirSync(dirname(join(this.path, name)), { recursive: true })
    writeFileSync(join(this.path, name), text)
  }
  text(name: string): string {
    return readFileSync(join(this.path, name), 'utf8')
  }
  /** Runs a command; `@` in front of a word is the repository. */
  async run(line: string): Promise<Ended> {
    const argv = words(line).map(word => (word.startsWith('@') ? join(this.path, word.slice(1)) : word))
    const { code, stdout, stderr } = await runCommand(argv, { store: openStore, env: this.#env })
    // Files are named relative to the current folder where that is short.
    const short = (text: string): string =>
      text.replaceAll(new RegExp(`[^\\s,:"]*${basename(this.path)}/?`, 'g'), '@')
    return { code, stdout: short(stdout), stderr: short(stderr) }
  }
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

/** The text of a kustomization. */
export const kustomization = (text: string) =>
  `apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n${text}`
