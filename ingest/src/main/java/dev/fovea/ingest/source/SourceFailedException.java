package dev.fovea.ingest.source;

/**
 * A source that could not be opened, fell silent, or is damaged. The message is a sentence for a
 * person; it begins with the source, without credentials or query.
 */
public final class SourceFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What went wrong, where the reader must tell cases apart. */
  public enum Kind {
    /** It could not be opened, or holds no video. */
    UNUSABLE,
    /** It was being read and fell silent: the read deadline passed without a packet. */
    SILENT,
    /** A live source closed the connection or failed in mid-stream. */
    BROKE_OFF,
    /** A file is damaged or ends before its own index says it should. */
    DAMAGED
  }

  private final Kind kind;
  private final String cause;
  private final long frames;

  SourceFailedException(Kind kind, String source, String cause, long frames) {
    super(source + ": " + cause);
    this.kind = kind;
    this.cause = cause;
    this.frames = frames;
  }

  public Kind kind() {
    return kind;
  }

  /** The message without the source's name. */
  public String reason() {
    return cause;
  }

  /** How many frames it had delivered; the one it failed at has this index. */
  public long frames() {
    return frames;
  }
}
