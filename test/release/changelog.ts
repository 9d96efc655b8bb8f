/** The section of a version in CHANGELOG.md, or what is not released yet where it has none. */
export function notesOf(changelog: string, version: string): string {
  const sections = changelog.split(/^(?=## )/m)
  const found =
    sections.find(section => section.startsWith(`## ${version}`))
    ?? sections.find(section => section.startsWith('## Unreleased'))
  if (found === undefined) throw new Error(`CHANGELOG.md has neither ## ${version} nor ## Unreleased`)
  return found.slice(found.indexOf('\n') + 1).trim() + '\n'
}

/** CHANGELOG.md when a version is released: what was not released yet is that version's from now on. */
export function releasedChangelog(changelog: string, version: string, date: string): string {
  const heading = /^## Unreleased$/m
  if (!heading.test(changelog)) throw new Error('CHANGELOG.md has no ## Unreleased')
  return changelog.replace(heading, `## Unreleased\n\n## ${version} (${date})`)
}
