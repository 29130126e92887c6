package dev.fovea.standalone.command;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.fovea.detector.model.ModelLoadException;
import dev.fovea.schema.StrictConfig;
import dev.fovea.standalone.models.ModelSite;
import dev.fovea.trainer.TrainerConfig;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where a model's releases are: as the trainer's configuration says. */
final class ModelsOptions {
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "The trainer's configuration: its Kafka, store and model (`fovea config trainer`).")
  private @Nullable Path config;

  ModelSite open() throws ModelLoadException, InterruptedException {
    Config user = config == null ? ConfigFactory.empty() : StrictConfig.parse(config);
    return ModelSite.open(TrainerConfig.from(StrictConfig.load(TrainerConfig.class, user)));
  }
}
