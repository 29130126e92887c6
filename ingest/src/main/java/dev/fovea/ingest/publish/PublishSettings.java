package dev.fovea.ingest.publish;

import java.time.Duration;

/**
 * What holds for all cameras.
 *
 * @param inFlightFrames most frames of a camera that wait for Kafka's acknowledgement
 * @param inFlightBytes most bytes of a camera that do
 * @param maxRecordBytes largest record that is sent
 * @param statusInterval how often a camera says how it is, at the least
 * @param firstRetry waiting time after a camera's first failure
 * @param longestRetry longest waiting time between two tries
 */
public record PublishSettings(
    int inFlightFrames,
    long inFlightBytes,
    int maxRecordBytes,
    Duration statusInterval,
    Duration firstRetry,
    Duration longestRetry) {}
