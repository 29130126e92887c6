/**
 * Detections and counts in SQL. Rows, totals and the Kafka offsets they came from are written in
 * one database transaction, so that every record counts exactly once whatever is killed. DuckDB by
 * default, PostgreSQL by url; reads and writes are separate interfaces.
 */
@NullMarked
package dev.fovea.sink.store;

import org.jspecify.annotations.NullMarked;
