import type { Unfilled } from '../../view/sources.ts'

/** What texts with placeholders may become. */
export interface Patterns {
  /** Whether a text has a placeholder. */
  isOpen(text: string): boolean
  /** Whether two texts may be equal once their placeholders are filled in; two equal ones always are. */
  couldBeEqual(one: string, other: string): boolean
}

/** The patterns by the placeholders of a reading. */
export function patternsOf(unfilled: readonly Unfilled[]): Patterns {
  const texts = new Set(unfilled.flatMap(({ placeholders }) => placeholders.flatMap(one => one.texts)))
  // The longer first, because `$A` is the beginning of `$AB`.
  const all = [...texts].sort((a, b) => b.length - a.length).map(escape)
  const form = new RegExp(all.length === 0 ? '(?!)' : all.join('|'), 'g')
  const patternOf = (text: string): RegExp => new RegExp(`^${text.split(form).map(escape).join('.*')}$`, 's')
  return {
    isOpen: text => text.search(form) >= 0,
    couldBeEqual: (one, other) => one === other || patternOf(one).test(other) || patternOf(other).test(one),
  }
}

const escape = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
