import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { shellWord } from '../../../shared/objects/text/kubectl-commands.ts'
import type { OfferLive } from './live/offer.ts'
import { demoManifests } from './demo-manifests.ts'
import type { DemoPlace } from './demo-place.ts'
import { demoSteps, type Slip } from './demo-steps.ts'

/** The texts of the files of the demo at some time. */
type DemoTexts = ReadonlyMap<string, string>

/** The manifests of the demo in a folder of their own. */
export class DemoFolder implements DemoPlace {
  readonly path: string
  readonly steps = demoSteps('istioinaction')
  readonly begin: string
  readonly words: readonly string[]
  readonly shown: string
  readonly #offer: OfferLive

  private constructor(path: string, offer: OfferLive) {
    this.path = path
    this.words = ['-f', path]
    this.shown = ` -f ${shellWord(path)}`
    this.begin = `The folder ${path} has the manifests of a catalog and its versions v1 and v2.`
    this.#offer = offer
  }

  /** Throws where the folder has something in it, or cannot be written. */
  static async make(path: string, offer: OfferLive): Promise<DemoFolder> {
    const folder = new DemoFolder(path, offer)
    try {
      await mkdir(path, { recursive: true })
      const found = await readdir(path)
      if (found.length > 0) throw notEmpty(path, found)
      await folder.#write(new Map(Object.entries(demoManifests)))
      return folder
    } catch (error) {
      if (error instanceof CanaryError) throw error
      throw new CanaryError('unwritable', `the folder ${path} cannot be made: ${(error as Error).message}`, {
        hints: ['Name another one: kubectl canary demo --dir FOLDER.'],
        cause: error,
      })
    }
  }

  async #read(): Promise<DemoTexts> {
    const texts = Object.keys(demoManifests).map(
      async name => [name, await readFile(join(this.path, name), 'utf8')] as const,
    )
    return new Map(await Promise.all(texts))
  }

  async #write(texts: DemoTexts): Promise<void> {
    await Promise.all([...texts].map(([name, text]) => writeFile(join(this.path, name), text)))
  }

  slipCommand({ file, from, to }: Slip): Promise<string> {
    const [wrong, path] = [`s/weight: ${from}/weight: ${to}/`, `${this.path}/${file}`]
    return Promise.resolve(`sed -i ${shellWord(wrong)} ${shellWord(path)}`)
  }

  async slip({ file, from, to }: Slip): Promise<string | undefined> {
    const before = (await this.#read()).get(file)!
    await this.#write(new Map([[file, before.replaceAll(`weight: ${from}`, `weight: ${to}`)]]))
    return before.includes(`weight: ${from}`)
      ? undefined
      : `${file} has no "weight: ${from}" any more: it is unchanged`
  }

  async remember(): Promise<() => Promise<string>> {
    const texts = await this.#read()
    return async () => {
      await this.#write(texts)
      return 'the files are as before it'
    }
  }

  async end(): Promise<string> {
    return [
      `The files are in ${this.path}: edit them, and try other commands with -f ${shellWord(this.path)}.`,
      `Remove them with rm -r ${shellWord(this.path)}.`,
      await this.#offer(),
      'On your cluster, kubectl canary list -A shows what there is, and kubectl canary doctor what a canary lacks. Both change nothing.',
    ].join('\n')
  }
}

/** Nobody is told to remove files that are not of an earlier demo. */
function notEmpty(path: string, found: readonly string[]): CanaryError {
  const isDemos = found.every(name => Object.hasOwn(demoManifests, name))
  const another = 'ame another one: kubectl canary demo --dir FOLDER.'
  return new CanaryError('refused', `the folder ${path} is not empty`, {
    hints: [isDemos ? `Remove it (rm -r ${shellWord(path)}), or n${another}` : `N${another}`],
  })
}
