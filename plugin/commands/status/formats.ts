/** The output formats that `status` has beside templates. */
export const statusFormats = ['wide', 'json', 'yaml', 'name', 'dot', 'mermaid', 'svg'] as const
