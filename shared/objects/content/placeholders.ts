/** Whether a text may have placeholders of files, as `${NAME}`: a glance that spares most objects the search for them. */
export const mayHoldPlaceholders = (text: string): boolean => /\$[A-Za-z_{(]|PLACEHOLDER/.test(text)
