import type { Command, Option } from 'commander'
import { CanaryError } from '../../shared/objects/canary-error.ts'
import { serviceAlone, type ServicePosition } from '../words/service-words.ts'

/** What every command takes that writes to a cluster. */
export const writeFlags = [
  '--reason',
  '--settle',
  '--ready-timeout',
  '--drain',
  '--history-limit',
  '--emit-patch',
] as const

/** The flags of the program that only some commands take; the others choose a cluster and a namespace there. */
export const sharedFlags = [
  '--filename',
  '--all-namespaces',
  '--selector',
  '--output',
  '--dry-run',
  ...writeFlags,
  '--version',
] as const
export type SharedFlag = (typeof sharedFlags)[number]

/** What a command takes besides its own flags: help, completion and the check of a command line depend on it. */
export interface Grammar {
  /** Where its Service is among its words; left out for a command that is about none. */
  readonly service?: ServicePosition
  /** The formats of `-o`. */
  readonly formats: readonly string[]
  readonly flags: readonly Exclude<SharedFlag, '--output'>[]
  /** It works in a namespace of a mesh, so its help has `-n` and what says how the mesh is set up. */
  readonly namespaced: boolean
}

/** The formats that choose from data with a text behind the equals sign, as kubectl's do. */
export const templates = ['jsonpath=', 'jsonpath-as-json=', 'custom-columns='] as const

/** What an edit takes. */
export const editGrammar = (service: ServicePosition): Grammar => ({
  service,
  formats: ['json', 'yaml', 'name', ...templates],
  flags: ['--filename', '--dry-run', ...writeFlags],
  namespaced: true,
})

/** What an edit takes that works on a cluster alone. */
export const liveEditGrammar = (service: ServicePosition): Grammar => ({
  ...editGrammar(service),
  flags: ['--dry-run', ...writeFlags],
})

/** What a command takes that shows services. */
export const showGrammar: Grammar = {
  service: serviceAlone,
  formats: ['wide', 'json', 'yaml', 'name', ...templates],
  flags: ['--filename', '--all-namespaces', '--selector'],
  namespaced: true,
}

/** What a command takes that shows what is on a cluster alone. */
export const liveShowGrammar: Grammar = { ...showGrammar, flags: ['--all-namespaces'] }

/** What a command takes that is about the program itself. */
export const plainGrammar = ({ hasData }: { readonly hasData: boolean }): Grammar => ({
  formats: hasData ? ['json', 'yaml', ...templates] : [],
  flags: [],
  namespaced: false,
})

const grammars = new WeakMap<Command, Grammar>()

/** Declares what a command takes besides its own flags. */
export function withGrammar(command: Command, grammar: Grammar): Command {
  grammars.set(command, grammar)
  return command
}

/** What a command takes besides its own flags; a command of a command takes what that one does. */
export const grammarOf = (command: Command): Grammar | undefined =>
  grammars.get(command) ?? (command.parent === null ? undefined : grammarOf(command.parent))

/** Whether a command takes an option of the program, so that its help and completion show it. */
export function takes({ flags, formats, namespaced }: Grammar, { long }: Option): boolean {
  if (long === '--output') return formats.length > 0
  if (long === '--namespace' || meshFlags.some(flag => flag === long)) return namespaced
  if (long === '--kustomize') return flags.includes('--filename')
  return !sharedFlags.some(flag => flag === long) || flags.some(flag => flag === long)
}

/** The flags of the program that a command takes and others do not, as its help shows them. */
export function sharedFlagsOf(
  program: Command,
  command: Command,
): readonly { readonly flags: string; readonly description: string }[] {
  const grammar = grammarOf(command)
  return grammar === undefined
    ? []
    : program.options
        .filter(option => shownWithCommands.has(option.long ?? '') && takes(grammar, option))
        .map(({ flags, long, description }) => ({
          flags,
          description: long === '--output' ? formatsText(grammar.formats) : description,
        }))
}

const formatsText = (formats: readonly string[]): string =>
  formats.length === 1 ? formats[0]! : `one of ${formats.join(', ')}`

const meshFlags = ['--cluster-domain', '--root-namespace', '--default-export-to', '--provider']
const shownWithCommands: ReadonlySet<string> = new Set([
  '--namespace',
  '--kustomize',
  ...sharedFlags,
  ...meshFlags,
])

/** The first of these flags of the program that was typed. */
export const typedFlag = (program: Command, flags: readonly SharedFlag[]): string | undefined =>
  flags.find(flag =>
    program.options.some(
      option => option.long === flag && program.getOptionValueSource(option.attributeName()) === 'cli',
    ),
  )

const ofVersionControl =
  'Files have no history of their own: use version control, as with git log and git revert.'
const ofCluster =
  'A run is on a cluster, judged by its metrics: leave it out. To set shares in files: kubectl canary weight.'
/** What files do not have: a history, or a run. */
const notOfFiles = (command: string): string =>
  command === 'undo' || command === 'history' ? ofVersionControl : ofCluster
/** What to do instead of a flag that a command about a Service does not take. */
const insteadOf: Readonly<Record<string, (command: string) => string>> = {
  '--all-namespaces': () => 'Name one namespace: -n NAMESPACE, or the Service as NAME.NAMESPACE.',
  '--filename': notOfFiles,
  '--kustomize': notOfFiles,
  '--dry-run': command =>
    command === 'run'
      ? 'To play its steps without a cluster: --simulate errors=2. To see one edit: kubectl canary weight VERSION=10 --dry-run=client.'
      : 'Leave it out.',
}

/** The verbs that write, and make no dry run. */
const writers: ReadonlySet<string> = new Set(['run', 'demo', 'completion'])

/** Throws `usage` for a flag of the program that was typed and that the command does not take. */
export function checkFlags(program: Command, command: Command): void {
  const grammar = grammarOf(command)
  if (grammar === undefined) return
  const isTyped = (option: Option): boolean => program.getOptionValueSource(option.attributeName()) === 'cli'
  const refused = program.options.find(
    option => option.long !== '--namespace' && isTyped(option) && !takes(grammar, option),
  )
  const flag = refused?.long ?? undefined
  if (flag === undefined) return
  const why = flag === '--dry-run' && !writers.has(command.name()) ? ', which writes nothing' : ''
  throw new CanaryError('usage', `${flag} cannot be used with ${command.name()}${why}`, {
    hints: [
      grammar.service === undefined
        ? 'Leave it out.'
        : (insteadOf[flag]?.(command.name()) ?? 'Leave it out.'),
    ],
  })
}
