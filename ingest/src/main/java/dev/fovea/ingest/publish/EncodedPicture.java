package dev.fovea.ingest.publish;

/** A JPEG at its recorded size, with the size of the picture it was made from. */
public final class EncodedPicture {
  private final byte[] jpeg;
  private final int widthPx;
  private final int heightPx;
  private final int sourceWidthPx;
  private final int sourceHeightPx;

  EncodedPicture(byte[] jpeg, int widthPx, int heightPx, int sourceWidthPx, int sourceHeightPx) {
    this.jpeg = jpeg;
    this.widthPx = widthPx;
    this.heightPx = heightPx;
    this.sourceWidthPx = sourceWidthPx;
    this.sourceHeightPx = sourceHeightPx;
  }

  /** The JPEG, shared and not to be changed. */
  public byte[] jpeg() {
    return jpeg;
  }

  public int widthPx() {
    return widthPx;
  }

  public int heightPx() {
    return heightPx;
  }

  public int sourceWidthPx() {
    return sourceWidthPx;
  }

  public int sourceHeightPx() {
    return sourceHeightPx;
  }
}
