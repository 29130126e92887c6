package dev.fovea.trainer.torchvision;

import dev.fovea.trainer.settings.InputSettings;

/** A picture to compare two graphs on where there is none of the training data: waves of colour. */
final class DrawnPicture {
  private DrawnPicture() {}

  /** (3, H, W) bytes. */
  static byte[] of(InputSettings input) {
    int width = input.widthPx();
    int height = input.heightPx();
    byte[] picture = new byte[3 * width * height];
    for (int i = 0; i < picture.length; i++) {
      int x = i % width;
      int y = i / width % height;
      int channel = i / (width * height);
      double wave = Math.sin(x / (5.0 + 9 * channel)) * Math.cos(y / (7.0 + 4 * channel));
      picture[i] = (byte) Math.round(127.5 + 127 * wave);
    }
    return picture;
  }
}
