package dev.fovea.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** Single steps of the frame path, by JMH. */
@Command(
    name = "micro",
    header = "JMH benchmarks of single steps of the frame path.",
    description = {
      "JPEG to input, one run of the engine, outputs to boxes. What follows goes to JMH."
    },
    footer = {"", "  fovea bench micro Preprocess -prof gc", "  fovea bench micro -l"})
final class MicroBench implements Callable<Integer> {
  @Unmatched private final List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() throws Exception {
    org.openjdk.jmh.Main.main(arguments.toArray(String[]::new));
    return 0;
  }
}
