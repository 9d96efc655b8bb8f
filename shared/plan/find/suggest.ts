import { closest } from '../../objects/text/closest.ts'
import type { Target } from '../intent.ts'

/**
 * ` Did you mean catalog?` where one of the names is closer than all others to what was said, else nothing.
 */
export function suggest(said: string, names: readonly string[]): string {
  const name = closest(said, names)
  return name === undefined ? '' : ` Did you mean ${name}?`
}

/**
 * What was meant if a word of the command was understood as the name of a Service, as hints with the whole command:
 * the Service that a later word names, or the Services that have a version of that name. None if nothing has it.
 */
export function misplacedHints<S extends Named>(
  { command }: Pick<Target, 'command'>,
  said: string,
  { services, versionsOf }: There<S>,
): readonly string[] {
  const words = command.split(' ')
  const place = words.indexOf(said)
  if (place === -1) return []
  const names = services.map(({ service }) => service.name)
  const other = words.findIndex(
    (word, i) => i > 0 && i !== place && !words[i - 1]!.startsWith('-') && names.includes(word),
  )
  const name = words[other]
  if (name !== undefined) {
    const swapped = words.with(place, name).with(other, said).join(' ')
    return [`${name} is a Service. Did you mean: kubectl canary ${swapped}`]
  }
  return services
    .filter(each => versionsOf(each).some(version => version.name === said))
    .slice(0, 3)
    .map(({ service }) => {
      const right = words.with(place, service.name).join(' ')
      return `${said} is a version of ${service.name}. Did you mean: kubectl canary ${right}`
    })
}

interface Named {
  readonly service: { readonly name: string }
}

interface There<S extends Named> {
  readonly services: readonly S[]
  readonly versionsOf: (found: S) => readonly { readonly name: string }[]
}
