import { blank, type Picture } from './picture'

/** The mirror image, left and right exchanged: torchvision's `hflip`, Pillow's `FLIP_LEFT_RIGHT`. */
export const flipHorizontal = (picture: Picture): Picture => {
  const { width, height, channels, data } = picture
  const out = blank(width, height, channels)
  const target = out.data
  for (let y = 0; y < height; y++) {
    let from = (y + 1) * width * channels
    let to = y * width * channels
    for (let x = 0; x < width; x++) {
      from -= channels
      for (let c = 0; c < channels; c++) target[to++] = data[from + c]!
    }
  }
  return out
}
