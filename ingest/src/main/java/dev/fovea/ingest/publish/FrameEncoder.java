package dev.fovea.ingest.publish;

import dev.fovea.ingest.source.JpegHeader;
import dev.fovea.ingest.source.Picture;
import dev.fovea.ingest.source.StillDecoder;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.jspecify.annotations.Nullable;

/**
 * Makes of a source's picture the JPEG that is recorded. A JPEG that already has the recorded size
 * passes through untouched; all else is scaled in one pass and encoded. Contexts are kept from
 * frame to frame, and made anew where a source changes its size or format. One thread.
 */
public final class FrameEncoder implements AutoCloseable {
  private final RecordedSize size;
  private final int quality;
  private final long maxPixels;
  private @Nullable StillDecoder jpegDecoder;
  private @Nullable Scaler scaler;
  private @Nullable JpegEncoder encoder;

  /**
   * Makes an encoder; native memory is taken at the first frame.
   *
   * @param size what to record at
   * @param quality JPEG quality on libjpeg's scale, 1 to 100
   * @param maxPixels largest JPEG that is decoded to be scaled
   */
  public FrameEncoder(RecordedSize size, int quality, long maxPixels) {
    if (quality < 1 || quality > 100) {
      throw new IllegalArgumentException("quality must be from 1 to 100: " + quality);
    }
    this.size = size;
    this.quality = quality;
    this.maxPixels = maxPixels;
  }

  /**
   * Encodes one picture.
   *
   * @throws EncodeFailedException if it is no picture, or damaged beyond decoding
   */
  public EncodedPicture encode(Picture picture) throws EncodeFailedException {
    if (picture instanceof Picture.Decoded decoded) {
      return encode(decoded.frame());
    }
    if (picture instanceof Picture.Jpeg jpeg) {
      return encode(jpeg);
    }
    throw new EncodeFailedException(((Picture.Unreadable) picture).reason());
  }

  private EncodedPicture encode(Picture.Jpeg jpeg) throws EncodeFailedException {
    JpegHeader header = jpeg.header();
    int width = header.widthPx();
    int height = header.heightPx();
    if (size.widthFor(width, height) == width && size.heightFor(width, height) == height) {
      return new EncodedPicture(jpeg.bytes(), width, height, width, height);
    }
    if (jpegDecoder == null) {
      jpegDecoder = StillDecoder.ofJpeg(maxPixels);
    }
    AVFrame frame = jpegDecoder.decode(jpeg.bytes());
    if (frame == null) {
      throw new EncodeFailedException("JPEG cannot be decoded");
    }
    return encode(frame);
  }

  private EncodedPicture encode(AVFrame frame) {
    int width = size.widthFor(frame.width(), frame.height());
    int height = size.heightFor(frame.width(), frame.height());
    byte[] jpeg = encoderFor(width, height).encode(scalerFor(frame, width, height).scale(frame));
    return new EncodedPicture(jpeg, width, height, frame.width(), frame.height());
  }

  private Scaler scalerFor(AVFrame frame, int width, int height) {
    Scaler.Key key = Scaler.Key.of(frame);
    if (scaler == null || !scaler.key().equals(key)) {
      if (scaler != null) {
        scaler.close();
        scaler = null;
      }
      scaler = new Scaler(key, width, height);
    }
    return scaler;
  }

  private JpegEncoder encoderFor(int width, int height) {
    if (encoder == null || !encoder.fits(width, height)) {
      if (encoder != null) {
        encoder.close();
        encoder = null;
      }
      encoder = new JpegEncoder(width, height, quality);
    }
    return encoder;
  }

  @Override
  public void close() {
    if (jpegDecoder != null) {
      jpegDecoder.close();
    }
    if (scaler != null) {
      scaler.close();
    }
    if (encoder != null) {
      encoder.close();
    }
  }
}
