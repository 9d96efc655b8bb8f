import type { Command } from 'commander'
import { quotedWords } from '../../shared/objects/text/kubectl-commands.ts'

/** What must be known of the flags to read a command line as kubectl (pflag) does. */
export interface FlagShapes {
  /** `--watch`: may be written `--watch=false`. */
  readonly booleans: ReadonlySet<string>
  /** `-n`: takes a value, and may be written `-n=shop`. */
  readonly shortWithValue: ReadonlySet<string>
  /** Whether a flag like `--reason` takes the next word, whatever that is. */
  readonly takesNext: (flag: string) => boolean
}

/**
 * The value of `--dry-run` without one: kubectl's own placeholder, so that the word after it is never treated as
 * the value.
 */
export const bareDryRun = 'unchanged'

/**
 * The command line with kubectl's spellings brought into one form: `-n=shop` is `-n shop`, `-wo json` is `-w -o json`,
 * `--watch=true` is `--watch`, `--watch=false` is nothing, and `--dry-run` never takes the next word. What follows `--`
 * is left as it is.
 */
export function normalizeArgv(argv: readonly string[], shapes: FlagShapes): string[] {
  const { booleans } = shapes
  const end = argv.indexOf('--')
  const [flags, rest] = end < 0 ? [argv, []] : [argv.slice(0, end), argv.slice(end)]
  return [
    ...flags.flatMap((word, i) => {
      if (word === '--dry-run') return [`--dry-run=${bareDryRun}`]
      if (!word.startsWith('-')) return [word]
      if (several.test(word) && booleans.has(word.slice(0, 2)) && !shapes.takesNext(flags[i - 1] ?? ''))
        return normalizeArgv([word.slice(0, 2), `-${word.slice(2)}`], shapes)
      return spelledOut(word, shapes)
    }),
    ...rest,
  ]
}

/** A flag and its value as two words, and a flag that is on as one. */
function spelledOut(word: string, { booleans, shortWithValue }: FlagShapes): readonly string[] {
  const equals = word.indexOf('=')
  if (equals < 0) return [word]
  const name = word.slice(0, equals)
  const value = word.slice(equals + 1)
  if (booleans.has(name) && isTrue.has(value)) return [name]
  if (booleans.has(name) && isFalse.has(value)) return []
  return shortWithValue.has(name) ? [name, value] : [word]
}

/** A command's own `-w` and the `-o` of all commands are of two parsers, so that no one parser knows `-wo`. */
const several = /^-[A-Za-z]{2}/

/** Go's strconv.ParseBool. */
const isTrue: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const isFalse: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

/** The places of the words that are no flags and no values of flags. */
export function operandPlaces(argv: readonly string[], program: Command): readonly number[] {
  const options = [program, ...program.commands].flatMap(command => command.options)
  const taking = new Set(
    options
      .filter(({ required, long }) => required && long !== '--dry-run')
      .flatMap(({ long, short }) => [long, short])
      .filter(flag => flag !== undefined),
  )
  const end = argv.indexOf('--')
  return argv.flatMap((word, i) => {
    if (end >= 0 && i >= end) return i === end ? [] : [i]
    return isFlag(word) || taking.has(argv[i - 1] ?? '') ? [] : [i]
  })
}

/** `-` alone is a word: standard input. */
const isFlag = (word: string): boolean => word.startsWith('-') && word !== '-'

/** The command as it was typed, for hints. */
export interface CommandLine {
  readonly command: string
  /** Where in the text a Service by position goes; left out for a command without one. */
  readonly serviceAt?: number
}

/** The command line as text; the Service goes after the verb and `after` more of its words. */
export function commandLineOf(
  argv: readonly string[],
  program: Command,
  after: number | undefined,
): CommandLine {
  const command = quotedWords(argv)
  const place = after === undefined ? undefined : operandPlaces(argv, program)[after]
  return place === undefined
    ? { command }
    : { command, serviceAt: quotedWords(argv.slice(0, place + 1)).length }
}

/** The flags as they were typed, with their values, and no other words. */
export function flagWordsOf(argv: readonly string[], program: Command): readonly string[] {
  const operands = new Set(operandPlaces(argv, program))
  return argv.filter((word, i) => word !== '--' && !operands.has(i))
}

/** The flags that name the files that are worked on, as they can be typed again; empty on a cluster. */
export const fileWordsOf = ({
  files,
  kustomization,
}: {
  readonly files: readonly string[]
  readonly kustomization?: string | undefined
}): string =>
  quotedWords([
    ...files.flatMap(file => ['-f', file]),
    ...(kustomization === undefined ? [] : ['-k', kustomization]),
  ])

/** What the program's commands say about their flags. */
export function flagShapesOf(program: Command): FlagShapes {
  const options = [program, ...program.commands].flatMap(command => command.options)
  return {
    booleans: new Set(
      options
        .filter(option => option.isBoolean())
        .flatMap(({ long, short }) => [long, short])
        .filter(flag => flag !== undefined),
    ),
    shortWithValue: new Set(options.filter(option => option.required).flatMap(({ short }) => short ?? [])),
    takesNext: flag =>
      options.some(
        ({ required, long, short }) => required && flag !== '--dry-run' && (flag === long || flag === short),
      ),
  }
}
