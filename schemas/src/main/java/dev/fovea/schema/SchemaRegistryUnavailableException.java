package dev.fovea.schema;

import org.apache.kafka.common.errors.RetriableException;

/**
 * The schema registry did not answer, or not in time. Nothing is wrong with the record: the same
 * call may succeed later, and a consumer's position has not moved. Never a reason for a dead
 * letter.
 */
public final class SchemaRegistryUnavailableException extends RetriableException {
  SchemaRegistryUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
