package dev.fovea.ingest.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceSpecTest {
  @ParameterizedTest
  @CsvSource({
    "rtsp://10.0.0.7/stream1, RTSP, rtsp://10.0.0.7/stream1",
    "rtsp://admin:pw@10.0.0.7:554/s, RTSP, rtsp://10.0.0.7:554/s",
    "rtsp://admin:p@w@10.0.0.7/s, RTSP, rtsp://10.0.0.7/s",
    "rtsp://admin:p/w@10.0.0.7/s, RTSP, rtsp://10.0.0.7/s",
    "rtsp://admin:p?w@10.0.0.7/s, RTSP, rtsp://10.0.0.7/s",
    "RTSPS://admin:pw@cam/s?key=1#x, RTSP, rtsps://cam/s",
    "http://cam/video.mjpg?user=a&password=pw, HTTP, http://cam/video.mjpg",
    "https://u:pw@cam/v, HTTP, https://cam/v",
    "v4l2:/dev/video0, V4L2, v4l2:/dev/video0",
    "videos/yard.mp4, FILE, videos/yard.mp4",
    "synthetic:?seed=7&night=true, SYNTHETIC, synthetic:?seed=7&night=true",
    "synthetic:, SYNTHETIC, synthetic:",
  })
  void knowsTheKindAndShowsNoSecret(String text, SourceSpec.Kind kind, String shown) {
    SourceSpec spec = SourceSpec.parse(text);
    assertThat(spec.kind()).isEqualTo(kind);
    assertThat(spec).hasToString(shown);
    assertThat(spec.toString()).doesNotContain("pw").doesNotContain("admin");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "concat:a.ts|b.ts",
        "ftp://u:secret@host/x",
        "data:text/plain,secret",
        "v4l2:/dev/../etc/passwd",
        "v4l2:video0 -i x",
        "synthetic:?sed=7",
        "synthetic:?seed=seven",
        "synthetic:?night=maybe",
        "synthetic:?width=9",
        " "
      })
  void refusesWhatItDoesNotKnow(String text) {
    assertThatThrownBy(() -> SourceSpec.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void aSlipInASyntheticStreetIsNamed() {
    assertThatThrownBy(() -> SourceSpec.parse("synthetic:?sed=7"))
        .hasMessageContaining("\"sed=7\"")
        .hasMessageContaining("seed");
  }
}
