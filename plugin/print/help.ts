import type { Command, Help } from 'commander'

/**
 * The flags that the help of each command repeats; those that choose a cluster are kubectl's own, and only the
 * overview lists them.
 */
const shared: ReadonlySet<string> = new Set([
  '--filename',
  '--namespace',
  '--output',
  '--dry-run',
  '--cluster-domain',
  '--root-namespace',
  '--default-export-to',
])

/**
 * A command's help in the order in which people read it: what it does, its commands, its own flags, the shared
 * flags.
 */
export function formatHelp(command: Command, helper: Help): string {
  const width = Math.max(helper.helpWidth ?? 80, 60)
  const sections = command.parent === null ? overview(command, helper) : details(command, helper)
  const lines = sections
    .filter(({ items }) => items.length > 0)
    .flatMap(({ heading, items }) => {
      const termWidth = Math.max(...items.map(([term]) => term.length).filter(length => length <= 30), 10)
      return [
        '',
        heading,
        ...items.map(([term, description]) => formatItem(term, description, { termWidth, width })),
      ]
    })
  return [
    `Usage: ${usageOf(command, helper)}`,
    '',
    wrap(command.description(), width).join('\n'),
    ...lines,
    '',
  ].join('\n')
}

/** As kubectl writes it: the flags last. */
function usageOf(command: Command, helper: Help): string {
  const usage = helper.commandUsage(command)
  return usage.includes(' [options]') ? `${usage.replace(' [options]', '')} [flags]` : usage
}

interface Section {
  readonly heading: string
  readonly items: readonly (readonly [term: string, description: string])[]
}

function overview(program: Command, helper: Help): readonly Section[] {
  const commands = Map.groupBy(helper.visibleCommands(program), command => command.helpGroup())
  const options = Map.groupBy(helper.visibleOptions(program), option => option.helpGroupHeading ?? 'Flags:')
  return [
    ...[...commands].map(([heading, members]) => ({
      heading: heading === '' ? 'Help:' : heading,
      items: members.map(member => [member.name(), member.summary() || member.description()] as const),
    })),
    ...[...options].map(([heading, members]) => ({
      heading,
      items: members.map(({ flags, description }) => [flags, description] as const),
    })),
  ]
}

function details(command: Command, helper: Help): readonly Section[] {
  const options = (command.parent?.options ?? []).filter(({ long }) => shared.has(long ?? ''))
  return [
    {
      heading: 'Arguments:',
      items: helper
        .visibleArguments(command)
        .map(argument => [helper.argumentTerm(argument), argument.description]),
    },
    {
      heading: 'Commands:',
      items: helper
        .visibleCommands(command)
        .filter(({ parent }) => parent === command)
        .map(member => [helper.subcommandTerm(member), member.summary() || member.description()]),
    },
    {
      heading: 'Flags:',
      items: helper.visibleOptions(command).map(({ flags, description }) => [flags, description]),
    },
    {
      heading: 'Shared flags (kubectl canary --help lists all):',
      items: options.map(({ flags, description }) => [flags, description]),
    },
  ]
}

function formatItem(
  term: string,
  description: string,
  { termWidth, width }: { readonly termWidth: number; readonly width: number },
): string {
  const gap = `\n${' '.repeat(termWidth + 5)}`
  const text = wrap(description, Math.max(width - termWidth - 5, 30)).join(gap)
  return term.length <= termWidth ? `  ${term.padEnd(termWidth)}   ${text}` : `  ${term}${gap}${text}`
}

/** Words in lines of at most the width. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last === undefined || last.length + word.length + 1 > width) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines
}
