package dev.fovea.standalone.command;

import com.typesafe.config.ConfigException;
import dev.fovea.schema.StrictConfig;
import java.io.PrintWriter;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/**
 * Turns an exception of a command into one sentence on standard error; the stack trace is for
 * {@code FOVEA_LOG_LEVEL=DEBUG}.
 */
public final class OneSentenceErrors implements IExecutionExceptionHandler {
  @Override
  public int handleExecutionException(Exception e, CommandLine command, ParseResult result) {
    PrintWriter err = command.getErr();
    err.println("fovea: " + sentence(e));
    err.flush();
    // Made here, not in a static field: a demo names its log file after this class has been loaded.
    LoggerFactory.getLogger(OneSentenceErrors.class).debug("stack trace", e);
    return command.getCommandSpec().exitCodeOnExecutionException();
  }

  /** The message of the first exception in the chain that has one, else what it is. */
  static String sentence(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      String message =
          t instanceof ConfigException config ? StrictConfig.explain(config) : t.getMessage();
      if (message != null && !message.isBlank()) {
        return message;
      }
    }
    return "failed with " + e.getClass().getName();
  }
}
