/** Which files are pictures, by their names. */

/** Extensions of the pictures that are read, in any case. */
export const EXTENSIONS: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff']
