import type { Command, Option } from 'commander'
import type { Names } from './names.ts'
import { shells } from './scripts.ts'

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

/** Everything that could stand where the cursor is, of what begins as it was begun. */
export async function candidatesFor(program: Command, typed: Typed): Promise<Candidates> {
  const { current, last, words } = typed
  const command = program.commands.find(known => known.name() === words.operands[0])
  const { operands = [] } = command?.parseOptions([...words.operands.slice(1), ...words.unknown]) ?? {}
  const service: string | undefined = command?.opts()['service']
  const options = [...(command?.options ?? []), ...program.options]
  const flag = options.find(
    option => option.required && last !== undefined && [option.long, option.short].includes(last),
  )
  if (flag !== undefined) return beginningWith(current, await flagValues(flag, typed, service))
  const equals = current.indexOf('=')
  if (current.startsWith('--') && equals > 0) {
    const option = options.find(({ long }) => long === current.slice(0, equals))
    return option === undefined
      ? { items: [] }
      : prefixed(
          current.slice(0, equals + 1),
          beginningWith(current.slice(equals + 1), await flagValues(option, typed, service)),
        )
  }
  if (current.startsWith('-'))
    return beginningWith(current, {
      items: options.flatMap(({ long, description }) =>
        long === undefined ? [] : { value: long, about: description },
      ),
    })
  if (command === undefined && words.operands.length > 0 && words.operands[0] !== 'help') return { items: [] }
  if (command === undefined)
    return beginningWith(current, {
      items: program.commands.map(known => ({ value: known.name(), about: known.summary() })),
    })
  if (operands.length > 0 && !repeats.has(command.name())) return { items: [] }
  return beginningWith(current, (await afterCommand[command.name()]?.(typed, service)) ?? { items: [] })
}

const flagValues = async ({ long }: Option, typed: Typed, service: string | undefined): Promise<Candidates> =>
  (await afterFlag[long ?? '']?.(typed, service)) ?? { items: [] }

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
