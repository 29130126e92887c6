package dev.fovea.ingest.publish;

import dev.fovea.ingest.source.SourceOptions;
import dev.fovea.ingest.source.SourceSpec;
import dev.fovea.schema.CameraId;

/**
 * One camera, as configured.
 *
 * @param id its name
 * @param source where its pictures come from
 * @param options how the source is read
 * @param framesPerSecond target rate; 0 = every frame
 * @param size what pictures are recorded at
 * @param quality JPEG quality on libjpeg's scale, 1 to 100
 */
public record CameraSettings(
    CameraId id,
    SourceSpec source,
    SourceOptions options,
    double framesPerSecond,
    RecordedSize size,
    int quality) {}
