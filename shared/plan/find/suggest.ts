import { closest } from '../../objects/text/closest.ts'

/**
 * ` Did you mean catalog?` where one of the names is closer than all others to what was said, else nothing.
 */
export function suggest(said: string, names: readonly string[]): string {
  const name = closest(said, names)
  return name === undefined ? '' : ` Did you mean ${name}?`
}
