/** Files whose text is part of the script. */
declare module '*.yaml' {
  const text: string
  export default text
}
declare module '*.css' {
  const text: string
  export default text
}
