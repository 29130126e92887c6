package dev.fovea.trainer.labels;

import java.nio.ByteBuffer;

/**
 * A picture that was decoded to its end.
 *
 * @param jpeg the bytes that are stored; not changed by anybody
 * @param jpegSha256 their sum
 * @param look difference hash
 */
record CheckedPicture(ByteBuffer jpeg, String jpegSha256, int widthPx, int heightPx, long[] look) {

  /** What the stored file is called. */
  String file() {
    return jpegSha256 + ".jpg";
  }
}
