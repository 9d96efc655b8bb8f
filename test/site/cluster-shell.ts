import { setTimeout as sleep } from 'node:timers/promises'
import { printedByPlugin, TutorialShell, type Printed } from '../build/texts/tutorial-shell.ts'
import type { Cluster } from '../cluster/cluster.ts'

const hour = 3_600_000
const days = 24 * hour

/** The time at which a tutorial on a cluster is said to be played: what the plugin prints has dates. */
const shownNow = Date.parse('2026-08-01T12:00:00Z')

/** kubectl besides its plugin, on a cluster; what differs from one time to the next is shown as if it did not. */
export class ClusterShell extends TutorialShell {
  readonly #cluster: Cluster
  /** Some days ahead and standing still: whatever the API server has made is three days old. */
  readonly #now = new Date(Date.now() + 3 * days + hour)

  constructor(cluster: Cluster) {
    super()
    this.#cluster = cluster
  }

  protected override async printedBy([program = '', ...words]: readonly string[]): Promise<Printed> {
    if (program !== 'kubectl') return super.printedBy([program, ...words])
    const { code, text } =
      words[0] === 'canary'
        ? await this.#printedByPlugin(words.slice(1))
        : await this.#printedByKubectl(words)
    return { code, text: this.#steady(text) }
  }

  #printedByPlugin(words: readonly string[]): Promise<Printed> {
    const { kubeconfig, folder } = this.#cluster
    return printedByPlugin(words, {
      env: { KUBECONFIG: kubeconfig, HOME: folder },
      clock: { now: () => this.#now, wait: milliseconds => sleep(Math.min(milliseconds, 50)) },
    })
  }

  async #printedByKubectl(words: readonly string[]): Promise<Printed> {
    const { code, stdout, stderr } = await this.#cluster.kubectl(words, { cwd: process.cwd() })
    return { code, text: stdout + stderr }
  }

  /** Dates as they would be at the time that is shown; without the lines that say that something takes its time. */
  #steady(text: string): string {
    return text
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, date =>
        new Date(shownNow + Math.round((Date.parse(date) - this.#now.getTime()) / 1000) * 1000)
          .toISOString()
          .replace('.000Z', 'Z'),
      )
      .replaceAll(/^Waiting for .*\n/gm, '')
  }
}
