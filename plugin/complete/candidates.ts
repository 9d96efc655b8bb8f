import type { Argument, Command, Option } from 'commander'
import { grammarOf, takes } from '../flags/grammar.ts'
import { sourceOf, type Candidates, type NameReader, type Typed } from '../flags/completed.ts'

/** The line so far. */
export interface Line {
  /** The word being typed, maybe empty. */
  readonly current: string
  /** The word before it. */
  readonly last: string | undefined
  readonly words: { readonly operands: readonly string[]; readonly unknown: readonly string[] }
  readonly reader: NameReader
}

/** Where the cursor is: the command, how many of its own words are before the cursor, and the flags it takes. */
interface Place {
  readonly program: Command
  readonly line: Line
  readonly command: Command | undefined
  readonly operands: readonly string[]
  /** The Service that the line names so far. */
  readonly service: string | undefined
  readonly options: readonly Option[]
}

function placeOf(program: Command, line: Line): Place {
  const { words } = line
  const verb = commandNamed(program, words.operands[0])
  const parsed = verb?.parseOptions([...words.operands.slice(1), ...words.unknown])
  const operands = parsed?.operands ?? []
  const member = verb === undefined ? undefined : commandNamed(verb, operands[0])
  const grammar = verb === undefined ? undefined : grammarOf(verb)
  const service = verb === undefined ? undefined : serviceIn(verb, operands)
  const options = [
    ...(verb?.options ?? []),
    ...program.options.filter(option => grammar === undefined || takes(grammar, option)),
  ]
  return member === undefined
    ? { program, line, command: verb, operands, service, options }
    : { program, line, command: member, operands: operands.slice(1), service, options }
}

/** The Service that --service or the words name; of several the first. */
const serviceIn = (command: Command, words: readonly string[]): string | undefined =>
  (command.opts<{ service?: string }>().service ?? grammarOf(command)?.service?.split(words).service)?.split(
    ',',
    1,
  )[0]

const commandNamed = (parent: Command, name: string | undefined): Command | undefined =>
  parent.commands.find(known => known.name() === name)

/** Everything that could be typed where the cursor is, of what begins as the word does. */
export async function candidatesFor(program: Command, line: Line): Promise<Candidates> {
  const place = placeOf(program, line)
  return (
    (await afterSeparateFlag(place))
    ?? (await afterEqualsSign(place))
    ?? beginningWith(line.current, line.current.startsWith('-') ? flagNames(place) : await ownWords(place))
  )
}

/** The value of a flag that is the word before: `--to `. */
async function afterSeparateFlag(place: Place): Promise<Candidates | undefined> {
  const { current, last } = place.line
  const flag = place.options.find(
    option => option.required && last !== undefined && [option.long, option.short].includes(last),
  )
  return flag === undefined ? undefined : beginningWith(current, await valuesOf(flag, place, current))
}

/** The value of a flag in the same word: `--to=`. */
async function afterEqualsSign(place: Place): Promise<Candidates | undefined> {
  const { current } = place.line
  const equals = current.indexOf('=')
  if (!current.startsWith('--') || equals < 0) return undefined
  const option = place.options.find(({ long }) => long === current.slice(0, equals))
  if (option === undefined) return nothing
  const begun = current.slice(equals + 1)
  const values = await valuesOf(option, place, begun)
  return prefixed(current.slice(0, equals + 1), beginningWith(begun, values))
}

const nothing: Candidates = { items: [] }

const flagNames = ({ options }: Place): Candidates => ({
  items: options.flatMap(({ long, description }) =>
    long === undefined ? [] : { value: long, about: description },
  ),
})

/** The commands, or what the command takes as its next word. */
async function ownWords(place: Place): Promise<Candidates> {
  const { program, line, command, operands } = place
  const [first] = line.words.operands
  if (command === undefined) return first === undefined || first === 'help' ? namesOf(program) : nothing
  if (operands.length === 0 && command.commands.length > 0) return namesOf(command)
  const last = command.registeredArguments.at(-1)
  const argument =
    command.registeredArguments[operands.length] ?? (last?.variadic === true ? last : undefined)
  // The word that is being typed counts, too: behind `promote catalog` it is a version of catalog.
  const service = serviceIn(command, [...operands, '='])
  if (argument === undefined) return nothing
  const { items, ...rest } = await valuesOf(argument, { ...place, service }, line.current)
  return { ...rest, items: items.filter(({ value }) => !isShareOf(value, operands)) }
}

/** Whether a version has its share already: `v2=` behind `v2=10`. */
const isShareOf = (value: string, operands: readonly string[]): boolean =>
  value.endsWith('=') && operands.some(operand => operand.startsWith(value))

const namesOf = (parent: Command): Candidates => ({
  items: parent.commands.map(known => ({ value: known.name(), about: known.summary() })),
})

async function valuesOf(
  part: Argument | Option,
  { line, service, command }: Place,
  current: string,
): Promise<Candidates> {
  const typed: Typed = {
    current,
    formats: (command === undefined ? undefined : grammarOf(command))?.formats ?? [],
    ...line.reader,
    names: () => line.reader.names(service),
    routes: () => line.reader.routes(service),
    allNames: () => line.reader.names(undefined),
  }
  return (await sourceOf(part)?.(typed)) ?? nothing
}

/** Of what could follow, what begins as the word does; the word continues where each of them ends with its equals sign. */
function beginningWith(begun: string, { items, open = false, ...rest }: Candidates): Candidates {
  const fitting = items.filter(({ value }) => value.startsWith(begun))
  return { ...rest, items: fitting, open: open && fitting.every(({ value }) => value.endsWith('=')) }
}

const prefixed = (prefix: string, candidates: Candidates): Candidates => ({
  ...candidates,
  items: candidates.items.map(({ value, about }) => ({ value: prefix + value, about })),
})
