import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TemplatePlace } from '../../view/sources.ts'

/** A line of a document that a template was rendered to. */
export interface RenderedLine {
  /** The document's lines, as they were read. */
  readonly lines: readonly string[]
  /** The index of the line. */
  readonly at: number
}

/**
 * The template that a document comes from, as Helm's comment `# Source: shop/templates/route.yaml` above it
 * says, with the line where the template is there and one of its lines can be told to be meant. Undefined
 * where no comment says so.
 */
export function templateOf(rendered: RenderedLine): TemplatePlace | undefined {
  const name = sourceIn(rendered.lines)
  if (name === undefined) return undefined
  const path = placesOf(name).find(place => existsSync(place))
  if (path === undefined) return { file: name }
  const line = lineIn(readFileSync(path, 'utf8').split(/\r?\n/), rendered)
  return line === undefined ? { file: path } : { file: path, line }
}

/** The comment is above the content. */
function sourceIn(lines: readonly string[]): string | undefined {
  for (const line of lines) {
    const source = /^# Source: (\S.*?)\s*$/.exec(line)?.[1]
    if (source !== undefined) return source
    if (/^\s*[^\s#]/.test(line)) return undefined
  }
  return undefined
}

/** Helm names a template from the name of its chart on; the folder of a chart may have another name. */
function placesOf(name: string): readonly string[] {
  const inChart = name.split('/').slice(1).join('/')
  return [name, inChart, join('charts', name), join('chart', inChart), join('helm', inChart)]
}

/**
 * The number of the line of a template that gives a rendered line: the only one that may, else the one below
 * the lines that give those above. Undefined where several do equally well.
 */
function lineIn(template: readonly string[], { lines, at }: RenderedLine): number | undefined {
  const forms = template.map(formOf)
  const candidates = forms.flatMap((form, i) => (form?.test(lines[at]!.trim()) === true ? [i] : []))
  const scored = candidates.map(i => ({ line: i + 1, score: agreement(forms, i, { lines, at }) }))
  const best = Math.max(...scored.map(({ score }) => score))
  const found = scored.filter(({ score }) => score === best)
  return found.length === 1 ? found[0]!.line : undefined
}

/** What a line of a template renders to; undefined for one that is nothing but actions. */
function formOf(line: string): RegExp | undefined {
  const parts = line.trim().split(/\{\{.*?\}\}/)
  if (parts.every(part => part.trim() === '')) return undefined
  return new RegExp(`^${parts.map(part => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`)
}

/** How many of the rendered lines above are given, in their order, by the lines of the template above. */
function agreement(
  forms: readonly (RegExp | undefined)[],
  candidate: number,
  { lines, at }: RenderedLine,
): number {
  let score = 0
  let above = candidate - 1
  for (let i = at - 1; i >= 0 && above >= 0; i--) {
    const text = lines[i]!.trim()
    let j = above
    while (j >= 0 && forms[j]?.test(text) !== true) j--
    if (j < 0) continue
    score += above - j < 3 ? 2 : 1
    above = j - 1
  }
  return score
}
