package dev.fovea.sink.topology;

import java.util.Map;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.errors.ProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.Record;

/**
 * Sets a record aside as a dead letter if the record is at fault ({@link BadRecordException}); any
 * other failure stops the topology, for the next record would fail as well. Kafka Streams makes it,
 * by name.
 */
public final class BadRecordHandler implements ProcessingExceptionHandler {
  private final LogAndContinueProcessingExceptionHandler setAside =
      new LogAndContinueProcessingExceptionHandler();

  @Override
  public void configure(Map<String, ?> settings) {
    setAside.configure(settings);
  }

  @Override
  public Response handleError(
      ErrorHandlerContext context, Record<?, ?> record, Exception exception) {
    return exception instanceof BadRecordException
        ? setAside.handleError(context, record, exception)
        : Response.fail();
  }
}
