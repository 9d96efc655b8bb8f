import type { Command, Option } from 'commander'
import type { Names } from './names.ts'
import { shells } from '../commands/completion/scripts.ts'

export interface Candidate {
  readonly value: string
  readonly about?: string | undefined
}
export interface Candidates {
  readonly items: readonly Candidate[]
  /** A file may stand here. */
  readonly files?: boolean
  /** More follows directly (`v2=`): no blank after it. */
  readonly open?: boolean
}

/** The line so far. */
export interface Typed {
  /** The word being typed, maybe empty. */
  readonly current: string
  /** The word before it. */
  readonly last: string | undefined
  readonly words: { readonly operands: readonly string[]; readonly unknown: readonly string[] }
  readonly names: (service: string | undefined) => Promise<Names>
}

type Source = (typed: Typed, service: string | undefined) => Promise<Candidates>

const nameSource =
  (key: keyof Names): Source =>
  async ({ names }, service) => ({ items: valuesOf((await names(service))[key]) })
const fixed =
  (...values: readonly string[]): Source =>
  async () => ({ items: valuesOf(values) })
const valuesOf = (values: readonly string[]): readonly Candidate[] => values.map(value => ({ value }))
const anyFile: Source = async () => ({ items: [], files: true })

/** What may stand after a flag; nothing for the others. */
const afterFlag: Readonly<Record<string, Source>> = {
  '--service': async ({ names }) => ({ items: valuesOf((await names(undefined)).services) }),
  '--to': nameSource('versions'),
  '--stable': nameSource('versions'),
  '--namespace': nameSource('namespaces'),
  '--output': fixed('json', 'name', 'wide', 'yaml'),
  '--dry-run': fixed('client', 'none', 'server'),
  '--filename': anyFile,
  '--kubeconfig': anyFile,
  '--certificate-authority': anyFile,
  '--client-certificate': anyFile,
  '--client-key': anyFile,
}

/** What may stand as a command's own word. */
const afterCommand: Readonly<Record<string, Source>> = {
  cohort: nameSource('cohorts'),
  promote: nameSource('versions'),
  weight: async (typed, service) => weights(typed.current, (await typed.names(service)).versions),
  completion: fixed(...shells),
  rules: async ({ words: { operands } }) => ({
    items: operands.length === 1 ? [{ value: 'explain' }] : operands.length === 2 ? await ruleIds() : [],
  }),
}

/** Commands that take more than one word. */
const repeats: ReadonlySet<string> = new Set(['weight', 'rules'])

async function ruleIds(): Promise<readonly Candidate[]> {
  const { catalogue } = await import('../../shared/rules/catalogue.ts')
  return [...new Map(catalogue.map(({ id, summary }) => [id, { value: id, about: summary }])).values()]
}

/** Where the cursor is: the command, its own words before the cursor, and the flags that it takes. */
interface Place {
  readonly program: Command
  readonly typed: Typed
  readonly command: Command | undefined
  readonly operands: readonly string[]
  readonly service: string | undefined
  readonly options: readonly Option[]
}

function placeOf(program: Command, typed: Typed): Place {
  const { words } = typed
  const command = program.commands.find(known => known.name() === words.operands[0])
  const { operands = [] } = command?.parseOptions([...words.operands.slice(1), ...words.unknown]) ?? {}
  const service: string | undefined = command?.opts()['service']
  const options = [...(command?.options ?? []), ...program.options]
  return { program, typed, command, operands, service, options }
}

/** Everything that could stand where the cursor is, of what begins as it was begun. */
export async function candidatesFor(program: Command, typed: Typed): Promise<Candidates> {
  const place = placeOf(program, typed)
  return (
    (await afterSeparateFlag(place))
    ?? (await afterEqualsSign(place))
    ?? beginningWith(typed.current, typed.current.startsWith('-') ? flagNames(place) : await ownWords(place))
  )
}

/** The value of a flag that is the word before: `--to `. */
async function afterSeparateFlag({ typed, options, service }: Place): Promise<Candidates | undefined> {
  const { current, last } = typed
  const flag = options.find(
    option => option.required && last !== undefined && [option.long, option.short].includes(last),
  )
  return flag === undefined ? undefined : beginningWith(current, await flagValues(flag, typed, service))
}

/** The value of a flag in the same word: `--to=`. */
async function afterEqualsSign({ typed, options, service }: Place): Promise<Candidates | undefined> {
  const { current } = typed
  const equals = current.indexOf('=')
  if (!current.startsWith('--') || equals < 0) return undefined
  const option = options.find(({ long }) => long === current.slice(0, equals))
  if (option === undefined) return nothing
  const values = await flagValues(option, typed, service)
  return prefixed(current.slice(0, equals + 1), beginningWith(current.slice(equals + 1), values))
}

const nothing: Candidates = { items: [] }

const flagNames = ({ options }: Place): Candidates => ({
  items: options.flatMap(({ long, description }) =>
    long === undefined ? [] : { value: long, about: description },
  ),
})

/** The commands, or what the command takes as its own word. */
async function ownWords({ program, typed, command, operands, service }: Place): Promise<Candidates> {
  const [first] = typed.words.operands
  if (command === undefined && first !== undefined && first !== 'help') return nothing
  if (command === undefined)
    return { items: program.commands.map(known => ({ value: known.name(), about: known.summary() })) }
  if (operands.length > 0 && !repeats.has(command.name())) return nothing
  return (await afterCommand[command.name()]?.(typed, service)) ?? nothing
}

const flagValues = async ({ long }: Option, typed: Typed, service: string | undefined): Promise<Candidates> =>
  (await afterFlag[long ?? '']?.(typed, service)) ?? nothing

const beginningWith = (begun: string, candidates: Candidates): Candidates => ({
  ...candidates,
  items: candidates.items.filter(({ value }) => value.startsWith(begun)),
})

const prefixed = (prefix: string, candidates: Candidates): Candidates => ({
  ...candidates,
  items: candidates.items.map(({ value, about }) => ({ value: prefix + value, about })),
})

/** After `v2=10,` the versions not named yet, each with the sign that the percentage follows. */
function weights(current: string, versions: readonly string[]): Candidates {
  const start = current.slice(0, current.lastIndexOf(',') + 1)
  const named = new Set(start.split(',').map(item => item.split('=')[0]))
  return {
    items: versions.filter(version => !named.has(version)).map(version => ({ value: `${start}${version}=` })),
    open: true,
  }
}
