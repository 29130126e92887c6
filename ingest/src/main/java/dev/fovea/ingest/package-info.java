/**
 * The ingest service: cameras in, the {@code frames} topic out. {@link dev.fovea.ingest.Main} puts
 * it together, {@link dev.fovea.ingest.IngestConfig} says how; sources are in {@code source}, the
 * synthetic street in {@code street}, encoding, ledger and Kafka in {@code publish}.
 */
@NullMarked
package dev.fovea.ingest;

import org.jspecify.annotations.NullMarked;
