package dev.fovea.ingest.source;

import dev.fovea.schema.avro.LabelledBox;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One frame as a source delivers it.
 *
 * @param index the frame's number in the source, from 0; goes on when a file is looped
 * @param name the file's name where each picture is a file of its own; else null
 * @param mediaTimeMicros position in the source, microseconds since its first frame; what a target
 *     frame rate is measured against
 * @param captureTimeMicros when it was taken, microseconds since the epoch, as far as the source
 *     knows; made strictly increasing further on
 * @param picture the pixels, valid until the source is asked for the next frame
 * @param corrupt libav reported damage in this picture
 * @param truth what is in the picture, boxes in its own pixels; null where the source does not know
 */
public record CapturedFrame(
    long index,
    @Nullable String name,
    long mediaTimeMicros,
    long captureTimeMicros,
    Picture picture,
    boolean corrupt,
    @Nullable List<LabelledBox> truth) {}
