package dev.fovea.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The bundled model for cameras, as the demo serves it, on pictures it was not trained on. */
class BundledStreetIT {
  private static final Path DATA = Path.of("../../shared/data/street");

  @Test
  void findsWhatItsReadmeSays() throws Exception {
    assumeThat(DATA.resolve("val.json")).as("../shared/data/street is not here").exists();
    assertThat(Files.exists(Path.of("../models/street-int8/manifest.json"))).isTrue();
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();

    int status =
        Main.commandLine()
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err))
            .execute(
                "evaluate",
                "--ground-truth",
                DATA.resolve("val.json").toString(),
                "--images",
                DATA.resolve("images").toString(),
                "--model",
                "../models/street-int8",
                "--json");

    assertThat(status).as("%s", err).isZero();
    JsonNode figures = new ObjectMapper().readTree(out.toString());
    assertThat(figures.get("AP50").doubleValue()).isGreaterThan(0.50);
    assertThat(figures.at("/perClassAP50/car").doubleValue()).isGreaterThan(0.80);
  }
}
