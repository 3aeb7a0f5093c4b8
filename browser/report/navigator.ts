/**
 * What the chart library sees of the navigator: the language of its numbers. A browser's own may be one that the browser itself
 * doesn't know (`en-US@posix`), by which the library would fail; the page is in English.
 */
export const navigatorOfPage = { language: 'en-US' } as const
