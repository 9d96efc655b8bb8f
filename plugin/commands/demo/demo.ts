import { Option, type Command } from 'commander'
import { CanaryError } from '../../../shared/objects/canary-error.ts'
import { plainGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'
import type { DemoPlace } from './demo-place.ts'
import { anyFile, completed } from '../../flags/completed.ts'

export const demoFolderName = 'canary-demo'

const examples = `
Examples:
  kubectl canary demo                        on a folder of manifests
  kubectl canary demo --dir /tmp/canary
  kubectl canary demo --live                 on your cluster, in the namespace canary-demo
  kubectl canary demo --clean                remove that namespace`

/** What may be typed after `demo`. */
interface DemoFlags {
  readonly dir?: string
  readonly live?: true
  readonly image?: string
  readonly clean?: true
}

/** `demo`: a walk through the main job, on a folder of manifests or in a namespace that it makes. */
export function demo(program: Command, session: Session): void {
  withGrammar(program.command('demo'), {
    ...plainGrammar({ hasData: false }),
    flags: ['--ready-timeout'],
  })
    .summary('walk through a canary, step by step')
    .description(
      'Walks through a canary: a cohort, weights, mistakes, promotion and abort. At a terminal it waits before each step, and u takes the last one back. It makes a folder of manifests and works on them. With --live it makes a namespace (canary-demo, or that of -n) on your cluster and works there; no object outside that namespace is changed, and the Gateway in it selects no pods.',
    )
    .addOption(
      completed(new Option('--dir <folder>', `the folder to make (default: ${demoFolderName})`), anyFile),
    )
    .option(
      '--live',
      'on the cluster of your kubeconfig, in a namespace that it makes: canary-demo, or that of -n',
    )
    .option(
      '--image <image>',
      'with --live: what the pods run, for a cluster that cannot pull registry.k8s.io/pause',
    )
    .option('--clean', 'remove the namespace that --live made')
    .addHelpText('after', examples)
    .action(async (flags: DemoFlags) => {
      checkTogether(flags, session)
      const { questions } = await import('./ask.ts')
      const ask = questions(session)
      if (flags.clean === true) return (await import('./live/clean-demo.ts')).cleanDemo(session)
      const place =
        flags.live === true
          ? await (await import('./live/live-place.ts')).livePlace(session, { image: flags.image, ask })
          : await folderPlace(session, flags.dir ?? demoFolderName)
      if (place !== undefined) await (await import('./run-demo.ts')).runDemo(session, place, ask)
    })
}

async function folderPlace(session: Session, dir: string): Promise<DemoPlace> {
  const [{ DemoFolder }, { offerLive }] = await Promise.all([
    import('./demo-folder.ts'),
    import('./live/offer.ts'),
  ])
  return DemoFolder.make(dir, offerLive(session))
}

/** Throws `usage` for flags of which one is about files and the other about a cluster. */
function checkTogether(flags: DemoFlags, { flags: { namespace } }: Session): void {
  const { dir, live = false, image, clean = false } = flags
  const leaveOut = 'Leave one of them out.'
  if (live && clean)
    throw refusal('--live cannot be used with --clean', 'Remove the namespace first, then start again.')
  if (live && dir !== undefined) throw refusal('--dir cannot be used with --live', leaveOut)
  if (clean && dir !== undefined) throw refusal('--dir cannot be used with --clean', leaveOut)
  if (!live) checkWithoutLive({ image, namespace: clean ? undefined : namespace })
}

function checkWithoutLive(typed: {
  readonly image: string | undefined
  readonly namespace: string | undefined
}): void {
  const addOrLeave = 'Add --live, or leave it out.'
  if (typed.image !== undefined) throw refusal('--image needs --live', addOrLeave)
  if (typed.namespace !== undefined)
    throw refusal('-n needs --live: the files have a namespace of their own', addOrLeave)
}

const refusal = (message: string, hint: string): CanaryError =>
  new CanaryError('usage', message, { hints: [hint] })
