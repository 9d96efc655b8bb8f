import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openStore } from '../../plugin/open-store.ts'
import { runCommand, words, type Ended, type World } from './run-command.ts'

/** A copy of an example in a temporary folder, with the program to run on it; gone when it is disposed of. */
export class ManifestsFolder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'canary-plugin-'))

  constructor(example?: string) {
    if (example !== undefined)
      cpSync(join(import.meta.dirname, '../../examples', example), this.path, { recursive: true })
  }

  /** Runs a command with `-f` on the folder; for words that hold no blanks. */
  run(line: string, world: World = {}): Promise<Ended> {
    return this.runWords(words(line), world)
  }

  runWords(argv: readonly string[], world: World = {}): Promise<Ended> {
    return runCommand([...argv, '-f', this.path], { store: openStore, ...world })
  }

  /** Every file's text by its name. */
  texts(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      readdirSync(this.path).map(name => [name, readFileSync(join(this.path, name), 'utf8')]),
    )
  }

  write(name: string, text: string | Uint8Array): void {
    writeFileSync(join(this.path, name), text)
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
