import type { Command } from 'commander'
import { plainGrammar, withGrammar } from '../../flags/grammar.ts'
import type { Session } from '../../session.ts'

export const demoFolderName = 'canary-demo'

const examples = `
Examples:
  kubectl canary demo
  kubectl canary demo --dir /tmp/canary`

/** `demo`: a walk through the main job, on a folder of manifests that it makes. */
export function demo(program: Command, session: Session): void {
  withGrammar(program.command('demo'), plainGrammar({ hasData: false }))
    .summary('walk through a canary, step by step')
    .description(
      'Walks through a canary on a folder of manifests that it makes: a cohort, weights, mistakes, promotion and abort. At a terminal it waits before each step, and u takes the last one back. No cluster is contacted.',
    )
    .option('--dir <folder>', `the folder to make (default: ${demoFolderName})`)
    .addHelpText('after', examples)
    .action(async ({ dir = demoFolderName }: { readonly dir?: string }) => {
      const { runDemo } = await import('./run-demo.ts')
      await runDemo(session, dir)
    })
}
