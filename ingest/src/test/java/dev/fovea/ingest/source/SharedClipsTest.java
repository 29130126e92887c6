package dev.fovea.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real clips of the shared data. */
class SharedClipsTest {
  private static final Path CLIPS = Path.of("../../shared/data/clips");

  @TempDir Path folder;

  @Test
  void everyFrameOfTheCarClipComesInOrder() throws Exception {
    Drain drain = read(clip("car-detection.mp4"));

    assertThat(drain.failure()).isNull();
    assertThat(drain.frames()).hasSize(377);
    assertThat(drain.corrupt()).isZero();
    assertOrdered(drain.frames());
    assertThat(drain.frames().get(376).mediaTimeMicros()).isEqualTo(376 * 80_000L);
  }

  @Test
  void framesComeInDisplayOrderDespiteBFrames() throws Exception {
    Drain drain = read(clip("bottle-detection.mp4"));

    assertThat(drain.failure()).isNull();
    assertThat(drain.frames()).hasSize(1189);
    assertOrdered(drain.frames());
  }

  @Test
  void aTruncatedClipGivesWhatIsThereAndSaysWhereItBroke() throws Exception {
    byte[] whole = Files.readAllBytes(clip("car-detection.mp4"));
    Path cut = folder.resolve("cut.mp4");
    Files.write(cut, java.util.Arrays.copyOf(whole, whole.length / 2));

    try (FrameSource source = FrameSources.open(cut.toString(), SourceOptions.offline())) {
      Drain drain = Drain.of(source);
      assertThat(drain.frames()).hasSizeBetween(100, 300);
      assertThat(drain.failure())
          .isNotNull()
          .hasMessageStartingWith(cut + ": is damaged or cut off at frame ")
          .hasMessageContaining("of 377");
    }
  }

  private static Drain read(Path file) throws Exception {
    try (FrameSource source = FrameSources.open(file.toString(), SourceOptions.offline())) {
      return Drain.of(source);
    }
  }

  private static void assertOrdered(List<CapturedFrame> frames) {
    assertThat(frames)
        .extracting(CapturedFrame::mediaTimeMicros)
        .isSorted()
        .doesNotHaveDuplicates();
    for (int i = 0; i < frames.size(); i++) {
      assertThat(frames.get(i).index()).isEqualTo(i);
    }
  }

  private static Path clip(String name) {
    Path file = CLIPS.resolve(name);
    assumeTrue(Files.exists(file), "needs ../shared/data/clips/" + name);
    return file;
  }
}
