import { CanaryError } from '../../objects/canary-error.ts'
import type { Target } from '../intent.ts'
import { canariesOf, knownVersions } from '../known-versions.ts'
import { servicesIn, type World } from './find-service.ts'
import { firstLines } from './first-ten.ts'

/**
 * Looks for a version that one word names. Where there is none and a Service has that name, the error offers
 * the command with the Service before the version.
 */
export function lookingForVersion<T>(world: World, { target, said }: Asking, look: () => T): T {
  try {
    return look()
  } catch (error) {
    if (!(error instanceof CanaryError) || error.code !== 'not-found' || target.service !== undefined)
      throw error
    // A share such as catalog=10 names a version, whatever else has its name.
    if (!target.command.split(' ').includes(said)) throw error
    const found = servicesIn(world, target.namespace).find(({ service: { name, namespace } }) =>
      [name, `${name}.${namespace}`].includes(said),
    )
    if (found === undefined) throw error
    const [known] = knownVersions(world.view, { ...target, service: said }, world.providers)
    const names = known === undefined ? [] : canariesOf(known)
    throw new CanaryError(
      'not-found',
      `${said} is a Service in namespace ${target.namespace}, not a version`,
      {
        hints:
          names.length === 0
            ? [`Name the version behind it: ${withVersion(target, said, 'VERSION')}`]
            : [
                'Name the version behind it:',
                ...firstLines(names.map(name => `  ${withVersion(target, said, name)}`)),
              ],
        cause: error,
      },
    )
  }
}

interface Asking {
  readonly target: Target
  /** The word that was understood as a version. */
  readonly said: string
}

/** The command with a version behind the word; its other words stay as they were typed. */
function withVersion({ command, serviceAt = 0 }: Target, said: string, version: string): string {
  const words = command.slice(serviceAt).split(' ')
  const place = words.indexOf(said)
  const after = words.toSpliced(place + 1, 0, version)
  return `kubectl canary ${command.slice(0, serviceAt)}${after.join(' ')}`
}
