// JSON pointers (RFC 6901), the addresses of everything in a config. Used by every file of this folder.

/** The pointer of a member or element below another pointer. */
export function below(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** The pointer of the member or element that the given keys lead to. */
export const pointerTo = (...keys: readonly (string | number)[]): string => keys.reduce(below, '')

/** The keys that a pointer leads through, unescaped; none for the empty pointer. */
export function keysOf(pointer: string): string[] {
  return pointer.split('/').slice(1).map(key => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}
