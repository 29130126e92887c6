package dev.fovea.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Video files, good and bad. */
class FileSourceTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"mpeg4, mp4", "mpeg4, avi", "mpeg4, mkv", "mpeg4, ts", "mjpeg, avi", "mjpeg, mkv"})
  void everyFrameOfEachContainerComesOnceAndInOrder(String codec, String container)
      throws Exception {
    Path file = TestVideo.of(codec).write(folder.resolve("video." + container), 40);

    Drain drain = read(file, SourceOptions.offline());

    assertThat(drain.failure()).isNull();
    assertThat(drain.frames()).hasSize(40);
    assertThat(drain.corrupt()).isZero();
    for (int i = 0; i < 40; i++) {
      assertThat(drain.frames().get(i).mediaTimeMicros() / 1_000).isEqualTo(i * 40L);
    }
  }

  @Test
  void bFramesComeInDisplayOrder() throws Exception {
    Path file = TestVideo.of("mpeg4").withBFrames().write(folder.resolve("b.mp4"), 30);
    Drain drain = read(file, SourceOptions.offline());
    assertThat(drain.frames()).hasSize(30);
    assertThat(drain.frames())
        .extracting(CapturedFrame::mediaTimeMicros)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void motionJpegPassesThroughAsItIsInTheFile() throws Exception {
    Path file = TestVideo.of("mjpeg").write(folder.resolve("m.mkv"), 5);
    try (FrameSource source = FrameSources.open(file.toString(), SourceOptions.offline())) {
      CapturedFrame frame = Drain.nextOf(source);
      byte[] jpeg = ((Picture.Jpeg) frame.picture()).bytes();
      assertThat(indexOf(Files.readAllBytes(file), jpeg)).isPositive();
    }
  }

  @Test
  void aLoopedFileGoesOnWithoutAStepBack() throws Exception {
    Path file = TestVideo.of("mpeg4").write(folder.resolve("loop.mp4"), 10);
    List<Long> times = new ArrayList<>();
    try (FrameSource source = FrameSources.open(file.toString(), options(Pace.FAST, true))) {
      for (int i = 0; i < 35; i++) {
        CapturedFrame frame = Drain.nextOf(source);
        assertThat(frame.index()).isEqualTo(i);
        times.add(frame.mediaTimeMicros());
      }
    }
    for (int i = 0; i < 35; i++) {
      assertThat(times.get(i)).isEqualTo(i * 40_000L);
    }
  }

  @Test
  void realTimeTakesTheTimeTheVideoTakes() throws Exception {
    Path file = TestVideo.of("mpeg4").write(folder.resolve("paced.mp4"), 16);
    long before = System.nanoTime();
    Drain drain = read(file, options(Pace.REALTIME, false));
    Duration took = Duration.ofNanos(System.nanoTime() - before);

    assertThat(took).isGreaterThan(Duration.ofMillis(590));
    List<CapturedFrame> frames = drain.frames();
    assertThat(frames.get(15).captureTimeMicros() - frames.get(0).captureTimeMicros())
        .isGreaterThanOrEqualTo(600_000L);
  }

  @ParameterizedTest
  @CsvSource({"mp4", "avi"})
  void aCutFileGivesWhatIsThereAndSaysAtWhichFrameItBroke(String container) throws Exception {
    Path whole = TestVideo.of("mjpeg").write(folder.resolve("whole." + container), 40);
    byte[] bytes = Files.readAllBytes(whole);
    if (container.equals("mp4")) {
      // An index at the end, as cameras write it, is gone with the cut: nothing can be read.
      Path cut = Files.write(folder.resolve("cut.mp4"), Arrays.copyOf(bytes, bytes.length / 2));
      assertThatThrownBy(() -> read(cut, SourceOptions.offline()))
          .isInstanceOf(SourceFailedException.class)
          .hasMessageStartingWith(cut + ": cannot be read as a video");
      return;
    }
    Path cut = Files.write(folder.resolve("cut.avi"), Arrays.copyOf(bytes, bytes.length / 2));
    Drain drain = read(cut, SourceOptions.offline());
    assertThat(drain.frames()).hasSizeBetween(10, 30);
    assertThat(drain.failure()).isNotNull();
    assertThat(drain.broken().kind()).isEqualTo(SourceFailedException.Kind.DAMAGED);
    assertThat(drain.broken().frames()).isEqualTo(drain.frames().size());
    assertThat(drain.failure())
        .hasMessageContaining("cut off at frame " + drain.frames().size() + " of 40");
  }

  @Test
  void damageInTheMiddleIsFlaggedAndTheRestIsRead() throws Exception {
    Path file = TestVideo.of("mpeg4").write(folder.resolve("noise.ts"), 60);
    byte[] bytes = Files.readAllBytes(file);
    long seed = 20261124;
    Random random = new Random(seed);
    // Payload bytes only: the packets' first four stay.
    for (int packet = bytes.length / 188 / 2; packet < bytes.length / 188 / 2 + 12; packet++) {
      for (int i = 40; i < 188; i++) {
        bytes[packet * 188 + i] = (byte) random.nextInt(256);
      }
    }
    Files.write(file, bytes);

    Drain drain = read(file, SourceOptions.offline());

    assertThat(drain.frames()).as("seed %d", seed).hasSizeGreaterThan(40);
    assertThat(drain.corrupt()).as("seed %d", seed).isPositive();
  }

  @Test
  void whatIsNoVideoIsNamedWithTheReason() throws Exception {
    Path text = Files.writeString(folder.resolve("notes.txt"), "Nothing to see.\n".repeat(500));
    Path playlist =
        Files.writeString(folder.resolve("list.m3u8"), "#EXTM3U\n#EXTINF:9,\n/etc/passwd\n");
    Path empty = Files.createFile(folder.resolve("empty.mp4"));
    Path sound = Files.write(folder.resolve("sound.wav"), wav());

    assertRefused(text, "cannot be read as a video");
    assertRefused(playlist, "cannot be read as a video");
    assertRefused(sound, "cannot be read as a video");
    assertRefused(empty, "is empty (0 bytes)");
    assertRefused(folder.resolve("gone.mp4"), "there is no such file or folder");
    assertRefused(Files.createDirectory(folder.resolve("nothing")), "has no .jpg, .jpeg or .png");
  }

  @ParameterizedTest
  @CsvSource({"mp4", "ts", "mkv"})
  void aFileOfSoundAloneSaysSo(String container) {
    Path sound = TestSound.write(folder.resolve("sound." + container));

    assertRefused(sound, "holds no video stream, only sound or data");
  }

  @Test
  void aPictureLargerThanAllowedIsRefusedBeforeItIsDecoded() throws Exception {
    Path file = TestVideo.of("mpeg4").size(640, 384).write(folder.resolve("big.mp4"), 2);
    SourceOptions small =
        new SourceOptions(
            Pace.FAST,
            false,
            10,
            Duration.ofSeconds(10),
            Duration.ofSeconds(3),
            640 * 384 - 1,
            InstantSource.system());
    Drain drain = read(file, small);
    assertThat(drain.frames()).isEmpty();
    assertThat(drain.broken().kind()).isEqualTo(SourceFailedException.Kind.UNUSABLE);
    assertThat(drain.broken()).hasMessageContaining("max-pixels = 245759");
  }

  @Test
  void manySourcesAtOnceKeepTheirGuards() throws Exception {
    Path file = TestVideo.of("mpeg4").write(folder.resolve("many.mp4"), 3);
    List<FrameSource> sources = new ArrayList<>();
    try {
      for (int i = 0; i < 24; i++) {
        sources.add(FrameSources.open(file.toString(), SourceOptions.offline()));
      }
      for (FrameSource source : sources) {
        assertThat(Drain.of(source).frames()).hasSize(3);
      }
    } finally {
      sources.forEach(FrameSource::close);
    }
  }

  private static void assertRefused(Path file, String reason) {
    assertThatThrownBy(() -> read(file, SourceOptions.offline()))
        .isInstanceOf(SourceFailedException.class)
        .hasMessageStartingWith(file + ": " + reason);
  }

  private static Drain read(Path file, SourceOptions options) throws Exception {
    try (FrameSource source = FrameSources.open(file.toString(), options)) {
      return Drain.of(source);
    }
  }

  private static SourceOptions options(Pace pace, boolean loop) {
    return new SourceOptions(
        pace,
        loop,
        10,
        Duration.ofSeconds(10),
        Duration.ofSeconds(3),
        SourceOptions.DEFAULT_MAX_PIXELS,
        InstantSource.system());
  }

  /** A second of silence, 8 kHz, 16 bits, mono. */
  private static byte[] wav() {
    ByteBuffer header = ByteBuffer.allocate(44).order(ByteOrder.LITTLE_ENDIAN);
    header.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 16_000);
    header.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    header.putShort((short) 1).putShort((short) 1).putInt(8_000).putInt(16_000);
    header.putShort((short) 2).putShort((short) 16);
    header.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(16_000);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(header.array());
    out.writeBytes(new byte[16_000]);
    return out.toByteArray();
  }

  private static int indexOf(byte[] all, byte[] part) {
    for (int i = 0; i + part.length <= all.length; i++) {
      if (Arrays.equals(all, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    return -1;
  }
}
