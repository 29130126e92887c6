package dev.fovea.ingest.source;

import static org.bytedeco.ffmpeg.global.avutil.AV_PIX_FMT_BGR24;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_alloc;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_free;
import static org.bytedeco.ffmpeg.global.avutil.av_frame_get_buffer;

import dev.fovea.ingest.street.StreetScene;
import dev.fovea.ingest.street.StreetSettings;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import org.bytedeco.ffmpeg.avutil.AVFrame;
import org.bytedeco.javacpp.BytePointer;
import org.jspecify.annotations.Nullable;

/** The synthetic street as a camera that also knows what is in its pictures. */
final class SyntheticSource implements FrameSource {
  private final SourceSpec spec;
  private final ReadGuard guard;
  private final StreetScene scene;
  private final long frames;
  private final Pacer pacer;
  private final BufferedImage canvas;
  private final AVFrame frame = av_frame_alloc();
  private long delivered;

  private SyntheticSource(
      SourceSpec spec, SourceOptions options, ReadGuard guard, SyntheticQuery query) {
    this.spec = spec;
    this.guard = guard;
    StreetSettings settings = query.street();
    this.scene = new StreetScene(settings);
    this.frames = query.frames();
    this.pacer = new Pacer(options);
    this.canvas =
        new BufferedImage(settings.widthPx(), settings.heightPx(), BufferedImage.TYPE_3BYTE_BGR);
    frame.format(AV_PIX_FMT_BGR24).width(settings.widthPx()).height(settings.heightPx());
    Libav.check(av_frame_get_buffer(frame, 0), "picture buffer");
  }

  static SyntheticSource open(SourceSpec spec, SourceOptions options, ReadGuard guard) {
    Libav.load();
    return new SyntheticSource(spec, options, guard, SyntheticQuery.parse(spec.address()));
  }

  @Override
  public @Nullable CapturedFrame next() throws InterruptedException {
    if (guard.isCancelled()) {
      throw new InterruptedException(spec + ": cancelled while it was read");
    }
    if (frames > 0 && delivered == frames) {
      return null;
    }
    long index = delivered++;
    scene.render(index, canvas);
    copyCanvas();
    long mediaTime = Math.round(index * 1e6 / scene.settings().framesPerSecond());
    return new CapturedFrame(
        index,
        null,
        mediaTime,
        pacer.awaitDue(mediaTime),
        new Picture.Decoded(frame),
        /* corrupt= */ false,
        scene.truth(index));
  }

  /** libav's rows are padded, the canvas's are not. */
  private void copyCanvas() {
    byte[] pixels = ((DataBufferByte) canvas.getRaster().getDataBuffer()).getData();
    int row = canvas.getWidth() * 3;
    BytePointer plane = frame.data(0);
    int stride = frame.linesize(0);
    for (int y = 0; y < canvas.getHeight(); y++) {
      plane.position((long) y * stride).put(pixels, y * row, row);
    }
  }

  @Override
  public void close() {
    av_frame_free(frame);
  }
}
