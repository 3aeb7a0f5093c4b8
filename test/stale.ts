/** What a test says of a generated file that isn't up to date. */
export const stale = (file: string): string => `${file} is out of date.\n1. npm run generate\n2. commit it with the change`
