import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { shellWord } from '../../../shared/objects/text/kubectl-commands.ts'
import { demoManifests } from './demo-manifests.ts'
import type { Slip } from './demo-steps.ts'

/** The texts of the files of the demo at some time. */
export type DemoTexts = ReadonlyMap<string, string>

/** The manifests of the demo in a folder of their own. */
export class DemoFolder {
  readonly path: string

  private constructor(path: string) {
    this.path = path
  }

  /** Throws where the folder has something in it, or cannot be written. */
  static async make(path: string): Promise<DemoFolder> {
    const folder = new DemoFolder(path)
    try {
      await mkdir(path, { recursive: true })
      if ((await readdir(path)).length > 0)
        throw new CanaryError('refused', `the folder ${path} is not empty`, {
          hints: [
            `Remove it (rm -r ${shellWord(path)}), or name another one: kubectl canary demo --dir FOLDER.`,
          ],
        })
      await folder.write(new Map(Object.entries(demoManifests)))
      return folder
    } catch (error) {
      if (error instanceof CanaryError) throw error
      throw new CanaryError('unwritable', `the folder ${path} cannot be made: ${(error as Error).message}`, {
        hints: ['Name another one: kubectl canary demo --dir FOLDER.'],
        cause: error,
      })
    }
  }

  async read(): Promise<DemoTexts> {
    const texts = Object.keys(demoManifests).map(
      async name => [name, await readFile(join(this.path, name), 'utf8')] as const,
    )
    return new Map(await Promise.all(texts))
  }

  async write(texts: DemoTexts): Promise<void> {
    await Promise.all([...texts].map(([name, text]) => writeFile(join(this.path, name), text)))
  }

  /** Makes the slip in its file; false where the file does not have the text any more. */
  async slip({ file, from, to }: Slip): Promise<boolean> {
    const before = (await this.read()).get(file)!
    await this.write(new Map([[file, before.replaceAll(from, to)]]))
    return before.includes(from)
  }
}
