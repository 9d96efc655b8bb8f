/** A graph as Graphviz reads it, as far as pictures use its language; anything else is refused. */
export interface DotGraph {
  readonly nodes: Map<string, Readonly<Record<string, string>>>
  readonly edges: {
    readonly from: string
    readonly to: string
    readonly said: Readonly<Record<string, string>>
  }[]
}

const token = /\s*(?:([A-Za-z_][\w]*|-?\d+(?:\.\d+)?)|"((?:[^"\\]|\\.)*)"|(->|[{}[\]=,;]))/gsy

interface DotToken {
  readonly word: string
  readonly isText: boolean
}

function tokensOf(text: string): DotToken[] {
  const tokens: DotToken[] = []
  token.lastIndex = 0
  while (text.slice(token.lastIndex).trim() !== '') {
    const at = token.lastIndex
    const found = token.exec(text)
    if (found === null) throw new SyntaxError(`no token of dot: ${text.slice(at, at + 40)}`)
    tokens.push({ word: found[1] ?? found[2] ?? found[3]!, isText: found[3] === undefined })
  }
  return tokens
}

/** https://graphviz.org/doc/info/lang.html: graphs, subgraphs, and statements of nodes, edges and attributes. */
export function readDot(text: string): DotGraph {
  const reader = new DotReader(tokensOf(text))
  reader.take('digraph')
  reader.take()
  reader.block()
  reader.end()
  return reader.graph
}

class DotReader {
  readonly graph: DotGraph = { nodes: new Map(), edges: [] }
  readonly #tokens: readonly DotToken[]
  #i = 0

  constructor(tokens: readonly DotToken[]) {
    this.#tokens = tokens
  }

  #isNext(word: string): boolean {
    const next = this.#tokens[this.#i]
    return next?.word === word && next.isText === /^\w/.test(word)
  }

  /** This word, or any name. */
  take(word?: string): string {
    const next = this.#tokens[this.#i]
    if (next === undefined || (word === undefined ? !next.isText : !this.#isNext(word)))
      throw new SyntaxError(`expected ${word ?? 'a name'}, found ${next?.word}`)
    this.#i++
    return next.word
  }

  block(): void {
    this.take('{')
    while (!this.#isNext('}')) this.#statement()
    this.take('}')
  }

  end(): void {
    const next = this.#tokens[this.#i]
    if (next !== undefined) throw new SyntaxError(`more after the graph: ${next.word}`)
  }

  #statement(): void {
    if (this.#isNext('subgraph')) {
      this.take()
      this.take()
      return this.block()
    }
    const name = this.take()
    if (this.#isNext('=')) {
      this.take('=')
      this.take()
    } else if (this.#isNext('->')) {
      this.take('->')
      this.graph.edges.push({ from: name, to: this.take(), said: this.#attributes() })
    } else {
      const said = this.#attributes()
      if (!['graph', 'node', 'edge'].includes(name)) this.graph.nodes.set(name, said)
    }
    this.take(';')
  }

  #attributes(): Record<string, string> {
    const said: Record<string, string> = {}
    if (!this.#isNext('[')) return said
    this.take('[')
    while (!this.#isNext(']')) {
      const key = this.take()
      this.take('=')
      said[key] = this.take()
      if (this.#isNext(',')) this.take(',')
    }
    this.take(']')
    return said
  }
}

/** The lines of a label, as they are shown. */
export const labelLines = (label: string): readonly string[] =>
  label
    .split(/(?<!\\)((?:\\\\)*)\\n/)
    .reduce<string[]>((lines, part, i) => {
      if (i % 2 === 0) lines.push(part)
      else lines[lines.length - 1] += part
      return lines
    }, [])
    .map(line => line.replaceAll(/\\(.)/gs, '$1').replaceAll('&amp;', '&'))
