/** Which files are pictures, by their names. */

/** Extensions of the pictures that are read, in any case: those that torchvision's ImageFolder lists, and .gif. */
export const EXTENSIONS: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.bmp', '.ppm', '.pgm']

/** Extensions of pictures that are not looked for, which torchvision leaves out too: a folder that has some is told of them. */
export const OTHER_PICTURES: ReadonlySet<string> = new Set(
  (
    '.jfif .jpe .jif .pbm .pnm .pfm .avif .heic .heif .jp2 .j2k .jpx .jxl .jxr .svg .psd .tga .ico .pcx .dds .exr .hdr .qoi ' +
    '.dng .cr2 .cr3 .nef .arw .orf .raf .rw2'
  ).split(' '),
)
