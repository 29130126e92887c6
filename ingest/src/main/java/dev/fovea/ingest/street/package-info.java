/**
 * A street drawn from a seed, with the exact boxes of what is in it: a camera that needs no
 * hardware and a data set that needs no labelling. {@link dev.fovea.ingest.street.StreetScene}
 * draws one frame of one street; {@link dev.fovea.ingest.street.StreetDataset} writes many as COCO.
 * The world is three-dimensional (metres; x right, y up, z along the road, camera at z = 0) and
 * every moving thing is a function of time, so any frame can be drawn without those before it.
 */
@NullMarked
package dev.fovea.ingest.street;

import org.jspecify.annotations.NullMarked;
