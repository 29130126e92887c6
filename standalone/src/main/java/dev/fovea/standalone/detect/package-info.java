/**
 * {@code fovea detect}: files in, COCO results and annotated pictures out, without Kafka but
 * through the same source, encoder, pre-processing, engine and decoder as the services.
 */
@NullMarked
package dev.fovea.standalone.detect;

import org.jspecify.annotations.NullMarked;
