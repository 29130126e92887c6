package dev.fovea.trainer.data;

import dev.fovea.trainer.settings.InputSettings;

/** Bytes to the network's input: (byte / 255 − mean) / scale a channel. Immutable. */
public final class Normaliser {
  private final float[] gains = new float[3];
  private final float[] shifts = new float[3];

  public Normaliser(InputSettings input) {
    for (int c = 0; c < 3; c++) {
      gains[c] = (float) (1 / (255 * input.scale().get(c)));
      shifts[c] = (float) (-input.mean().get(c) / input.scale().get(c));
    }
  }

  /** Normalised = byte · gain + shift. */
  float gain(int channel) {
    return gains[channel];
  }

  /** What 0 becomes. */
  float shift(int channel) {
    return shifts[channel];
  }

  /**
   * Writes a picture as it is.
   *
   * @param picture (3, H, W) bytes
   * @param into receives (3, H, W) floats from {@code at}
   */
  public void write(byte[] picture, float[] into, int at) {
    int plane = picture.length / 3;
    for (int c = 0; c < 3; c++) {
      for (int i = c * plane; i < (c + 1) * plane; i++) {
        into[at + i] = (picture[i] & 0xff) * gains[c] + shifts[c];
      }
    }
  }
}
