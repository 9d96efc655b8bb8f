import { CanaryError } from '../../../../shared/objects/canary-error.ts'
import { contentOf } from '../../../../shared/objects/content/content.ts'
import { isEqual } from '../../../../shared/objects/content/equal.ts'
import type { KubeObject } from '../../../../shared/objects/kube-object.ts'
import { patchCommand } from '../../../../shared/objects/text/kubectl-commands.ts'
import { paintOf } from '../../../print/colour.ts'
import type { Session } from '../../../session.ts'
import { wantsColour } from '../../../streams.ts'
import type { AskPerson } from '../ask.ts'
import type { DemoPlace } from '../demo-place.ts'
import { liveSteps, type Slip } from '../demo-steps.ts'
import { connectionWords } from './connection-words.ts'
import { idleImage } from './demo-objects.ts'
import { liveDemo, nameOfCluster, type LiveDemo } from './demo-namespace.ts'
import { makeDemo, requireFree, requireIstio } from './make-demo.ts'
import { routesOf, setBack, type Routes } from './routes.ts'
import { slipPatch } from './slip-patch.ts'
import { waitForPods } from './pods.ts'

interface LiveOptions {
  readonly image: string | undefined
  readonly ask: AskPerson
}

/** Makes the demo's namespace on the cluster, and waits until its pods are ready; undefined where a person says no. */
export async function livePlace(
  session: Session,
  { image = idleImage, ask }: LiveOptions,
): Promise<DemoPlace | undefined> {
  const demo = await liveDemo(session)
  const { namespace, cluster, clean } = demo
  await requireFree(demo)
  await requireIstio(demo)
  session.say(
    `This makes the namespace ${namespace} on the cluster ${nameOfCluster(cluster)}, with two Services, three Deployments of one pod each (${image}) and Istio's routes to them. It changes nothing outside of it.`,
  )
  if ((await ask('make it', false)) === 'quit') return undefined
  await makeDemo(demo, image)
  try {
    await waitForPods(session, demo)
  } catch (error) {
    if (!(error instanceof CanaryError)) session.note(`Namespace ${namespace} is there. Remove it: ${clean}`)
    throw error
  }
  return new LivePlace(session, demo)
}

class LivePlace implements DemoPlace {
  readonly steps
  readonly begin: string
  readonly words: readonly string[]
  readonly shown: string
  readonly #session: Session
  readonly #demo: LiveDemo

  constructor(session: Session, demo: LiveDemo) {
    const { namespace, cluster } = demo
    this.#session = session
    this.#demo = demo
    this.steps = liveSteps(namespace)
    this.words = ['-n', namespace, ...connectionWords(session.flags)]
    this.shown = ` -n ${namespace}${cluster.flags}`
    this.begin = `The namespace ${namespace} has a catalog in two versions, v1 and v2; a pod of each is ready.`
  }

  async slipCommand(slip: Slip): Promise<string> {
    const { object, operations } = await this.#wrong(slip)
    const { namespace } = this.#demo
    return `${patchCommand({ kind: 'VirtualService', namespace, name: slip.virtualService }, 'json', object === undefined ? [] : operations)}${this.#demo.cluster.flags}`
  }

  async slip(slip: Slip): Promise<string | undefined> {
    const { object, operations } = await this.#wrong(slip)
    if (object === undefined || operations.length === 0)
      return `VirtualService ${slip.virtualService} has no weight ${slip.from} any more: it is unchanged`
    try {
      await this.#demo.store.apply(
        [{ before: object, after: object, patch: { type: 'json', body: operations } }],
        { dryRun: 'none' },
      )
      return undefined
    } catch (error) {
      if (error instanceof CanaryError && error.code === 'rejected')
        return `this cluster denies the mistake, so there is nothing for lint to find: ${error.message}`
      throw error
    }
  }

  async #wrong({ virtualService, from, to }: Slip) {
    const object = (await routesOf(this.#demo)).objects.find(
      ({ kind, metadata }) => kind === 'VirtualService' && metadata.name === virtualService,
    )
    return { object, operations: object === undefined ? [] : slipPatch(object, { from, to }) }
  }

  async remember(): Promise<() => Promise<string>> {
    const before = await routesOf(this.#demo)
    return () => this.#back(before)
  }

  /** By `undo`, as a person would; what nobody recorded, as the slip, is written back. */
  async #back(before: Routes): Promise<string> {
    const now = await routesOf(this.#demo)
    if (isSame(before.objects, now.objects)) return 'it changed nothing'
    const made = now.revisions.filter(revision => !before.revisions.includes(revision))
    if (made.length > 0)
      await this.#undo(made.length === 1 ? [] : ['--to-revision', String(before.revisions.at(-1) ?? 0)])
    const then = await routesOf(this.#demo)
    if (isSame(before.objects, then.objects)) return 'the routes are as before it'
    await setBack(this.#demo, before.objects, then.objects)
    return 'the demo wrote the routes back as they were before it'
  }

  async #undo(more: readonly string[]): Promise<void> {
    const { streams } = this.#session
    const { bold } = paintOf(wantsColour(streams.stdout, streams.env))
    const words = ['undo', 'catalog', ...more]
    this.#session.say(bold(`$ kubectl canary ${words.join(' ')}${this.shown}`))
    await this.#session.runAlso([...words, ...this.words])
  }

  end(): Promise<string> {
    const { namespace, clean } = this.#demo
    return Promise.resolve(
      [
        `The namespace ${namespace} is still there: try other commands with${this.shown}, as kubectl canary history${this.shown}.`,
        `Remove it with ${clean}.`,
      ].join('\n'),
    )
  }
}

/** Whether all objects say the same, whatever the server counts. */
function isSame(before: readonly KubeObject[], now: readonly KubeObject[]): boolean {
  return isEqual(before.map(contentOf), now.map(contentOf))
}
