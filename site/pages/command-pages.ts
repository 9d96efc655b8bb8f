import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describedCommands, exitCodeLines, sharedFlagLines } from '../../test/build/texts/commands-text.ts'
import { cell, type SitePage } from './site-page.ts'

const source = 'docs/commands.md'

/** The pages that say more of a command than its flags. */
const guides: Readonly<Record<string, string>> = {
  cohort: 'providers.md',
  init: 'doctor.md',
  list: 'status.md',
  pause: 'run.md',
  resume: 'run.md',
  retry: 'controllers.md',
  rules: 'rules.md',
  undo: 'history.md',
  wait: 'run.md',
  weight: 'providers.md',
}

/** A page for each command, and one that lists them. */
export function commandPages(root: string): readonly SitePage[] {
  const commands = describedCommands()
  return [
    {
      path: 'commands/index',
      source,
      text: [
        '# Commands',
        '',
        '| command | |',
        '|---|---|',
        ...commands.map(({ name, summary }) => `| [${name}](/commands/${name}) | ${cell(summary)} |`),
        '',
        ...sharedFlagLines(),
        '',
        ...exitCodeLines(),
        '',
      ].join('\n'),
    },
    ...commands.map(({ name, linesAt }) => ({
      path: `commands/${name}`,
      source,
      text: [
        ...linesAt({ depth: 1, parts: true }),
        'The [shared flags](/commands/#shared-flags) choose the cluster, and more.',
        ...guideLine(root, name),
        '',
        ...exitCodeLines(name),
        '',
      ].join('\n'),
    })),
  ]
}

function guideLine(root: string, name: string): readonly string[] {
  const guide = guides[name] ?? `${name}.md`
  return existsSync(join(root, 'docs', guide)) ? [`Read more in [the guide](${guide}).`] : []
}
