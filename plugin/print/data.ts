import type { DataTemplate } from './template/data-template.ts'

/** The formats of `-o` that show data as they are. */
export type DataFormat = 'json' | 'yaml' | DataTemplate

/** Data in a format; a table of columns has a line for each row. */
export async function formatData(
  value: unknown,
  rows: readonly unknown[],
  format: DataFormat,
): Promise<string> {
  if (format === 'json') return formatJson(value)
  if (format === 'yaml') return formatYaml(value)
  const { formatTemplate } = await import('./template/format-template.ts')
  return formatTemplate(value, rows, format)
}

/** Values as indented JSON. */
const formatJson = (value: unknown): string => JSON.stringify(value, undefined, 4)

/** Values as YAML; the printer is loaded only here. */
async function formatYaml(value: unknown): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false })
}
