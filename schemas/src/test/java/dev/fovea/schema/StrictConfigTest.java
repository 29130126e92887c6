package dev.fovea.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.example.ExampleConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StrictConfigTest {
  @TempDir Path folder;

  @Test
  void whatTheUserLeavesOutIsAsInTheReference() {
    Config config = load("web.host = example");

    assertThat(config.getString("web.host")).isEqualTo("example");
    assertThat(config.getInt("web.port")).isEqualTo(8080);
    assertThat(config.getDuration("read-deadline")).isEqualTo(Duration.ofSeconds(3));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          web.prot = 1              | web.prot              | web.port
          web { hots = x }          | web.hots              | web.host
          treshold = 0.4            | treshold              | threshold
          partitions = 12           | partitions            | kafka.partitions
          cameras.lot.fsp = 3       | cameras.lot.fsp       | camera-defaults.fps
          cameras.lot.crop.lefd = 3 | cameras.lot.crop.lefd | camera-defaults.crop.left
          camera-defaults.sauce = x | camera-defaults.sauce | camera-defaults.source
          """)
  void refusesAnUnknownKeyAndSaysWhereAndWhichWasMeant(String text, String key, String meant)
      throws IOException {
    Path file = file("# a comment\n" + text);

    assertThat(refusal(() -> StrictConfig.load(ExampleConfig.class, StrictConfig.parse(file))))
        .isEqualTo(file + ":2: unknown key \"" + key + "\"; did you mean \"" + meant + "\"?");
  }

  @Test
  void guessesNothingWhereNoKeyIsNear() {
    assertThat(refusal(() -> load("aquarium = 1"))).isEqualTo("unknown key \"aquarium\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          web.port = many         | web.port = "many": must be a number
          web.port = [1]          | web.port = [ … ]: must be a number
          web.port = null         | web.port = null: must be a number
          loop = perhaps          | loop = "perhaps": must be true or false
          web = 8080              | web = 8080: must be a block { … }
          web.host { a = 1 }      | web.host = { … }: must be a single value
          classes = car           | classes = "car": must be a list [ … ]
          cameras.lot = "x.mp4"   | cameras.lot = "x.mp4": must be a block { … }
          cameras.lot.fps = quick | cameras.lot.fps = "quick": must be a number
          cameras.lot.crop = 3    | cameras.lot.crop = 3: must be a block { … }
          kafka.partitions = none | kafka.partitions = "none": must be a number
          """)
  void refusesAValueOfTheWrongType(String text, String sentence) throws IOException {
    Path file = file("\n\n" + text);

    assertThat(refusal(() -> StrictConfig.load(ExampleConfig.class, StrictConfig.parse(file))))
        .isEqualTo(file + ":3: " + sentence);
  }

  @Test
  void aCameraTakesWhatItLeavesOutFromTheDefaultsAsTheUserHasThem() {
    Config config =
        load("camera-defaults.fps = 5, cameras { lot.source = a.mp4, \"gate.2\" { fps = 2.5 } }");

    assertThat(config.getDouble("cameras.lot.fps")).isEqualTo(5);
    assertThat(config.getString("cameras.lot.source")).isEqualTo("a.mp4");
    assertThat(config.getInt("cameras.lot.crop.left")).isZero();
    assertThat(config.getDouble("cameras.\"gate.2\".fps")).isEqualTo(2.5);
  }

  @Test
  void theKafkaBlockTakesAnyKey() {
    Config config = load("kafka { security.protocol = SSL, ssl.truststore.location = /t }");

    assertThat(config.getString("kafka.security.protocol")).isEqualTo("SSL");
    assertThat(config.getString("kafka.topic-prefix")).isEqualTo("fovea.");
    assertThat(config.getInt("kafka.partitions")).isEqualTo(3);
  }

  @Test
  void blocksAreOnlyAsFreeAsTheOwnerSays() {
    assertThat(
            refusal(
                () ->
                    StrictConfig.load(
                        ExampleConfig.class,
                        ConfigFactory.parseString("kafka.acks = all"),
                        Set.of(),
                        Map.of())))
        .isEqualTo("unknown key \"kafka.acks\"");
  }

  @Test
  void anOptionBeatsTheEnvironmentAndTheEnvironmentBeatsTheFile() throws IOException {
    Map<String, String> environment = Map.of("FOVEA_WEB_PORT", "81", "HOME", "/h", "odd.%%", "x");
    Config file = StrictConfig.parse(file("web.port = 82, web.host = ${HOME}"));

    Config fromFile = load(file, environment);
    assertThat(fromFile.getInt("web.port")).isEqualTo(81);
    assertThat(fromFile.getString("web.host")).isEqualTo("/h");
    assertThat(fromFile.root().keySet()).doesNotContain("HOME", "odd.%%");
    assertThat(load(ConfigFactory.empty(), environment).getInt("web.port")).isEqualTo(81);
    assertThat(load(file, Map.of("HOME", "")).getInt("web.port")).isEqualTo(82);

    Config option = ConfigFactory.parseMap(Map.of("web.port", 83)).withFallback(file);
    assertThat(load(option, environment).getInt("web.port")).isEqualTo(83);
  }

  @Test
  void aBadEnvironmentVariableIsNamed() {
    assertThat(refusal(() -> load(ConfigFactory.empty(), Map.of("FOVEA_WEB_PORT", "eighty"))))
        .isEqualTo("environment variable FOVEA_WEB_PORT: web.port = \"eighty\": must be a number");
  }

  @Test
  void aMissingFileAFolderAndASyntaxErrorAreOneSentenceEach() throws IOException {
    Path missing = folder.resolve("nope.conf");
    assertThat(refusal(() -> StrictConfig.parse(missing)))
        .isEqualTo(missing + ": there is no such file");
    assertThat(refusal(() -> StrictConfig.parse(folder))).isEqualTo(folder + ": is not a file");

    Path broken = file("a = 1\nb = {\n c = \n d = 3 ]");
    assertThat(refusal(() -> StrictConfig.parse(broken))).startsWith(broken + ":4: ");

    Path unresolved = file("\nweb.host = ${NOT_THERE}");
    assertThat(refusal(() -> load(StrictConfig.parse(unresolved), Map.of())))
        .isEqualTo(unresolved + ":2: Could not resolve substitution to a value: ${NOT_THERE}");
  }

  @Test
  void rangesAreCheckedWithKeyValueAndPlace() throws IOException {
    Path file = file("web.port = 80.5\nthreshold = 1.5\nread-deadline = 2 days\nweb.host = b");
    Config config = StrictConfig.load(ExampleConfig.class, StrictConfig.parse(file));

    assertThat(refusal(() -> StrictConfig.intBetween(config, "web.port", 0, 65535)))
        .isEqualTo(file + ":1: web.port = 80.5: must be a whole number from 0 to 65535");
    assertThat(refusal(() -> StrictConfig.doubleBetween(config, "threshold", 0, 1)))
        .isEqualTo(file + ":2: threshold = 1.5: must be a number from 0.0 to 1.0");
    assertThat(
            refusal(
                () ->
                    StrictConfig.durationBetween(
                        config, "read-deadline", Duration.ofMillis(100), Duration.ofMinutes(1))))
        .isEqualTo(file + ":3: read-deadline = \"2 days\": must be a time from 100 ms to 1 min");
    assertThat(refusal(() -> StrictConfig.oneOf(config, "web.host", Set.of("y", "x"))))
        .isEqualTo(file + ":4: web.host = \"b\": must be one of x, y");

    assertThat(StrictConfig.intBetween(load("web.port = 65535"), "web.port", 0, 65535))
        .isEqualTo(65535);
    assertThat(StrictConfig.doubleBetween(load("threshold = 1"), "threshold", 0, 1)).isEqualTo(1);
  }

  @Test
  void theLibrarysOwnErrorsReadAlike() throws IOException {
    Path file = file("\nread-deadline = 5 lightyears");
    Config config = StrictConfig.load(ExampleConfig.class, StrictConfig.parse(file));

    assertThat(refusal(() -> config.getDuration("read-deadline")))
        .startsWith(file + ":2: read-deadline: Could not parse time unit 'lightyears'");
  }

  @Test
  void secretsStayOutOfMessages() {
    assertThat(refusal(() -> load("classes = \"rtsp://me:pw@host/\"")))
        .isEqualTo("classes = \"rtsp://•••@host/\": must be a list [ … ]");
  }

  @Test
  void theReferenceTextIsTheFileAndTheSharedKafkaBlock() {
    assertThat(StrictConfig.referenceText(ExampleConfig.class))
        .startsWith("# A reference as a service has it")
        .contains("port = ${?FOVEA_WEB_PORT}")
        .contains("startup-timeout = 60 s");
    assertThat(ConfigFactory.parseString(StrictConfig.referenceText(ExampleConfig.class)).root())
        .containsKeys("web", "kafka");
  }

  private Path file(String text) throws IOException {
    Path file = Files.createTempFile(folder, "my", ".conf");
    return Files.writeString(file, text);
  }

  private static Config load(String text) {
    return StrictConfig.load(ExampleConfig.class, ConfigFactory.parseString(text));
  }

  private static Config load(Config user, Map<String, String> environment) {
    return StrictConfig.load(
        ExampleConfig.class,
        user,
        Set.of("kafka"),
        Map.of("cameras", "camera-defaults"),
        environment);
  }

  private static String refusal(ThrowingCallable call) {
    ConfigException e = catchThrowableOfType(ConfigException.class, call);
    assertThat(e).isNotNull();
    return StrictConfig.explain(e);
  }
}
