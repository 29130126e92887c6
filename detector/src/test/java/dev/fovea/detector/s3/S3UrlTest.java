package dev.fovea.detector.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3UrlTest {
  @Test
  void bucketAndKeyAreReadAndWrittenBack() {
    S3Url url = S3Url.parse("s3://models/site/street/r0001-3fa9c1d2/");

    assertThat(url).isEqualTo(new S3Url("models", "site/street/r0001-3fa9c1d2"));
    assertThat(url).hasToString("s3://models/site/street/r0001-3fa9c1d2");
    assertThat(S3Url.parse(url.toString())).isEqualTo(url);
    assertThat(url.resolve("manifest.json").name()).isEqualTo("manifest.json");
  }

  @ParameterizedTest
  @ValueSource(strings = {"s3://models", "s3://models/"})
  void aBucketAloneHasNoKey(String url) {
    assertThat(S3Url.parse(url).key()).isEmpty();
    assertThat(S3Url.parse(url).resolve("a")).hasToString("s3://models/a");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3:/models",
        "s3://",
        "s3://UP/x",
        "s3://a/x",
        "s3://models/../other",
        "s3://models/./x",
        "s3://models/a//b",
        "s3://models/a b",
        "s3://models/a?versionId=1",
        "s3://models/a\nb",
        "http://models/a"
      })
  void whatIsNoUrlOfAReleaseIsRefusedAndNamed(String url) {
    assertThatThrownBy(() -> S3Url.parse(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(url)
        .hasMessageContaining("must");
  }
}
