package dev.fovea.standalone.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.fovea.schema.KafkaSettings;
import dev.fovea.schema.StrictConfig;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a command that is no service reaches Kafka. */
final class KafkaOptions {
  private static final String BLOCK = "kafka";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings of any service; only their kafka block counts.")
  private @Nullable Path config;

  @Option(
      names = {"--kafka", "--bootstrap"},
      paramLabel = "HOST:PORT",
      description = "Brokers to start from, in place of kafka.bootstrap.servers.")
  private @Nullable String bootstrapServers;

  KafkaSettings settings() {
    Config user = config == null ? ConfigFactory.empty() : StrictConfig.parse(config);
    Config kafka = StrictConfig.load(KafkaSettings.class, user.withOnlyPath(BLOCK));
    if (bootstrapServers != null) {
      kafka =
          ConfigFactory.parseMap(Map.of(BLOCK + ".bootstrap.servers", bootstrapServers))
              .withFallback(kafka);
    }
    return KafkaSettings.from(kafka.getConfig(BLOCK));
  }
}
