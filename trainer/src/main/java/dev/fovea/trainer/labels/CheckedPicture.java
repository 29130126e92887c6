package dev.fovea.trainer.labels;

import java.nio.ByteBuffer;

/** A picture that was decoded to its end. Immutable: nobody changes its bytes or its look. */
final class CheckedPicture {
  private final ByteBuffer jpeg;
  private final String jpegSha256;
  private final int widthPx;
  private final int heightPx;
  private final long[] look;

  /**
   * @param jpeg the bytes that are stored
   * @param jpegSha256 their sum
   * @param look see {@link DifferenceHash}
   */
  CheckedPicture(ByteBuffer jpeg, String jpegSha256, int widthPx, int heightPx, long[] look) {
    this.jpeg = jpeg;
    this.jpegSha256 = jpegSha256;
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.look = look;
  }

  ByteBuffer jpeg() {
    return jpeg;
  }

  String jpegSha256() {
    return jpegSha256;
  }

  int widthPx() {
    return widthPx;
  }

  int heightPx() {
    return heightPx;
  }

  /** Difference hash. */
  long[] look() {
    return look;
  }

  /** What the stored file is called. */
  String file() {
    return jpegSha256 + ".jpg";
  }
}
