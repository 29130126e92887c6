package dev.fovea.plan;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;

/**
 * {@code Main ONNX PLAN fp32|fp16 WORKSPACE_BYTES}: builds the plan of an ONNX file for the first
 * GPU.
 *
 * <p>What it has to say comes on standard output: lines that begin with {@code step: } say what it
 * is at, one that begins with {@code error: } why there is no plan; all others are TensorRT's own
 * log. Exit status 0 means that the plan is written and whole. The caller has made sure that there
 * are a driver, a GPU and TensorRT's libraries.
 */
public final class Main {
  private static final int ARGUMENTS = 4;

  private Main() {}

  public static void main(String[] args) {
    int status = run(args, System.out);
    System.out.flush();
    // Not exit: what TensorRT tears down at an orderly end is no longer of interest.
    Runtime.getRuntime().halt(status);
  }

  private static int run(String[] args, PrintStream out) {
    if (args.length != ARGUMENTS) {
      out.println("error: wants ONNX PLAN fp32|fp16 WORKSPACE_BYTES");
      return 2;
    }
    try {
      boolean halfPrecision = args[2].equals("fp16");
      new PlanBuild(halfPrecision, Long.parseLong(args[3]), out)
          .build(Path.of(args[0]), Path.of(args[1]));
      return 0;
    } catch (RefusedException e) {
      out.println("error: " + e.getMessage());
    } catch (IOException e) {
      out.println("error: " + args[1] + " cannot be written: " + e.getMessage());
    } catch (LinkageError e) {
      out.println("error: TensorRT's libraries do not load: " + firstLine(e));
    }
    return 1;
  }

  private static String firstLine(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return String.valueOf(root.getMessage()).lines().findFirst().orElse("");
  }
}
