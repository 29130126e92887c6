/**
 * The contracts between the services: the topics with their keys, values and retention, the two
 * Avro wire formats, and the connection to Kafka. The records themselves are generated from {@code
 * src/main/avro} into {@link dev.fovea.schema.avro}.
 */
@NullMarked
package dev.fovea.schema;

import org.jspecify.annotations.NullMarked;
