import type { Command } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'

/**
 * Makes a flag and its opposite in one command an error, as `--sticky --no-sticky`: else the last one would hold,
 * without a word.
 */
export function refuseOpposites(command: Command): void {
  for (const { name: opposite, attribute } of oppositesOf(command)) {
    const typed = new Set<string>()
    for (const flag of [attribute, opposite])
      command.on(`option:${flag}`, () => {
        typed.add(flag)
        if (typed.size === 2)
          throw new CanaryError('usage', `--${attribute} cannot be used with --${opposite}`, {
            hints: ['Leave one of them out.'],
          })
      })
  }
}

const oppositesOf = (command: Command): readonly { readonly name: string; readonly attribute: string }[] =>
  command.options
    .filter(({ negate }) => negate)
    .map(option => ({ name: option.name(), attribute: option.name().slice('no-'.length) }))
    .filter(({ attribute }) => command.options.some(option => !option.negate && option.name() === attribute))
